package dev.grain.benchmarks;

/** The side of a system that submits jobs. Used by one thread. */
interface Head {
  /**
   * Submits jobs with the numbers from 0 on, waits for all, and returns the sum of the results.
   *
   * @throws Exception if a job has no result
   */
  long throughput(Load load, int jobs) throws Exception;
}
