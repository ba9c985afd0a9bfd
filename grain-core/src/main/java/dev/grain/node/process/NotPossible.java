package dev.grain.node.process;

/** Says why a command cannot be started, in a sentence. */
public final class NotPossible extends Exception {
  private static final long serialVersionUID = 1;

  private final boolean ofThisNode;

  /**
   * Makes one.
   *
   * @param reason what follows "could not start its program: "
   */
  public NotPossible(String reason) {
    this(reason, false);
  }

  private NotPossible(String reason, boolean ofThisNode) {
    super(reason, null, false, false);
    this.ofThisNode = ofThisNode;
  }

  /** Returns one for what this node lacks, and another one may have. */
  static NotPossible here(String reason) {
    return new NotPossible(reason, true);
  }

  /** Its words and variables are more than the system takes. */
  static NotPossible tooLong() {
    return new NotPossible(
        "its arguments and environment are longer than the system allows (getconf ARG_MAX);"
            + " pass a file, for example with Command.input");
  }

  static void ensure(boolean condition, String reason, Object detail) throws NotPossible {
    if (!condition) {
      throw new NotPossible(reason.formatted(detail));
    }
  }

  /** Returns whether another node may be able to start it. */
  boolean isOfThisNode() {
    return ofThisNode;
  }

  /** Returns why. */
  public String reason() {
    return String.valueOf(getMessage());
  }
}
