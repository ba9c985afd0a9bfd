package dev.grain;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The job never started: no worker could ever meet its request, or workers could not start it; or,
 * for an input of a {@code map}, the input could not be encoded, and an {@link EncodingException}
 * is the cause.
 */
public final class JobNotStartedException extends JobException {
  private static final long serialVersionUID = 1;

  /**
   * Makes the exception.
   *
   * @param job the job
   * @param attempts every try of it
   * @param message which job, what happened, what to do
   * @param cause what went wrong beneath, if anything
   */
  public JobNotStartedException(
      JobId job, List<Attempt> attempts, String message, @Nullable Throwable cause) {
    super(job, attempts, message, cause);
  }

  @Override
  public Cause cause() {
    return Cause.NOT_STARTED;
  }
}
