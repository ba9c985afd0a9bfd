package dev.grain;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The processes of the job needed more memory than the job had requested, and were killed, or the
 * JVM of an isolated function used up its heap. The message names both amounts. A function in the
 * JVM of a worker fails otherwise: with an {@link OutOfMemoryError} as the cause of a {@link
 * JobFailedException}.
 */
public final class JobOutOfMemoryException extends JobException {
  private static final long serialVersionUID = 1;

  /**
   * Makes the exception.
   *
   * @param job the job
   * @param attempts every try of it
   * @param message which job, what happened, what to do
   * @param cause what went wrong beneath, if anything
   */
  public JobOutOfMemoryException(
      JobId job, List<Attempt> attempts, String message, @Nullable Throwable cause) {
    super(job, attempts, message, cause);
  }

  @Override
  public Cause cause() {
    return Cause.OUT_OF_MEMORY;
  }
}
