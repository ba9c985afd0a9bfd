package dev.grain.redis;

/** The server was not reached, or is not able to serve now. What was asked may have been done. */
final class LostException extends Exception {
  private static final long serialVersionUID = 1;

  LostException(String message, Throwable cause) {
    super(message, cause);
  }
}
