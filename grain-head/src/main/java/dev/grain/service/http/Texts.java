package dev.grain.service.http;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** Checks texts that people have chosen. */
final class Texts {
  private Texts() {}

  /** Returns whether a text is one that every database can keep, in a line. */
  static boolean isLine(String text) {
    return text.chars().noneMatch(Character::isISOControl)
        && StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }

  /** Returns a text for messages, without what would spoil them. */
  static String shown(String text) {
    String some = text.length() > 60 ? text.substring(0, 60) + "..." : text;
    return some.replaceAll("\\p{Cntrl}", "?");
  }

  /** Returns the names of constants as people write them. */
  static String choice(List<? extends Enum<?>> values) {
    return "one of " + String.join(", ", values.stream().map(Texts::lower).toList());
  }

  static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
