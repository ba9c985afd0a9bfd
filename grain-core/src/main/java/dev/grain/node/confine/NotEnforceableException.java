package dev.grain.node.confine;

/** A node must enforce limits, but cannot; its message states why and what to do. */
public final class NotEnforceableException extends Exception {
  private static final long serialVersionUID = 1;

  NotEnforceableException(String message) {
    super(message);
  }
}
