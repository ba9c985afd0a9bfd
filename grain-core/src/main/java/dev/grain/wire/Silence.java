package dev.grain.wire;

/**
 * Measures how long nothing was received, in equal steps. It counts steps and not a clock, so that
 * a process that was itself stopped for a while does not blame the other side.
 */
final class Silence {
  private final long step;
  private final long bound;
  private long silent;

  /**
   * Starts with nothing missed.
   *
   * @param step how long a step is, in nanoseconds
   * @param bound how long nothing may be received, in nanoseconds
   */
  Silence(long step, long bound) {
    this.step = step;
    this.bound = bound;
  }

  /**
   * Takes a step.
   *
   * @param heard whether something was received since the step before
   * @return whether nothing was received for too long
   */
  boolean tick(boolean heard) {
    silent = heard ? 0 : silent + step;
    return silent >= bound;
  }
}
