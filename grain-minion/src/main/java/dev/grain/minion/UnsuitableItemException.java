package dev.grain.minion;

import java.io.Serial;

/** An item cannot be what a method takes, so it never will be done. */
final class UnsuitableItemException extends IllegalArgumentException {
  @Serial private static final long serialVersionUID = 1;

  UnsuitableItemException(String message, Throwable cause) {
    super(message, cause);
  }
}
