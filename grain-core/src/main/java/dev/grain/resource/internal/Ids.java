package dev.grain.resource.internal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The ids of the units of one kind, each once, in ascending order: numbers by value, then other
 * texts. Immutable.
 *
 * <p>Users write them as {@code 8000-8009,8020,a}: separated by commas, where a range of whole
 * numbers stands for all of them. Both ends of a range have the same number of digits if one starts
 * with a zero, and so have the ids: {@code 08-10} is {@code 08,09,10}. A comma at the end is
 * allowed, so that {@code a,} is a list of one id.
 */
public final class Ids {
  /** The most ids of one kind. */
  static final int MOST = 100_000;

  /** The most characters of an id. */
  static final int MAX_LENGTH = 100;

  /** The most characters of all ids of a kind together, with ranges written as ranges. */
  static final int MAX_TEXT = 16 * 1024;

  private static final int MAX_READABLE = 80;

  private static final Comparator<String> ORDER =
      Comparator.<String, Boolean>comparing(id -> !isNumber(id))
          .thenComparingInt(id -> isNumber(id) ? significant(id) : 0)
          .thenComparing(id -> isNumber(id) ? id.substring(id.length() - significant(id)) : id)
          .thenComparingInt(String::length);

  private final List<String> ids;
  private final Map<String, Integer> positions;

  private Ids(List<String> sorted) {
    this.ids = List.copyOf(sorted);
    this.positions = HashMap.newHashMap(ids.size());
    for (int position = 0; position < ids.size(); position++) {
      positions.put(ids.get(position), position);
    }
  }

  /** Returns the ids of units of a custom kind, as {@link #parse(String, int)} does. */
  public static Ids parse(String text) {
    return parse(text, MAX_LENGTH);
  }

  /**
   * Returns the ids of a list that a user has written.
   *
   * @param max the most characters of an id
   * @throws IllegalArgumentException that states which id is wrong, and why
   */
  static Ids parse(String text, int max) {
    List<String> ids = new ArrayList<>();
    String listed = text.endsWith(",") ? text.substring(0, text.length() - 1) : text;
    for (String entry : listed.split(",", -1)) {
      int dash = entry.indexOf('-');
      String first = dash < 0 ? "" : entry.substring(0, dash);
      String last = dash < 0 ? "" : entry.substring(dash + 1);
      if (isNumber(first) && isNumber(last)) {
        addRange(entry, first, last, ids);
      } else if (isNumber(first) && last.isEmpty()) {
        throw new IllegalArgumentException("the range %s has no end".formatted(shown(entry)));
      } else {
        ids.add(entry);
      }
      ensureFew(ids.size());
    }
    return of(ids, max);
  }

  private static void addRange(String entry, String first, String last, List<String> ids) {
    boolean padded = isPadded(first) || isPadded(last);
    if (padded && first.length() != last.length()) {
      throw new IllegalArgumentException(
          "the ends of the range %s have leading zeros; write both with the same number of digits"
              .formatted(entry));
    }
    if (first.length() > 18 || last.length() > 18) {
      throw new IllegalArgumentException(
          "the range %s has a number of more than 18 digits".formatted(shown(entry)));
    }
    long from = Long.parseLong(first);
    long to = Long.parseLong(last);
    if (from > to) {
      throw new IllegalArgumentException(
          "the range %s runs backwards; write %s-%s".formatted(entry, last, first));
    }
    ensureFew(Math.max(0, to - from) + ids.size());
    for (long number = from; number <= to; number++) {
      ids.add(padded ? padded(number, first.length()) : Long.toString(number));
    }
  }

  private static void ensureFew(long count) {
    if (count > MOST) {
      throw new IllegalArgumentException("more than %s ids; list fewer".formatted(MOST));
    }
  }

  private static boolean isPadded(String digits) {
    return digits.length() > 1 && digits.startsWith("0");
  }

  private static String padded(long number, int length) {
    String digits = Long.toString(number);
    return "0".repeat(length - digits.length()) + digits;
  }

