package dev.grain.dispatch;

import dev.grain.Attempt;
import dev.grain.JobStatus;
import dev.grain.bytes.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * Is notified of the progress of one job, in the order of events. Called on one thread of the
 * dispatch, which is the head's loop if the head is in this process; must not block.
 */
public interface JobClient {
  /** Returns the number of the job in its run. */
  long number();

  /**
   * Returns the number of its line in its run, always the same: the jobs that were submitted
   * together compete for slots as one, where the order of the queue is a raffle. 0 if the job is a
   * line of its own.
   */
  default long line() {
    return 0;
  }

  /**
   * Returns whether it is about to cancel the job, so that this need not start any more. Asked
   * where the head is in this process; others learn of it by the cancellation.
   */
  default boolean isGivenUp() {
    return false;
  }

  /**
   * The job is somewhere else.
   *
   * @param status QUEUED, SENT, RUNNING or STOPPING
   * @param attempt the number of the attempt under way, or of the next one
   * @param worker the name of the worker that has it; null for none
   */
  void onStatus(JobStatus status, int attempt, @Nullable String worker);

  /** An attempt has ended without the value of the job. */
  void onAttempt(Attempt ended);

  /**
   * An attempt has failed, and {@link Dispatch#decide} must be called, on any thread, to decide
   * whether there is another one.
   *
   * @param end how the job ends if there is none
   */
  void onFailedAttempt(int attempt, JobEnd end);

  /**
   * The job has printed something.
   *
   * @param worker the name of the worker that runs it
   * @param text in UTF-8
   * @param error whether on the error stream
   */
  void onOutput(String worker, Bytes text, boolean error);

  /**
   * The job has ended, exactly once.
   *
   * @param remains whether its function still runs, as it cannot be stopped
   */
  void onEnd(JobEnd end, boolean remains);
}
