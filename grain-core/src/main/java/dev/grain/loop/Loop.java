package dev.grain.loop;

/**
 * One thread that runs tasks one after the other and knows the time: a Netty event loop in life, a
 * hand-driven one in the simulation.
 *
 * <p>Tasks must not block.
 */
public interface Loop {
  /**
   * Runs the task on the loop, after those posted before it. May be called by any thread.
   *
   * @throws java.util.concurrent.RejectedExecutionException if the loop has ended
   */
  void post(Runnable task);

  /**
   * Runs the task on the loop after the delay. May be called by any thread.
   *
   * @param delayNanos how long to wait, in nanoseconds; not negative
   * @return to call it off
   */
  Timer schedule(long delayNanos, Runnable task);

  /** Returns the time of a monotonic clock with an arbitrary origin, in nanoseconds. */
  long now();

  /** Returns whether the caller is a task of this loop. */
  boolean inLoop();

  /** A task that waits for its time. */
  interface Timer {
    /** Calls the task off if it has not run yet. To be called on the loop. */
    void cancel();
  }
}
