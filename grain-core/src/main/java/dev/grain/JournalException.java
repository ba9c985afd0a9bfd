package dev.grain;

import org.jspecify.annotations.Nullable;

/** The journal of the run cannot be opened or written. */
public final class JournalException extends GrainException {
  private static final long serialVersionUID = 1;

  /**
   * Makes the exception.
   *
   * @param message which file, why, and what to do
   * @param cause what went wrong beneath, if anything
   */
  public JournalException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
