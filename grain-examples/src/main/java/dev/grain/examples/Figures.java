package dev.grain.examples;

import java.time.Duration;
import java.util.Locale;

/**
 * How numbers are written: the same in every country. A no-break space keeps a figure and its unit
 * together.
 */
final class Figures {
  private Figures() {}

  /** Returns for example {@code 27,045}. */
  static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** Returns for example {@code 1 module} or {@code 64 modules}. */
  static String count(long number, String noun) {
    return count(number) + " " + noun + (number == 1 ? "" : "s");
  }

  /** Returns for example {@code 132.8 MB}, {@code 4 kB} or {@code 17 bytes}. */
  static String size(long bytes) {
    if (bytes >= 1_000_000) {
      return String.format(Locale.ROOT, "%.1f\u00a0MB", bytes / 1e6);
    }
    return bytes >= 1_000
        ? String.format(Locale.ROOT, "%.0f\u00a0kB", bytes / 1e3)
        : bytes + "\u00a0bytes";
  }

  /** Returns for example {@code 9.3 s}. */
  static String time(Duration duration) {
    return String.format(Locale.ROOT, "%.1f\u00a0s", duration.toMillis() / 1e3);
  }

  /** Returns how much a part is of a whole, for example {@code 3.7 %} or {@code 42 %}. */
  static String share(long part, long whole) {
    double percent = whole == 0 ? 0 : 100.0 * part / whole;
    if (percent > 0 && percent < 0.05) {
      return "< 0.1\u00a0%";
    }
    return String.format(
        Locale.ROOT, percent < 9.95 && percent > 0 ? "%.1f\u00a0%%" : "%.0f\u00a0%%", percent);
  }
}
