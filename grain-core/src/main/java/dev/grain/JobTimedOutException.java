package dev.grain;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The job reached its time limit and was stopped. */
public final class JobTimedOutException extends JobException {
  private static final long serialVersionUID = 1;

  /**
   * Makes the exception.
   *
   * @param job the job
   * @param attempts every try of it
   * @param message which job, what happened, what to do
   * @param cause what went wrong beneath, if anything
   */
  public JobTimedOutException(
      JobId job, List<Attempt> attempts, String message, @Nullable Throwable cause) {
    super(job, attempts, message, cause);
  }

  @Override
  public Cause cause() {
    return Cause.TIMED_OUT;
  }
}
