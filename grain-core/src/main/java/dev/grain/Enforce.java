package dev.grain;

/**
 * How strictly the requests of jobs are enforced: their cores, their memory, and the number of
 * their processes. Applies to commands and isolated functions; other functions share the JVM of a
 * worker.
 */
public enum Enforce {
  /** Requests are only counted; processes are not limited. */
  OFF,
  /**
   * Processes are limited by the best available mechanism: control groups v2 or v1, otherwise CPU
   * affinity and sampling of their memory.
   */
  BEST,
  /**
   * Processes are limited by control groups for cores, memory and the number of processes. Without
   * control groups, the worker or run does not start.
   */
  REQUIRE
}
