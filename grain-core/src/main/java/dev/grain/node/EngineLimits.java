package dev.grain.node;

/**
 * What an engine keeps to.
 *
 * @param overtaking how many others the job that waits longest lets pass
 * @param lookahead how many waiting jobs that do not fit, from the one that waits longest, are
 *     looked at
 */
public record EngineLimits(int overtaking, int lookahead) {
  /** What suits a worker that serves any run. */
  public static final EngineLimits DEFAULT = new EngineLimits(100, 64);
}
