package dev.grain.node;

import dev.grain.bytes.Bytes;
import dev.grain.job.Allocation;
import dev.grain.message.AttemptEnd;
import dev.grain.message.Order;

/** Runs the functions of jobs; a node tells it when to start and when to interrupt. */
public interface JobRunner {
  /**
   * Starts the job. Must neither block nor call back before it returns.
   *
   * @param order what to run
   * @param allocation what it holds
   * @param events what to tell about it, from any thread
   */
  Running start(Order order, Allocation allocation, Events events);

  /** A job that runs. */
  interface Running {
    /** Interrupts it; does nothing once it has ended. */
    void interrupt();
  }

  /** What a runner tells about a job; for any thread. */
  interface Events {
    /**
     * It has ended: its function has returned or thrown. To be called once, on a thread that is
     * done with the job; it may start the next one.
     */
    void ended(AttemptEnd end);

    /** It could not run, for want of a thread; instead of {@link #ended}. */
    void notRun(AttemptEnd why);

    /**
     * It has printed something.
     *
     * @param text in UTF-8
     * @param error whether on the error stream
     */
    void printed(Bytes text, boolean error);
  }
}
