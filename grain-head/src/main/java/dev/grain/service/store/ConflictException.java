package dev.grain.service.store;

/** What was asked for contradicts what is stored, so nothing was changed. */
public final class ConflictException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Kind kind;

  /** What contradicts. */
  public enum Kind {
    /** The same key came with another body before. */
    KEY_REUSED,
    /** The id, or the name, is that of something else. */
    TAKEN,
    /** There is no such thing. */
    UNKNOWN,
    /** It has ended, or takes no more tasks. */
    CLOSED,
    /** There would be more than the limit. */
    TOO_MANY
  }

  ConflictException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  /** Returns what contradicts. */
  public Kind kind() {
    return kind;
  }
}
