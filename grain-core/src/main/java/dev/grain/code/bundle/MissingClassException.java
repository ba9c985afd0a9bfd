package dev.grain.code.bundle;

/** A class is not where the classes of a program are on a worker; the message is a sentence. */
public final class MissingClassException extends ClassNotFoundException {
  private static final long serialVersionUID = 1;

  MissingClassException(String message) {
    super(message);
  }
}
