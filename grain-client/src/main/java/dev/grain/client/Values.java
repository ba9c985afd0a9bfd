package dev.grain.client;

import dev.grain.text.Durations;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.List;

/**
 * What values stand for. Each method throws an {@code IllegalArgumentException} with a sentence if
 * a value is something else.
 */
final class Values {
  private static final int MOST_DECIMALS = 4;
  private static final BigDecimal MOST_SECONDS = BigDecimal.valueOf(999_999_999);

  private Values() {}

  private static IllegalArgumentException mismatch(Node node, String wanted) {
    return new IllegalArgumentException("This is %s, and not %s.".formatted(node.kind(), wanted));
  }

  static String text(Node node) {
    if (node instanceof Node.Text text) {
      return text.text();
    }
    throw mismatch(node, "a text");
  }

  /** Returns a text, or a number or a truth value as it was written. */
  static String written(Node node) {
    return switch (node) {
      case Node.Text text -> text.text();
      case Node.Decimal number -> number.written();
      case Node.Flag flag -> flag.written();
      case Node.Nothing _, Node.Sequence _, Node.Mapping _ -> throw mismatch(node, "a text");
    };
  }

  /** Returns a text, or a whole number from 0 up as it was written: an id may be either. */
  static String id(Node node) {
    if (node instanceof Node.Decimal number
        && number.value().signum() >= 0
        && number.value().scale() <= 0) {
      return number.written();
    }
    return text(node);
  }

  static boolean flag(Node node) {
    if (node instanceof Node.Flag flag) {
      return flag.value();
    }
    throw mismatch(node, "true or false");
  }

  static BigDecimal number(Node node) {
    if (node instanceof Node.Decimal number) {
      return number.value();
    }
    throw mismatch(node, "a number");
  }

  /** Returns a number that a {@code double} has exactly enough: with up to four decimals. */
  static double amount(Node node) {
    BigDecimal number = number(node);
    if (number.stripTrailingZeros().scale() > MOST_DECIMALS) {
      throw new IllegalArgumentException(
          "%s has more than four decimals.".formatted(Fields.shown(number.toString())));
    }
    return number.doubleValue();
  }

  /** Returns a whole number between two others. */
  static int whole(Node node, int least, int most) {
    BigDecimal number = number(node);
    if (number.stripTrailingZeros().scale() > 0
        || number.compareTo(BigDecimal.valueOf(least)) < 0
        || number.compareTo(BigDecimal.valueOf(most)) > 0) {
      throw new IllegalArgumentException(
          "%s is not a whole number from %s to %s."
              .formatted(Fields.shown(number.toString()), least, most));
    }
    return number.intValue();
  }

  /** Returns a duration, as a text or in seconds. */
  static Duration duration(Node node) {
    if (node instanceof Node.Decimal number) {
      BigDecimal seconds = number.value();
      if (seconds.signum() < 0 || seconds.compareTo(MOST_SECONDS) > 0) {
        throw new IllegalArgumentException(
            "%s is not a number of seconds from 0 to 999,999,999."
                .formatted(Fields.shown(number.written())));
      }
      return Durations.parse(seconds.setScale(9, RoundingMode.DOWN).toPlainString());
    }
    return Durations.parse(text(node));
  }

  static List<Node> list(Node node) {
    if (node instanceof Node.Sequence sequence) {
      return sequence.items();
    }
    throw mismatch(node, "a list");
  }

  static Node.Mapping mapping(Node node) {
    if (node instanceof Node.Mapping mapping) {
      return mapping;
    }
    throw mismatch(node, "a group of keys with values");
  }

  static List<Node.Entry> entries(Node node) {
    return mapping(node).entries();
  }
}
