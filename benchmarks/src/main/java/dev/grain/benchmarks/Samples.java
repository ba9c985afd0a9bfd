package dev.grain.benchmarks;

import java.util.Arrays;

/** Measured values of one kind, and their statistics. For one thread. */
final class Samples {
  // doubled as it fills
  private double[] values = new double[16];
  private int count;
  private boolean sorted;

  /** Takes a value in. */
  void add(double value) {
    if (count == values.length) {
      values = Arrays.copyOf(values, count * 2);
    }
    values[count++] = value;
    sorted = false;
  }

  int count() {
    return count;
  }

  /** Returns the middle value. */
  double median() {
    return quantile(0.5);
  }

  /** Returns half the distance of the quartiles, as a part of the median. */
  double spread() {
    return (quantile(0.75) - quantile(0.25)) / 2 / median();
  }

  /**
   * Returns the value below which that part of the values lies, between two of them in proportion.
   *
   * @param q from 0 to 1
   * @throws IllegalStateException if there are no values
   */
  double quantile(double q) {
    if (count == 0) {
      throw new IllegalStateException(
          "There are no samples to take the quantile %s of".formatted(q));
    }
    if (!sorted) {
      Arrays.sort(values, 0, count);
      sorted = true;
    }
    double place = q * (count - 1);
    int below = (int) Math.floor(place);
    int above = Math.min(below + 1, count - 1);
    return values[below] + (place - below) * (values[above] - values[below]);
  }
}
