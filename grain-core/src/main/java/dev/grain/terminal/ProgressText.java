package dev.grain.terminal;

import dev.grain.dispatch.RunProgress;
import dev.grain.schedule.Counts;
import dev.grain.terminal.StyledText.Style;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Says in one line how far a run is, and how it went. */
public final class ProgressText {
  private static final int SHORTEST_BAR = 10;
  private static final int LONGEST_BAR = 24;
  private static final int LONGEST_PHASE = 60;
  private static final String GAP = "  ";

  private static final long MANY = 10_000_000;
  private static final int MINUTE = 60;
  private static final int HOUR = 60 * MINUTE;
  private static final int TOO_LONG = 100 * HOUR;

  /**
   * A part of the line.
   *
   * @param rank the parts of the highest rank are left out first
   */
  private record Part(int rank, String text, Style style) {}

  private ProgressText() {}

  /**
   * Returns the line: a bar, and as many of the numbers as fit.
   *
   * @param rate how many jobs end in a second; 0 if unknown
   * @param secondsLeft in how many seconds all have ended; 0 if unknown
   */
  static String line(RunProgress progress, double rate, double secondsLeft, Terminal terminal) {
    // the last column stays free: some terminals wrap as soon as it is used
    int width = terminal.columns() - 1;
    List<Part> parts = new ArrayList<>(parts(progress, rate, secondsLeft, terminal.colors()));
    while (parts.size() > 1 && length(parts) > width) {
      parts.remove(parts.stream().max(Comparator.comparingInt(Part::rank)).orElseThrow());
    }
    StyledText line = new StyledText();
    int bar = Math.min(width - length(parts) - GAP.length(), LONGEST_BAR);
    String gap = "";
    if (bar >= SHORTEST_BAR && terminal.unicode()) {
      appendBar(line, bar, progress, terminal.colors());
      gap = GAP;
    }
    for (Part part : parts) {
      line.append(gap, Style.PLAIN);
      line.append(part.text(), part.style());
      gap = GAP;
    }
    return line.toString();
  }

  private static void appendBar(StyledText line, int width, RunProgress progress, boolean colors) {
    double known = progress.ended() + open(progress.counts());
    int filled = known == 0 ? 0 : (int) (progress.ended() / known * width);
    line.append("━".repeat(filled), colors ? Style.CYAN : Style.PLAIN);
    line.append("─".repeat(width - filled), Style.PLAIN);
  }

  private static List<Part> parts(
      RunProgress progress, double rate, double secondsLeft, boolean colors) {
    Counts counts = progress.counts();
    List<Part> parts = new ArrayList<>();
    parts.add(part(0, number(progress.succeeded()) + " done"));
    parts.add(part(1, number(counts.running()) + " running"));
    parts.add(part(3, number((long) counts.queued() + counts.sent()) + " waiting"));
    if (progress.failed() > 0) {
      Style red = colors ? Style.RED : Style.PLAIN;
      parts.add(new Part(2, number(progress.failed()) + " failed", red));
    }
    if (progress.cancelled() > 0) {
      parts.add(part(6, number(progress.cancelled()) + " cancelled"));
    }
    if (!progress.preparing().isEmpty()) {
      parts.add(part(7, shortened(progress.preparing())));
    }
    if (rate > 0) {
      parts.add(part(5, rate(rate)));
    }
    if (secondsLeft > 0 && secondsLeft < TOO_LONG) {
      parts.add(part(4, duration(Math.max(1, Math.round(secondsLeft))) + " left"));
    }
    return parts;
  }

  private static Part part(int rank, String text) {
    return new Part(rank, text, Style.PLAIN);
  }

  /** Returns the text of a worker without what would disturb the line. */
  private static String shortened(String text) {
    String plain = text.replaceAll("\\p{Cntrl}", " ");
    return plain.length() > LONGEST_PHASE ? plain.substring(0, LONGEST_PHASE - 3) + "..." : plain;
  }

  private static int length(List<Part> parts) {
    return parts.stream().mapToInt(part -> part.text().length() + GAP.length()).sum()
        - GAP.length();
  }

  /** Returns how many jobs have not ended. */
  static long open(Counts counts) {
    return (long) counts.queued() + counts.sent() + counts.running();
  }

  /**
   * Returns the text for a run that has ended.
   *
   * @param seconds how long it took
   * @param cores how many it had
   */
  public static String summary(RunProgress progress, double seconds, int cores) {
    List<String> details = new ArrayList<>();
    details.add(number(progress.failed()) + " failed");
    if (progress.cancelled() > 0) {
      details.add(number(progress.cancelled()) + " cancelled");
    }
    details.add(number(progress.counts().retried()) + " retried");
    long open = open(progress.counts());
    if (open > 0) {
      details.add(number(open) + " unfinished");
    }
    return "Grain: %s in %s on %s, %s (%s)"
        .formatted(
            count(progress.ended() + open, "job"),
            seconds < MINUTE ? seconds(seconds) : duration(Math.round(seconds)),
            count(cores, "core"),
            rate(progress.ended() / seconds),
            String.join(", ", details));
  }

  private static String count(long number, String one) {
    return number(number) + " " + one + (number == 1 ? "" : "s");
  }

  private static String number(long number) {
    return number < MANY ? format("%,d", number) : format("%,.1fM", number / 1e6);
  }

  private static String seconds(double seconds) {
    return format(seconds < 10 ? "%.2f s" : "%.1f s", seconds);
  }

  private static String rate(double perSecond) {
    if (perSecond >= 10 || perSecond == 0) {
      return number(Math.round(perSecond)) + "/s";
    }
    if (perSecond >= 1) {
      return format("%.1f/s", perSecond);
    }
    double perMinute = perSecond * MINUTE;
    return perMinute >= 1 ? format("%.1f/min", perMinute) : format("%.1f/h", perSecond * HOUR);
  }

  private static String duration(long seconds) {
    if (seconds < MINUTE) {
      return seconds + " s";
    }
    if (seconds < HOUR) {
      return format("%d min %02d s", seconds / MINUTE, seconds % MINUTE);
    }
    return format("%d h %02d min", seconds / HOUR, seconds % HOUR / MINUTE);
  }

  private static String format(String pattern, Object value) {
    return String.format(Locale.ROOT, pattern, value);
  }

  private static String format(String pattern, Object first, Object second) {
    return String.format(Locale.ROOT, pattern, first, second);
  }
}
