package dev.grain.service;

/** A head cannot start, or cannot go on; the message is a sentence that says what to do. */
public final class HeadException extends RuntimeException {
  private static final long serialVersionUID = 1;

  HeadException(String message) {
    super(message);
  }

  HeadException(String message, Throwable cause) {
    super(message, cause);
  }
}
