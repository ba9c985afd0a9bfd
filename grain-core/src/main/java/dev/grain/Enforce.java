package dev.grain;

/**
 * How strictly the processes of jobs are kept to what they have requested: to their cores, their
 * memory, and a number of processes. It concerns commands; a function in the JVM of a worker shares
 * that JVM with others.
 */
public enum Enforce {
  /** Requests are only counted; processes may use what they like. */
  OFF,
  /**
   * Processes are kept to their requests by the best that the machine offers: control groups of
   * version 2 or 1, otherwise the affinity of processes to cores and samples of their memory.
   */
  BEST,
  /**
   * Control groups limit cores, memory and the number of processes; without them nothing starts.
   */
  REQUIRE
}