  /**
   * Returns these ids.
   *
   * @throws IllegalArgumentException if there is none, or one is malformed or comes twice
   */
  static Ids of(List<String> ids, int max) {
    if (ids.isEmpty()) {
      throw new IllegalArgumentException("there is no id; list at least one");
    }
    ensureFew(ids.size());
    List<String> sorted = new ArrayList<>(ids);
    sorted.forEach(id -> ensureWellFormed(id, max));
    sorted.sort(ORDER);
    for (int i = 1; i < sorted.size(); i++) {
      if (sorted.get(i).equals(sorted.get(i - 1))) {
        throw new IllegalArgumentException(
            "the id %s is listed twice; list each once".formatted(sorted.get(i)));
      }
    }
    Ids made = new Ids(sorted);
    int length = made.toString().length();
    if (length > MAX_TEXT) {
      throw new IllegalArgumentException(
          "the ids have %s characters; at most %s are allowed, so use ranges or shorter ids"
              .formatted(length, MAX_TEXT));
    }
    return made;
  }

  private static void ensureWellFormed(String id, int max) {
    if (id.isEmpty()) {
      throw new IllegalArgumentException(
          "there is an empty id; separate ids by one comma, as in 8000,8003");
    }
    if (id.length() > max) {
      throw new IllegalArgumentException(
          "the id %s has %s characters; use at most %s".formatted(shown(id), id.length(), max));
    }
    for (int i = 0; i < id.length(); i++) {
      char next = id.charAt(i);
      if (next <= ' ' || next > '~' || next == ',') {
        throw new IllegalArgumentException(
            "the id '%s' has '%s' in it; use ASCII characters other than blanks and commas"
                .formatted(id, Character.toString(id.codePointAt(i))));
      }
    }
  }

  private static String shown(String text) {
    return text.length() > 20 ? text.substring(0, 20) + "..." : text;
  }

  /** Tells whether a text is a list of ids, and not one amount. */
  public static boolean isList(String text) {
    int dash = text.indexOf('-');
    return text.indexOf(',') >= 0
        || (dash > 0 && isNumber(text.substring(0, dash)) && isNumber(text.substring(dash + 1)));
  }

  private static boolean isNumber(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return !text.isEmpty();
  }

  /** Returns how many digits a number has without leading zeros. */
  private static int significant(String number) {
    int zeros = 0;
    while (zeros < number.length() && number.charAt(zeros) == '0') {
      zeros++;
    }
    return number.length() - zeros;
  }

  /** Returns the ids, ascending. */
  public List<String> list() {
    return ids;
  }

  int size() {
    return ids.size();
  }

  /** Returns the position of the id, or -1 if it is none of these. */
  int position(String id) {
    return positions.getOrDefault(id, -1);
  }

  /** Returns the first ones, as many as that, or all. */
  Ids first(long count) {
    return count >= ids.size() ? this : new Ids(ids.subList(0, (int) count));
  }

  /** Returns those that are among the others as well. */
  Ids among(Ids others) {
    return new Ids(ids.stream().filter(id -> others.position(id) >= 0).toList());
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Ids that && ids.equals(that.ids);
  }

  @Override
  public int hashCode() {
    return ids.hashCode();
  }

  /** Returns them as {@link #parse} takes them, with ranges of three or more as ranges. */
  @Override
  public String toString() {
    return toString(ids);
  }

  /** Returns them for people: many that are no ranges only as their number. */
  String readable() {
    String text = toString();
    return text.length() > MAX_READABLE ? ids.size() + " ids" : text;
  }

  /** Returns ids as {@link #parse} takes them, with ranges of three or more as ranges. */
  static String toString(List<String> ids) {
    StringBuilder text = new StringBuilder();
    for (int from = 0, next; from < ids.size(); from = next) {
      next = from + 1;
      while (next < ids.size() && follows(ids.get(from), ids.get(next - 1), ids.get(next))) {
        next++;
      }
      next = next - from < 3 ? from + 1 : next;
      text.append(text.isEmpty() ? "" : ",").append(ids.get(from));
      if (next - from > 1) {
        text.append('-').append(ids.get(next - 1));
      }
    }
    return text.toString();
  }

  /**
   * Returns whether a range that starts with the first id and reaches another contains the next
   * one.
   */
  private static boolean follows(String first, String id, String next) {
    if (!isNumber(id) || !isNumber(next) || next.length() > 18) {
      return false;
    }
    boolean sameForm =
        id.length() == next.length() || (!isPadded(first) && !isPadded(id) && !isPadded(next));
    return sameForm && Long.parseLong(id) + 1 == Long.parseLong(next);
  }

  static Ids decode(Decoder decoder, int max) {
    String text = decoder.text(MAX_TEXT);
    try {
      Ids ids = parse(text, max);
      decoder.ensure(ids.toString().equals(text), "the ids are not in canonical form");
      return ids;
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("Malformed list of ids: " + e.getMessage(), e);
    }
  }
}
