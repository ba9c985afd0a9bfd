package dev.grain.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Whole numbers, as in {@code 0..99} or {@code 0..100:10}.
 *
 * @param last not beyond it
 * @param step more than zero; numbers go down if the last one is below the first
 */
public record WholeNumbers(long first, long last, long step) implements KnownValues {
  // the difference of two such numbers is a long
  private static final Pattern FORM =
      Pattern.compile("(-?[0-9]{1,18})\\.\\.(-?[0-9]{1,18})(?::([1-9][0-9]{0,17}))?");

  /** Reads them as they are written; null if it is something else. */
  public static @Nullable WholeNumbers parse(String text) {
    Matcher matcher = FORM.matcher(text);
    return matcher.matches()
        ? new WholeNumbers(
            Long.parseLong(matcher.group(1)),
            Long.parseLong(matcher.group(2)),
            matcher.group(3) == null ? 1 : Long.parseLong(matcher.group(3)))
        : null;
  }

  @Override
  public long count() {
    return Math.abs(last - first) / step + 1;
  }

  @Override
  public String value(long place) {
    return Long.toString(first + place * (last < first ? -step : step));
  }
}
