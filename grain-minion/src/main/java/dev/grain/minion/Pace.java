package dev.grain.minion;

/**
 * How fast a minion works, for engines that ask a broker for several items at a time: as many as
 * the minion works off in a few milliseconds, so that it does not keep from others what it does not
 * begin. For the thread of the queue.
 */
public final class Pace {
  private static final long AHEAD_NANOS = 10_000_000;
  private static final int MOST = 200;
  private static final long MOST_BYTES = 4 << 20;

  /** How much the last item counts for the time between two ends: one in this number. */
  private static final int NEWEST = 8;

  private long between = AHEAD_NANOS;
  private long lastEnd;
  private long waited;
  private long largest = 1;

  /** Makes the pace of a minion that has not ended any item. */
  public Pace() {}

  /**
   * The minion has got an item, or nothing.
   *
   * @param nanos how long it has waited, which is not its own pace
   * @param bytes the size of the item; zero for nothing
   */
  public void took(long nanos, int bytes) {
    waited += nanos;
    largest = Math.max(bytes, largest - (bytes == 0 ? 0 : largest / NEWEST));
  }

  /**
   * The minion has ended an item.
   *
   * @param now when, in nanoseconds of any clock
   */
  public void ended(long now) {
    long took = Math.clamp(now - lastEnd - waited, 0, 2 * AHEAD_NANOS);
    between += (took - between) / NEWEST;
    lastEnd = now;
    waited = 0;
  }

  /** Returns how many items to ask for; at least 1. */
  public int size() {
    long items = Math.min(AHEAD_NANOS / Math.max(1, between), MOST_BYTES / Math.max(1, largest));
    return Math.clamp(items, 1, MOST);
  }
}
