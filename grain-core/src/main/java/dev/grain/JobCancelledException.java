package dev.grain;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The job was cancelled: by itself, with its group or with the run. */
public final class JobCancelledException extends JobException {
  private static final long serialVersionUID = 1;

  /**
   * Makes the exception.
   *
   * @param job the job
   * @param attempts every try of it
   * @param message which job, what happened, what to do
   * @param cause what went wrong beneath, if anything
   */
  public JobCancelledException(
      JobId job, List<Attempt> attempts, String message, @Nullable Throwable cause) {
    super(job, attempts, message, cause);
  }

  @Override
  public Cause cause() {
    return Cause.CANCELLED;
  }
}
