package dev.grain.session;

import java.io.IOException;

/**
 * The peer sent what it must not send; the connection is of no more use. The message states what,
 * in a sentence, and where in the frame.
 */
public final class WireException extends IOException {
  private static final long serialVersionUID = 1;

  public WireException(String message) {
    super(message);
  }
}
