package dev.grain.pulsar;

import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a message of a topic without partitions is.
 *
 * @param ledger the number of the ledger
 * @param entry its number in the ledger
 */
record Position(long ledger, long entry) implements Comparable<Position> {
  private static final Pattern FORM = Pattern.compile("(-?\\d{1,18}):(-?\\d{1,18})");
  private static final Comparator<Position> ORDER =
      Comparator.comparingLong(Position::ledger).thenComparingLong(Position::entry);

  /** Returns what the broker writes as {@code LEDGER:ENTRY}; null for anything else. */
  static @Nullable Position parse(String text) {
    Matcher matcher = FORM.matcher(text);
    return matcher.matches()
        ? new Position(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2)))
        : null;
  }

  @Override
  public int compareTo(Position other) {
    return ORDER.compare(this, other);
  }
}
