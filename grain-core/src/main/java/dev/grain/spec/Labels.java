package dev.grain.spec;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** The rules for what jobs are known and found by. Each method throws with a sentence. */
final class Labels {
  private static final int LONGEST_TEXT = 200;
  private static final int MOST_LABELS = 64;
  private static final int SHOWN = 40;

  private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
  private static final Pattern DATED = Pattern.compile("[0-9]{2}-[0-9]{2}-[0-9]{2}-.*");
  private static final Pattern LABEL =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?");

  private Labels() {}

  static void ensureId(String id) {
    if (!ID.matcher(id).matches()) {
      throw new IllegalArgumentException(
          "The id \"%s\" is not 1 to 100 ASCII letters, digits, '.', '_' and '-', the first of them a letter or digit."
              .formatted(shown(id)));
    }
    if (DATED.matcher(id).matches()) {
      throw new IllegalArgumentException(
          "The id \"%s\" begins with a date, as the ids do that heads make. Put a word in front of it."
              .formatted(shown(id)));
    }
  }

  static void ensureName(String name) {
    if (name.startsWith(" ") || name.endsWith(" ")) {
      throw new IllegalArgumentException(
          "The name \"%s\" begins or ends with a blank.".formatted(shown(name)));
    }
    ensureText("name", name);
  }

  static void ensureLabels(Map<String, String> labels) {
    if (labels.size() > MOST_LABELS) {
      throw new IllegalArgumentException(
          "There are %s labels; a job has at most %s.".formatted(labels.size(), MOST_LABELS));
    }
    labels.forEach((key, value) -> {
      if (!LABEL.matcher(key).matches()) {
        throw new IllegalArgumentException(
            "The key \"%s\" of a label is not 1 to 63 ASCII letters, digits, '.', '_', '/' and '-', the first and the last of them letters or digits."
                .formatted(shown(key)));
      }
      ensureText("label " + key, value);
    });
  }

  private static void ensureText(String what, String text) {
    int length = text.codePointCount(0, text.length());
    if (length > LONGEST_TEXT) {
      throw new IllegalArgumentException(
          "The %s has %s characters; at most %s are allowed."
              .formatted(what, length, LONGEST_TEXT));
    }
    int odd = text.codePoints().filter(Labels::isOdd).findFirst().orElse(-1);
    if (odd >= 0) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "The %s contains the character U+%04X, which cannot be shown in a line.",
              what,
              odd));
    }
  }

  /** Returns whether it controls a terminal, ends a line, or turns the direction of writing. */
  private static boolean isOdd(int character) {
    return Character.isISOControl(character)
        || (character >= 0x2028 && character <= 0x202E)
        || (character >= 0x2066 && character <= 0x2069)
        || (character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE);
  }

  private static String shown(String text) {
    return text.codePoints()
        .limit(SHOWN)
        .map(each -> isOdd(each) ? '?' : each)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .append(text.codePointCount(0, text.length()) > SHOWN ? "..." : "")
        .toString();
  }
}
