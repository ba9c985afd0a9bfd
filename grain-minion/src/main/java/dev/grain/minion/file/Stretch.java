package dev.grain.minion.file;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Items of a segment that follow each other.
 *
 * @param from the first one
 * @param to the one after the last
 * @param more how many times they were delivered beyond what the segment says
 */
record Stretch(String segment, int from, int to, int more) {
  private static final Pattern FORM =
      Pattern.compile("([\\w-]+):(\\d{1,9})-(\\d{1,9})\\*(\\d{1,9})");

  static @Nullable Stretch parse(String text) {
    Matcher matcher = FORM.matcher(text);
    return matcher.matches()
        ? new Stretch(
            matcher.group(1),
            Integer.parseInt(matcher.group(2)),
            Integer.parseInt(matcher.group(3)),
            Integer.parseInt(matcher.group(4)))
        : null;
  }

  int size() {
    return to - from;
  }

  /** Returns whether the other one begins where this one ends. */
  boolean isContinuedBy(Stretch other) {
    return segment.equals(other.segment) && to == other.from && more == other.more;
  }

  @Override
  public String toString() {
    return segment + ":" + from + "-" + to + "*" + more;
  }
}
