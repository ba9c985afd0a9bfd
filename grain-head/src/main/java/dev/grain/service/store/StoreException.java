package dev.grain.service.store;

/** What is stored cannot be read or changed, for a reason that has nothing to do with a change. */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Kind kind;

  /** What has to be done about it. */
  public enum Kind {
    /** The disk is full: nothing was changed, and reading works. */
    FULL,
    /** The database is away, or was closed: a change may have been made, or not. */
    AWAY,
    /** The head cannot start with this database. */
    UNUSABLE
  }

  public StoreException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public StoreException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** Returns what has to be done about it. */
  public Kind kind() {
    return kind;
  }
}
