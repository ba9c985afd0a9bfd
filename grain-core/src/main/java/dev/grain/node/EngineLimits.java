package dev.grain.node;

/**
 * What an engine keeps to.
 *
 * @param overtaking how many others the job that waits longest lets pass
 * @param lookahead how many waiting jobs that do not fit, from the one that waits longest, are
 *     looked at
 * @param cancelGrace after how many nanoseconds a job that was told to stop is killed, or reported
 */
public record EngineLimits(int overtaking, int lookahead, long cancelGrace) {
  /** What suits a worker that serves any run. */
  public static final EngineLimits DEFAULT = new EngineLimits(100, 64, 10_000_000_000L);
}
