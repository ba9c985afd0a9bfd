package dev.grain.top;

import dev.tamboui.text.CharWidth;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Numbers and texts as they stand in tables. */
final class Texts {
  private static final double MINUTE = 60;
  private static final double HOUR = 60 * MINUTE;
  private static final double DAY = 24 * HOUR;

  private Texts() {}

  /** Returns a text of exactly so many columns; a longer one is cut, and then ends in a sign. */
  static String fit(String text, int columns, char cut) {
    String line = clean(text);
    int width = CharWidth.of(line);
    if (width > columns) {
      line = columns < 1 ? "" : CharWidth.substringByWidth(line, columns - 1) + cut;
      width = CharWidth.of(line);
    }
    return line + " ".repeat(Math.max(0, columns - width));
  }

  /** Replaces what a terminal would obey: what programs print may be anything. */
  static String clean(String text) {
    StringBuilder clean = new StringBuilder(text.length());
    text.codePoints()
        .forEach(point -> {
          if (point == '\t' || point == '\n' || point == '\r') {
            clean.append(' ');
          } else if (!Character.isISOControl(point)
              && Character.getType(point) != Character.FORMAT) {
            clean.appendCodePoint(point);
          }
        });
    return clean.toString();
  }

  /** Breaks a text into lines, between words where that is possible. */
  static List<String> wrapped(String text, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : clean(text).split(" ", -1)) {
      if (line.length() > 0 && CharWidth.of(line + " " + word) > width) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.length() > 0 ? " " : "");
      List<String> parts = broken(word, width);
      lines.addAll(line.length() == 0 ? parts.subList(0, parts.size() - 1) : List.of());
      line.append(parts.getLast());
    }
    lines.add(line.toString());
    return lines;
  }

  /** Breaks a text into lines of that width, wherever they end. */
  static List<String> broken(String text, int width) {
    List<String> parts = new ArrayList<>();
    String rest = text;
    do {
      // wide enough for each letter
      String part = CharWidth.substringByWidth(rest, Math.max(2, width));
      parts.add(part);
      rest = rest.substring(part.length());
    } while (!rest.isEmpty());
    return parts;
  }

  /** Returns a text with blanks in front of it. */
  static String right(String text, int columns) {
    return " ".repeat(Math.max(0, columns - CharWidth.of(text))) + text;
  }

  /** Returns for example {@code 12 ms}, {@code 3.4 s} or {@code 2 h 05 min}. */
  static String seconds(double seconds) {
    double value = Math.max(0, seconds);
    if (value == 0) {
      return "0 s";
    }
    if (value < 0.0995) {
      return number(value * 1000) + " ms";
    }
    if (value < MINUTE - 0.05) {
      return number(value) + " s";
    }
    long whole = Math.round(value);
    if (whole < HOUR) {
      return String.format(Locale.ROOT, "%d min %02d s", whole / 60, whole % 60);
    }
    if (whole < DAY) {
      return String.format(Locale.ROOT, "%d h %02d min", whole / 3600, whole / 60 % 60);
    }
    return String.format(Locale.ROOT, "%d d %02d h", whole / 86_400, whole / 3600 % 24);
  }

  /** Returns a number with about three digits, such as {@code 0.123}, {@code 12.3} or 1234. */
  static String number(double value) {
    double size = Math.abs(value);
    if (size >= 99.95 || value == Math.rint(value)) {
      return String.format(Locale.ROOT, "%,.0f", value);
    }
    return String.format(Locale.ROOT, size < 0.995 ? "%.3f" : size < 9.95 ? "%.2f" : "%.1f", value);
  }

  /** Returns a number that people can read, such as {@code 1,234,567}. */
  static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** Returns {@code 1 item} or {@code 2 items}. */
  static String counted(long number, String what) {
    return count(number) + " " + (number == 1 ? what : what + "s");
  }
}
