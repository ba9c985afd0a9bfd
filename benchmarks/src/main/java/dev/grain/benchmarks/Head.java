package dev.grain.benchmarks;

/** The side of a system that submits jobs. Used by one thread. */
interface Head {
  /** A call that takes a number to the worker and back. */
  @FunctionalInterface
  interface Call {
    /** Returns the number after. */
    int of(int number) throws Exception;
  }

  /**
   * Submits jobs with the numbers from 0 on, waits for all, and returns the sum of the results.
   *
   * @throws Exception if a job has no result
   */
  long throughput(Load load, int jobs) throws Exception;

  /**
   * Submits jobs that compute, with the numbers from 0 on, waits for all, and returns the sum of
   * the results.
   *
   * @param units how much each of them computes
   * @throws Exception if a job has no result
   */
  default long compute(int units, int jobs) throws Exception {
    throw new UnsupportedOperationException("This system is not asked to compute");
  }

  /**
   * Has {@link Jobs#bytes} cross to the worker or back.
   *
   * @param size how many of them
   * @return their {@link Jobs#check}
   * @throws Exception if they do not cross
   */
  default long bulk(Direction direction, int size) throws Exception {
    throw new UnsupportedOperationException("This system is not given large values");
  }

  /**
   * Runs small jobs as {@link #latency} does, while arguments are on their way, one after the
   * other.
   *
   * @param meanwhile the bytes of such an argument, 0 for none
   * @throws Exception if a job has no result
   */
  default long smallJobs(int meanwhile, long[] nanos) throws Exception {
    throw new UnsupportedOperationException("This system is not given large values");
  }

  /**
   * Runs an empty job and waits for its result.
   *
   * @return the number after
   * @throws Exception if it has no result
   */
  int call(int number) throws Exception;

  /**
   * Runs jobs with the numbers from 0 on, one at a time.
   *
   * @param nanos as many as there are jobs; each is set to how long its job took
   * @return the sum of the results
   * @throws Exception if a job has no result
   */
  default long latency(Way way, long[] nanos) throws Exception {
    return timed(this::call, nanos);
  }

  /** Calls and takes the time; see {@link #latency}. */
  static long timed(Call call, long[] nanos) throws Exception {
    long sum = 0;
    for (int i = 0; i < nanos.length; i++) {
      long began = System.nanoTime();
      sum += call.of(i);
      nanos[i] = System.nanoTime() - began;
    }
    return sum;
  }
}
