package dev.grain.service.store;

import java.time.Instant;

/**
 * A place in a list that has the newest first: what comes after it is older. As text it is opaque
 * to those who page.
 */
public record Position(long submitted, long number) {
  /** Before the newest. */
  public static final Position START = new Position(Long.MAX_VALUE, Long.MAX_VALUE);

  /** Returns the place after which everything was submitted before a moment. */
  static Position before(Instant moment) {
    return new Position(moment.toEpochMilli(), Long.MIN_VALUE);
  }

  /** Returns the one of two after which there is less. */
  Position later(Position other) {
    boolean older =
        submitted < other.submitted || (submitted == other.submitted && number < other.number);
    return older ? this : other;
  }

  /**
   * Returns the place that was written as text.
   *
   * @throws IllegalArgumentException if it was not written by {@link #toString()}
   */
  public static Position parse(String text) {
    int dot = text.indexOf('.');
    try {
      return new Position(
          Long.parseLong(text.substring(0, Math.max(0, dot))),
          Long.parseLong(text.substring(dot + 1)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "\"%s\" is no position in a list. Pass the value of \"next\" of the page before, unchanged."
              .formatted(text),
          e);
    }
  }

  @Override
  public String toString() {
    return submitted + "." + number;
  }
}
