package dev.grain.minion;

import java.util.List;

/**
 * How many items a minion takes at a time, for engines that need a consumer of its own for each
 * such number: as many as the minion does in half a second, so that others get theirs. For the
 * thread of the queue.
 */
public final class Widths {
  private static final double AHEAD_NANOS = 500e6;

  /** And no more than this, also if a minion does many large items in that time. */
  private static final double AHEAD_BYTES = 32 << 20;

  /** How much the last item counts for the means, and each of the first few. */
  private static final double NEWEST = 1 / 8.0;

  private static final double NEWEST_OF_FIRST = 1 / 2.0;
  private static final int FIRST = 8;

  /** An item that takes longer than others counts as so many of them, as it may be the only one. */
  private static final double MOST_TIMES = 8;

  private final List<Integer> all;
  private double nanosEach = AHEAD_NANOS;
  private double bytesEach;
  private double inFlight = 1;
  private int ended;

  /**
   * Makes those of a minion that has not ended any item, which takes one at a time.
   *
   * @param all those there are, from 1 on; the last one is so many that it is cheap for a broker,
   *     also if items take microseconds
   */
  public Widths(List<Integer> all) {
    this.all = List.copyOf(all);
  }

  /**
   * An item has ended.
   *
   * @param nanos how long the minion had it
   * @param others how many the minion had, with this one
   * @param bytes its size
   */
  public void ended(long nanos, int others, int bytes) {
    double part = ended < FIRST ? NEWEST_OF_FIRST : NEWEST;
    ended++;
    nanosEach += (Math.min((double) nanos, MOST_TIMES * nanosEach) - nanosEach) * part;
    inFlight += (others - inFlight) * part;
    bytesEach += (bytes - bytesEach) * part;
  }

  /** Items had to go back, as the minion did not begin them for a long while. */
  public void tooMany() {
    nanosEach = AHEAD_NANOS;
    inFlight = 1;
    ended = 0;
  }

  /** Returns how many items the minion does in half a second; fewer if they are large. */
  public double ahead() {
    return Math.min(
        AHEAD_NANOS * inFlight / Math.max(1, nanosEach), AHEAD_BYTES / Math.max(1, bytesEach));
  }

  /** Returns how many to take at a time. */
  public int width() {
    double ahead = ahead();
    int width = all.getFirst();
    for (int each : all) {
      width = each <= ahead ? each : width;
    }
    return width;
  }
}
