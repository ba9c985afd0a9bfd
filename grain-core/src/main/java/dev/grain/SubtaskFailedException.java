package dev.grain;

/**
 * A subtask of a wait group threw something other than a {@link JobException}; {@link #getCause()}
 * is what it threw.
 */
public final class SubtaskFailedException extends GrainException {
  private static final long serialVersionUID = 1;

  /**
   * Makes the exception.
   *
   * @param message which subtask, and what it threw
   * @param cause what it threw
   */
  public SubtaskFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
