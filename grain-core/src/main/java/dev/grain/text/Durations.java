package dev.grain.text;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Durations as people read them. */
public final class Durations {
  private static final long NANOS_PER_MILLI = 1_000_000;

  /** A quarter of what fits a long, so that sums of a few do as well: 73 years. */
  private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 4);

  private Durations() {}

  /** Returns it in nanoseconds; for more than 73 years, which stands for any longer time, that. */
  public static long toNanos(Duration duration) {
    return (duration.compareTo(LONGEST) > 0 ? LONGEST : duration).toNanos();
  }

  /** Returns for example {@code 50 ms}, {@code 1.5 s} or {@code 1 h 30 min}. */
  public static String readable(Duration duration) {
    if (duration.toSeconds() == Long.MIN_VALUE) {
      return duration.toString();
    }
    if (duration.isNegative()) {
      return "-" + readable(duration.negated());
    }
    if (duration.isPositive() && duration.toSeconds() == 0) {
      return decimal(BigDecimal.valueOf(duration.toNanos()), NANOS_PER_MILLI) + " ms";
    }
    List<String> words = new ArrayList<>();
    add(words, duration.toDaysPart(), "d");
    add(words, duration.toHoursPart(), "h");
    add(words, duration.toMinutesPart(), "min");
    Duration rest = Duration.ofSeconds(duration.toSecondsPart(), duration.toNanosPart());
    if (!rest.isZero() || words.isEmpty()) {
      words.add(decimal(BigDecimal.valueOf(rest.toNanos()), 1000 * NANOS_PER_MILLI) + " s");
    }
    return String.join(" ", words);
  }

  /** Returns it for people who need not know it exactly, such as {@code 3.2 s}. */
  public static String rounded(Duration duration) {
    Duration unit =
        duration.toMinutes() > 0
            ? Duration.ofSeconds(1)
            : duration.toSeconds() > 0 ? Duration.ofMillis(100) : Duration.ofMillis(1);
    return readable(unit.multipliedBy(duration.dividedBy(unit)));
  }

  private static void add(List<String> words, long amount, String unit) {
    if (amount > 0) {
      words.add(amount + " " + unit);
    }
  }

  private static String decimal(BigDecimal nanos, long unit) {
    return nanos.divide(BigDecimal.valueOf(unit)).stripTrailingZeros().toPlainString();
  }
}
