package dev.grain.session;

/**
 * What a session keeps to.
 *
 * @param chunk how many bytes of messages, or of one large value, go into a frame; at most {@link
 *     #MOST_CHUNK}
 * @param large from how many bytes on a value goes in chunks; at most {@link #MOST_SMALL}
 * @param value how many bytes one value of a received message may have
 * @param congestion from how many bytes on that wait to be sent or acknowledged the session is
 *     congested
 * @param acknowledgedMessages after how many received things an acknowledgement goes at the end of
 *     a batch even if nothing else is sent
 * @param acknowledgedBytes the same for bytes of large values
 * @param acknowledgeDelay after how many nanoseconds an acknowledgement goes in any case
 */
public record SessionLimits(
    int chunk,
    int large,
    long value,
    long congestion,
    int acknowledgedMessages,
    long acknowledgedBytes,
    long acknowledgeDelay) {
  /** The most that a chunk may have: with what else is in its frame, it must fit in a frame. */
  public static final int MOST_CHUNK = 256 * 1024;

  /** The most that {@link #large} may be: a message of smaller values must fit in a frame. */
  public static final int MOST_SMALL = 64 * 1024;

  /** What suits a network. */
  public static final SessionLimits DEFAULT =
      new SessionLimits(MOST_CHUNK, MOST_SMALL, 2L << 30, 64L << 20, 128, 256 * 1024, 200_000_000);

  /** Checks the ranges. */
  public SessionLimits {
    if (chunk <= 0 || chunk > MOST_CHUNK || large <= 0 || large > MOST_SMALL) {
      throw new IllegalArgumentException(
          "Chunks of %s bytes, large from %s bytes on".formatted(chunk, large));
    }
    if (value < large || congestion <= 0 || acknowledgeDelay <= 0) {
      throw new IllegalArgumentException(
          "Values up to %s bytes, congested from %s bytes on, acknowledged after %s ns"
              .formatted(value, congestion, acknowledgeDelay));
    }
  }

  /**
   * Returns what suits a network, with values of at most two fifths of the heap: a value and what
   * it is encoded to, or decoded from, stand there side by side. What waits takes at most an eighth
   * of a small heap.
   */
  public static SessionLimits ofThisHeap() {
    long heap = Runtime.getRuntime().maxMemory();
    return new SessionLimits(
        DEFAULT.chunk,
        DEFAULT.large,
        heap / 5 * 2,
        Math.min(DEFAULT.congestion, heap / 8),
        DEFAULT.acknowledgedMessages,
        DEFAULT.acknowledgedBytes,
        DEFAULT.acknowledgeDelay);
  }

  /** Returns these limits with another bound of the bytes of a received value. */
  public SessionLimits withValue(long most) {
    return new SessionLimits(
        chunk, large, most, congestion, acknowledgedMessages, acknowledgedBytes, acknowledgeDelay);
  }
}
