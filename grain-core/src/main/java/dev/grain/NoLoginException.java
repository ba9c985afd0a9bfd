package dev.grain;

import java.io.IOException;

/** A source has no login for a server, which can be asked without one. */
final class NoLoginException extends IOException {
  private static final long serialVersionUID = 1;

  NoLoginException(String message) {
    super(message);
  }
}
