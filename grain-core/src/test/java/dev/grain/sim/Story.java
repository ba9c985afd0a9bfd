package dev.grain.sim;

/** What a seed decides, to be run once. */
interface Story {
  /**
   * Lets everything happen.
   *
   * @throws IllegalStateException if something is not as it must be
   */
  void run();

  /** Returns what has happened. */
  Trace trace();

  /** Makes the story of a seed. */
  @FunctionalInterface
  interface Maker {
    /**
     * Makes it anew.
     *
     * @param recording whether the trace has lines
     */
    Story make(boolean recording);
  }
}
