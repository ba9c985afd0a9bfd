package dev.grain.minion;

/**
 * How many items a minion takes from the queue before the first of them has ended: as many as run
 * at a time, and a few that wait for their slots, if items are short. There, the way over the
 * thread of the queue would take longer than the items. For one thread.
 */
final class Window {
  /** How long the items that wait for slots may take together. */
  private static final long WAITING_NANOS = 20_000_000;

  private static final int MOST_WAITING = 512;

  /** How much the last item counts for the time between two ends: one in this number. */
  private static final int NEWEST = 8;

  private final int items;
  private final boolean ahead;
  private long lastEnd;
  private long between = WAITING_NANOS;

  /**
   * Makes the window of a minion that has not seen any item.
   *
   * @param items how many run at a time
   * @param ahead whether more of them may be started, which then wait for slots
   */
  Window(int items, boolean ahead) {
    this.items = items;
    this.ahead = ahead;
  }

  /**
   * Returns how many may be in flight: no more than run at a time if none has ended for a while, as
   * further ones would wait behind a long one.
   *
   * @param now the time, in nanoseconds of the clock of {@link #ended}
   */
  int size(long now) {
    long each = Math.max(between, Math.min(now - lastEnd, 2 * WAITING_NANOS));
    return ahead
        ? items + Math.clamp(WAITING_NANOS / Math.max(1, each) - 1, 0, MOST_WAITING)
        : items;
  }

  /**
   * An item has ended.
   *
   * @param now when, in nanoseconds of any clock
   */
  void ended(long now) {
    long took = Math.min(now - lastEnd, 2 * WAITING_NANOS);
    between += (took - between) / NEWEST;
    lastEnd = now;
  }
}
