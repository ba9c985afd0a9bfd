package dev.grain.text;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people read them. */
public final class Durations {
  private static final long NANOS_PER_MILLI = 1_000_000;

  private static final int LONGEST_SHOWN = 40;

  /** A quarter of what fits a long, so that sums of a few do as well: 73 years. */
  private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 4);

  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private static final String NUMBER = "([0-9]{1,9}(?:\\.[0-9]{1,9})?)";

  /** The units, the largest first, each at most once. */
  private static final Pattern WRITTEN =
      Pattern.compile(
          " *(?=[0-9])(?:N *d *)?(?:N *h *)?(?:N *(?:min|m) *)?(?:N *s *)?(?:N *ms *)?"
              .replace("N", NUMBER));

  private static final Pattern SECONDS = Pattern.compile(" *" + NUMBER + " *");

  private static final long[] NANOS_OF_UNITS = {
    86_400 * NANOS_PER_SECOND,
    3600 * NANOS_PER_SECOND,
    60 * NANOS_PER_SECOND,
    NANOS_PER_SECOND,
    NANOS_PER_MILLI
  };

  private Durations() {}

  /**
   * Returns the duration that somebody has written: numbers with the units {@code d}, {@code h},
   * {@code min} or {@code m}, {@code s} and {@code ms}, the largest first, as in {@code 1 h 30
   * min}, {@code 90s} or {@code 0.5h}; or a number of seconds. Fractions of a nanosecond are
   * dropped.
   *
   * @throws IllegalArgumentException if it is something else; the message says how to write it
   */
  public static Duration parse(String text) {
    Matcher units = WRITTEN.matcher(text);
    Matcher seconds = SECONDS.matcher(text);
    if (seconds.matches()) {
      return ofUnits(seconds.group(1), NANOS_PER_SECOND);
    }
    if (!units.matches()) {
      throw new IllegalArgumentException(
          "\"%s\" is not a duration; write numbers with the units d, h, min, s and ms, for example \"90s\" or \"1 h 30 min\""
              .formatted(
                  text.length() > LONGEST_SHOWN ? text.substring(0, LONGEST_SHOWN) + "..." : text));
    }
    Duration sum = Duration.ZERO;
    for (int unit = 0; unit < NANOS_OF_UNITS.length; unit++) {
      if (units.group(unit + 1) != null) {
        sum = sum.plus(ofUnits(units.group(unit + 1), NANOS_OF_UNITS[unit]));
      }
    }
    return sum;
  }

  private static Duration ofUnits(String number, long nanos) {
    BigInteger all = new BigDecimal(number).multiply(BigDecimal.valueOf(nanos)).toBigInteger();
    BigInteger[] parts = all.divideAndRemainder(BigInteger.valueOf(NANOS_PER_SECOND));
    return Duration.ofSeconds(parts[0].longValueExact(), parts[1].longValueExact());
  }

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
