package dev.grain.minion.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Many numbers that are not negative, in little space. For one thread. */
final class Samples {
  private static final double FINEST = 1e-6;
  private static final int MOST_BINS = 10;

  // by its logarithm, so that each quantile is right within a few per cent
  private static final double GROWTH = Math.log(1.02);
  private static final int SIZES = 2000;

  /** As long as there are no more, all are known. */
  private static final int MOST_EXACT = 1000;

  private final double[] exact = new double[MOST_EXACT];
  private final Buckets buckets = new Buckets(FINEST);
  private final long[] bySize = new long[SIZES];
  private long count;
  private double sum;
  private double least = Double.MAX_VALUE;
  private double most;

  void add(double sample) {
    double value = Math.max(0, sample);
    buckets.add(value, 1);
    double size = Math.ceil(Math.log(Math.max(value, FINEST) / FINEST) / GROWTH);
    bySize[(int) Math.clamp(size, 0, SIZES - 1)]++;
    if (count < MOST_EXACT) {
      exact[(int) count] = value;
    }
    count++;
    sum += value;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }

  long count() {
    return count;
  }

  double mean() {
    return count == 0 ? 0 : sum / count;
  }

  Report.Distribution distribution() {
    if (count == 0) {
      return new Report.Distribution(0, 0, 0, 0, 0, 0, List.of());
    }
    double[] sorted = Arrays.copyOf(exact, (int) Math.min(count, MOST_EXACT));
    Arrays.sort(sorted);
    return new Report.Distribution(
        count, least, mean(), quantile(0.5, sorted), quantile(0.95, sorted), most, bins(sorted));
  }

  private double quantile(double part, double[] sorted) {
    long wanted = Math.max(1, (long) Math.ceil(part * count));
    if (count <= MOST_EXACT) {
      return sorted[(int) wanted - 1];
    }
    long seen = 0;
    for (int i = 0; i < SIZES; i++) {
      seen += bySize[i];
      if (seen >= wanted) {
        return Math.clamp(FINEST * Math.exp((i - 0.5) * GROWTH), least, most);
      }
    }
    return most;
  }

  /** Returns bins of equal width, from the least to the most; each without its end but the last. */
  private List<Report.Bin> bins(double[] sorted) {
    int number = most > least ? (int) Math.min(MOST_BINS, count) : 1;
    double width = (most - least) / number;
    Buckets.Sums sums = buckets.amounts();
    List<Report.Bin> bins = new ArrayList<>();
    long before = 0;
    for (int i = 0; i < number; i++) {
      double end = i == number - 1 ? most : least + (i + 1) * width;
      long until =
          i == number - 1
              ? count
              : count <= MOST_EXACT ? below(end, sorted) : Math.round(sums.before(end));
      bins.add(new Report.Bin(least + i * width, end, until - before));
      before = until;
    }
    return bins;
  }

  private static int below(double end, double[] sorted) {
    int number = 0;
    while (number < sorted.length && sorted[number] < end) {
      number++;
    }
    return number;
  }
}
