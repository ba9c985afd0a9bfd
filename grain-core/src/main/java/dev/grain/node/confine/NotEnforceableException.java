package dev.grain.node.confine;

/** A node must keep processes to their limits, but cannot; its message says why and what to do. */
public final class NotEnforceableException extends Exception {
  private static final long serialVersionUID = 1;

  NotEnforceableException(String message) {
    super(message);
  }
}
