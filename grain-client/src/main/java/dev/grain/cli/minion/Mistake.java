package dev.grain.cli.minion;

/** Something that the user has to change; the message says what. */
final class Mistake extends RuntimeException {
  private static final long serialVersionUID = 1;

  Mistake(String message) {
    super(message, null, false, false);
  }
}
