package dev.grain.rabbitmq;

/** The broker was not reached, or has ended the connection. What was asked may have been done. */
final class LostException extends Exception {
  private static final long serialVersionUID = 1;

  LostException(String message, Throwable cause) {
    super(message, cause);
  }
}
