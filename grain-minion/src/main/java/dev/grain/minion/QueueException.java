package dev.grain.minion;

import org.jspecify.annotations.Nullable;

/** A queue could not do what it was asked to. The message says why, and what to do. */
public final class QueueException extends Exception {
  private static final long serialVersionUID = 1;

  /** Makes the exception. */
  public QueueException(String message) {
    super(message);
  }

  /** Makes the exception with what has caused it. */
  public QueueException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
