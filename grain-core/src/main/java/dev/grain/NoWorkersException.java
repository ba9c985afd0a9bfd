package dev.grain;

import org.jspecify.annotations.Nullable;

/** The run has no worker, and none joined in time. */
public final class NoWorkersException extends GrainException {
  private static final long serialVersionUID = 1;

  /**
   * Makes the exception.
   *
   * @param message which workers were tried, and what to do
   * @param cause what went wrong beneath, if anything
   */
  public NoWorkersException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
