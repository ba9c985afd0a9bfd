package dev.grain.node.process;

/**
 * A process that {@link Children} has started. Its exit may be read only by the thread that calls
 * {@link Children#await}, and for those that this one hands it to.
 */
interface Child {
  /** Returns its id, which is that of its process group, too. */
  long pid();

  /**
   * Returns when it started, or a little before, in ticks since the machine did; 0 if that is not
   * known.
   */
  long startedTick();

  /**
   * Returns whether it has not ended, as far as is known. While this is true its id, and that of
   * its group, belong to no other process.
   */
  boolean isAlive();

  /**
   * Returns the exit code of one that has ended; 128 and its number for a signal.
   *
   * @throws IllegalStateException if it is not known
   */
  int exitCode();

  /**
   * Returns the CPU time of one that has ended and of those of its descendants that were waited
   * for, in nanoseconds; -1 if it is not known.
   */
  long cpuTime();
}
