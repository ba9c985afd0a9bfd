package dev.grain.service.event;

/** There is no room for another listener. */
public final class TooManyListenersException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final boolean ofUser;

  TooManyListenersException(String message, boolean ofUser) {
    super(message);
    this.ofUser = ofUser;
  }

  /** Returns whether the user has too many; otherwise all together are too many. */
  public boolean isOfUser() {
    return ofUser;
  }
}
