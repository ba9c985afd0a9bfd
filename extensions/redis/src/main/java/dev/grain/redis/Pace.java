package dev.grain.redis;

/**
 * How many items a minion asks the server for at a time: as many as it works off in a few
 * milliseconds, so that it does not keep from others what it does not begin. For one thread.
 */
final class Pace {
  private static final long AHEAD_NANOS = 10_000_000;
  private static final int MOST = 200;
  private static final long MOST_BYTES = 4 << 20;

  /** How much the last item counts for the time between two: one in this number. */
  private static final int NEWEST = 8;

  private long between = AHEAD_NANOS;
  private long last;
  private long largest = 1;

  /**
   * The minion has been given an item.
   *
   * @param now when, in nanoseconds of any clock
   */
  void gave(long now, int bytes) {
    between += (Math.min(now - last, 2 * AHEAD_NANOS) - between) / NEWEST;
    last = now;
    largest = Math.max(bytes, largest - largest / NEWEST);
  }

  /** Returns how many to ask for. */
  int size() {
    long items = Math.min(AHEAD_NANOS / Math.max(1, between), MOST_BYTES / Math.max(1, largest));
    return Math.clamp(items, 1, MOST);
  }
}
