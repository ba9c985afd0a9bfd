package dev.grain.minion.report;

import java.util.Arrays;

/**
 * How much there is where on an axis, such as ends of items over time. There is a fixed number of
 * buckets of equal width, which doubles when what was added lies too far apart, so that the space
 * does not depend on how much is added. For one thread.
 */
final class Buckets {
  private static final int MOST = 2048;

  /** Indices beyond are not exact as floating-point numbers. */
  private static final double LARGEST_INDEX = 1L << 50;

  private double width;
  // where bucket 0 begins: near the first place, so that sums of places stay small numbers
  private double origin;
  private boolean empty = true;
  // the index of the first of the array
  private long first;
  private int used;
  private final double[] amounts = new double[MOST];
  // amount times place, from the origin, summed
  private final double[] moments = new double[MOST];

  /**
   * Makes empty ones.
   *
   * @param width that of a bucket at first
   */
  Buckets(double width) {
    this.width = width;
  }

  Buckets(Buckets other) {
    this.width = other.width;
    this.origin = other.origin;
    this.empty = other.empty;
    this.first = other.first;
    this.used = other.used;
    System.arraycopy(other.amounts, 0, amounts, 0, used);
    System.arraycopy(other.moments, 0, moments, 0, used);
  }

  void add(double place, double amount) {
    if (empty) {
      empty = false;
      origin = Math.floor(place);
      first = index(place);
      used = 1;
    }
    double from = place - origin;
    while (Math.abs(from / width) > LARGEST_INDEX || !fits(index(place))) {
      widen();
    }
    long index = index(place);
    extendTo(index);
    int slot = (int) (index - first);
    amounts[slot] += amount;
    moments[slot] += amount * from;
  }

  private long index(double place) {
    return (long) Math.floor((place - origin) / width);
  }

  private boolean fits(long index) {
    return Math.max(first + used - 1, index) - Math.min(first, index) < MOST;
  }

  private void extendTo(long index) {
    if (index < first) {
      int more = (int) (first - index);
      System.arraycopy(amounts, 0, amounts, more, used);
      System.arraycopy(moments, 0, moments, more, used);
      Arrays.fill(amounts, 0, more, 0);
      Arrays.fill(moments, 0, more, 0);
      first = index;
      used += more;
    } else if (index >= first + used) {
      int now = (int) (index - first) + 1;
      Arrays.fill(amounts, used, now, 0);
      Arrays.fill(moments, used, now, 0);
      used = now;
    }
  }

  private void widen() {
    long wider = Math.floorDiv(first, 2L);
    int last = 0;
    for (int i = 0; i < used; i++) {
      int slot = (int) (Math.floorDiv(first + i, 2L) - wider);
      double amount = amounts[i];
      double moment = moments[i];
      if (slot != last || i == 0) {
        amounts[slot] = amount;
        moments[slot] = moment;
      } else {
        amounts[slot] += amount;
        moments[slot] += moment;
      }
      last = slot;
    }
    first = wider;
    used = last + 1;
    width *= 2;
  }

  /** How much there is before each place, as a line with a bend at each end of a bucket. */
  final class Sums {
    // for bucket i, what is before it; one more than there are buckets
    private final double[] sums;
    private final double slopeBehind;

    private Sums(double[] sums, double slopeBehind) {
      this.sums = sums;
      this.slopeBehind = slopeBehind;
    }

    double before(double place) {
      double bucket = (place - origin) / width - first;
      if (empty || bucket <= 0) {
        return 0;
      }
      if (bucket >= used) {
        return sums[used] + (bucket - used) * width * slopeBehind;
      }
      int whole = (int) bucket;
      return sums[whole] + (bucket - whole) * (sums[whole + 1] - sums[whole]);
    }

    /** Returns how much there is in each step, by the length of a step. */
    double[] perStep(double from, double step, int steps) {
      double[] values = new double[steps];
      double before = before(from);
      for (int i = 0; i < steps; i++) {
        double next = before(from + (i + 1) * step);
        values[i] = (next - before) / step;
        before = next;
      }
      return values;
    }
  }

  /** Returns the sums of what was added. */
  Sums amounts() {
    double[] sums = new double[used + 1];
    for (int i = 0; i < used; i++) {
      sums[i + 1] = sums[i] + amounts[i];
    }
    return new Sums(sums, 0);
  }

  /**
   * Returns the sums over time of a level, where what was added are its changes: plus one where
   * something begins, and minus one where it ends.
   */
  Sums levels() {
    double[] sums = new double[used + 1];
    double level = 0;
    for (int i = 0; i < used; i++) {
      double end = (first + i + 1) * width;
      sums[i + 1] = sums[i] + level * width + amounts[i] * end - moments[i];
      level += amounts[i];
    }
    return new Sums(sums, level);
  }
}
