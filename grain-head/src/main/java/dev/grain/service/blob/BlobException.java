package dev.grain.service.blob;

/** What was sent of a blob is refused; the message says what to do. */
public final class BlobException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Kind kind;
  private final long arrived;

  /** Why it is refused. */
  public enum Kind {
    /** The bytes have another hash; all of them were removed. */
    WRONG_HASH,
    /** The upload does not go on where {@link #arrived} is. */
    WRONG_OFFSET,
    /** It is larger than a blob may be. */
    TOO_LARGE,
    /** Another upload has taken over what this one has written. */
    TAKEN_OVER,
    /** There is no such blob. */
    UNKNOWN
  }

  BlobException(Kind kind, long arrived, String message) {
    super(message);
    this.kind = kind;
    this.arrived = arrived;
  }

  /** Returns why it is refused. */
  public Kind kind() {
    return kind;
  }

  /** Returns where an upload can go on. */
  public long arrived() {
    return arrived;
  }
}
