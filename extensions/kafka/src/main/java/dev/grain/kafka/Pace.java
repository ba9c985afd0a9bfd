package dev.grain.kafka;

import java.util.List;

/**
 * How many items to take at a time: as many as the minion does in a short while, so that others get
 * theirs. For one thread.
 */
final class Pace {
  /** How long the items that were taken at a time may take together. */
  private static final double AHEAD_NANOS = 100e6;

  /** How much the last item counts for the means. */
  private static final double NEWEST = 1 / 8.0;

  /** So many that whole batches of producers are taken, which is cheaper for all. */
  static final int WIDEST = 1000;

  private static final List<Integer> WIDTHS = List.of(1, 8, 64, WIDEST);

  private double nanosEach = AHEAD_NANOS;
  private double inFlight = 1;

  /**
   * An item has ended.
   *
   * @param nanos how long the minion had it
   * @param others how many the minion had, with this one
   */
  void ended(long nanos, int others) {
    nanosEach += (nanos - nanosEach) * NEWEST;
    inFlight += (others - inFlight) * NEWEST;
  }

  /** Returns how many to take at a time. */
  int width() {
    double most = AHEAD_NANOS * inFlight / Math.max(1, nanosEach);
    int width = WIDTHS.getFirst();
    for (int each : WIDTHS) {
      width = each <= most ? each : width;
    }
    return width;
  }
}
