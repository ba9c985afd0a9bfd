package dev.grain.cli;

/** Something that the user has to change; the message says what. */
public final class Mistake extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * Makes one.
   *
   * @param message a sentence
   */
  public Mistake(String message) {
    super(message, null, false, false);
  }
}
