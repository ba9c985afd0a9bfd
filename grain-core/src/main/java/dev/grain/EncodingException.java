package dev.grain;

import org.jspecify.annotations.Nullable;

/**
 * A function, an argument or a result could not be turned into bytes, or back from them; the
 * message names the path of the field and what to do.
 */
public final class EncodingException extends GrainException {
  private static final long serialVersionUID = 1;

  /**
   * Makes the exception.
   *
   * @param message which value, by which path, and what to do about it
   * @param cause what went wrong beneath, if anything
   */
  public EncodingException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
