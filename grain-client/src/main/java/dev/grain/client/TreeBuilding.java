package dev.grain.client;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What trees of JSON and YAML have in common: the limits that keep a text from taking the heap or
 * the stack, and keys that are there twice.
 */
final class TreeBuilding {
  /** The most bytes of a text in UTF-8. */
  static final int MOST_BYTES = 1024 * 1024;

  private static final int DEEPEST = 100;
  private static final int MOST_DIGITS = 1000;
  private static final int MOST_EXPONENT = 5000;
  private static final long LARGEST = 4L * MOST_BYTES;

  private final Problems problems;

  TreeBuilding(Problems problems) {
    this.problems = problems;
  }

  /** Ends the reading of a text that cannot go on; the problem has been noted. */
  static final class Abandoned extends RuntimeException {
    private static final long serialVersionUID = 1;

    Abandoned() {
      super(null, null, false, false);
    }
  }

  /** Takes note of something after which the rest of the text makes no sense. */
  Abandoned abandon(Node.Place place, String message, String expected, String example) {
    problems.add(place, message, expected, example);
    return new Abandoned();
  }

  void ensureNotDeep(Node.Place place, int depth) {
    if (depth > DEEPEST) {
      throw abandon(
          place, "There are more than %s levels of groups and lists.".formatted(DEEPEST), "", "");
    }
  }

  Node text(Node.Place place, String text) {
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      int character = text.codePointAt(i);
      if (character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE) {
        problems.add(
            place, "The text has half of a character in it, and cannot be written.", "", "");
        break;
      }
    }
    return new Node.Text(place, text);
  }

  /**
   * Returns a number.
   *
   * @param decimal as {@link BigDecimal} takes it
   */
  Node number(Node.Place place, String decimal, String written) {
    try {
      BigDecimal value = decimal.length() > MOST_DIGITS ? null : new BigDecimal(decimal);
      if (value != null && Math.abs((long) value.scale()) <= MOST_EXPONENT) {
        return new Node.Decimal(place, value, written);
      }
    } catch (NumberFormatException | ArithmeticException e) {
      // it is told below
    }
    problems.add(
        place,
        "The number %s has too many digits.".formatted(Fields.shown(written)),
        "a number of up to %s digits".formatted(MOST_DIGITS),
        "");
    return new Node.Decimal(place, BigDecimal.ONE, "1");
  }

  Node sequence(Node.Place place, List<Node> items) {
    return limited(
        new Node.Sequence(
            place, List.copyOf(items), 1 + items.stream().mapToLong(Node::size).sum()));
  }

  /** Returns a group of keys, of which those that are there again are left out and told. */
  Node mapping(Node.Place place, List<Node.Entry> entries) {
    Map<String, Node.Entry> byKey = new LinkedHashMap<>();
    long size = 1;
    for (Node.Entry each : entries) {
      Node.@Nullable Entry before = byKey.putIfAbsent(each.key(), each);
      size += each.key().length() + each.value().size();
      if (before != null) {
        problems.add(
            each.place(),
            "The key \"%s\" is there twice, first in line %s. Remove one of them."
                .formatted(Fields.shown(each.key()), before.place().line()),
            "",
            "");
      }
    }
    return limited(new Node.Mapping(place, new ArrayList<>(byKey.values()), size));
  }

  private Node limited(Node node) {
    if (node.size() > LARGEST) {
      throw abandon(
          node.place(),
          "This takes more than %s characters, as aliases (*name) repeat what they stand for."
              .formatted(LARGEST),
          "",
          "");
    }
    return node;
  }
}
