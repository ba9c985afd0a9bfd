package dev.grain.minion.file;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The name of the file of a segment. Who claims items renames the file, so that it has a name that
 * no file ever had before: exactly one of those who try succeeds.
 *
 * @param segment which segment
 * @param count how many items it has
 * @param from the first item that nobody has claimed
 * @param owner the minion that gave it this name
 * @param number the number of this, among all that the minion does
 */
record Marker(String segment, int count, int from, String owner, int number) {
  private static final Pattern FORM =
      Pattern.compile("([\\w-]+)\\.(\\d{1,9})\\.(\\d{1,9})\\.([\\w-]+)\\.(\\d{1,9})");

  /** Returns the marker with that name; null if it is not the name of one. */
  static @Nullable Marker parse(String name) {
    Matcher matcher = FORM.matcher(name);
    return matcher.matches()
        ? new Marker(
            matcher.group(1),
            Integer.parseInt(matcher.group(2)),
            Integer.parseInt(matcher.group(3)),
            matcher.group(4),
            Integer.parseInt(matcher.group(5)))
        : null;
  }

  /** Returns the marker after its first items up to another one were claimed. */
  Marker claimed(int to, String by, int byNumber) {
    return new Marker(segment, count, to, by, byNumber);
  }

  boolean isExhausted() {
    return from >= count;
  }

  int left() {
    return count - from;
  }

  /** Returns what gave it this name. */
  String origin() {
    return origin(owner, number);
  }

  /** Returns the origin of the marker that a minion makes, or has tried to make, with a claim. */
  static String origin(String owner, int number) {
    return owner + "." + number;
  }

  @Override
  public String toString() {
    return segment + "." + count + "." + from + "." + owner + "." + number;
  }
}
