package dev.grain.node.prepare;

/**
 * What a job needs could not be made ready. The message is a sentence for people: what failed, why,
 * and what to do; it has no secret in it.
 */
public final class PreparationException extends Exception {
  private static final long serialVersionUID = 1;

  private final boolean ofThisNode;

  private PreparationException(String message, boolean ofThisNode) {
    super(message);
    this.ofThisNode = ofThisNode;
  }

  /** Returns a failure that any node would have, as with a branch that does not exist. */
  public static PreparationException everywhere(String message) {
    return new PreparationException(message, false);
  }

  /** Returns a failure that another node may not have, as with a disk that is full. */
  public static PreparationException here(String message) {
    return new PreparationException(message, true);
  }

  /** Returns whether another node may be able to do it. */
  public boolean isOfThisNode() {
    return ofThisNode;
  }
}
