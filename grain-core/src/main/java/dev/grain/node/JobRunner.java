package dev.grain.node;

import dev.grain.Allocation;
import dev.grain.bytes.Bytes;
import dev.grain.message.AttemptEnd;
import dev.grain.message.Order;
import dev.grain.node.prepare.Ready;

/** Runs work of one kind; an engine starts and stops the jobs. */
public interface JobRunner {
  /**
   * Starts the job. Must neither block nor call back before it returns, unless it could not start.
   *
   * @param order what to run
   * @param allocation what it holds
   * @param ready what was made ready for it; stays so until it has ended
   * @param events receives its events, from any thread
   */
  Running start(Order order, Allocation allocation, Ready ready, Events events);

  /** A job that runs. Called on the node's loop, or by whoever has started it. */
  interface Running {
    /** Asks it to end; does nothing once it has ended. */
    void stop();

    /**
     * Ends it by force, if that is possible with work of this kind; its {@link Events#ended}
     * follows as for any other end. Does nothing once it has ended.
     *
     * @return whether it is possible
     */
    default boolean kill() {
      return false;
    }
  }

  /** The events of a job that a runner reports; for any thread. */
  interface Events {
    /**
     * It has ended. To be called once, on a thread that is done with the job; it may start the next
     * one.
     */
    void ended(AttemptEnd end);

    /** It could not run, for want of a thread, for example; instead of {@link #ended}. */
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
