package dev.grain.code;

import org.jspecify.annotations.Nullable;

/** A function that is named cannot be called as it was asked for; the message says why. */
public final class UncallableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  UncallableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
