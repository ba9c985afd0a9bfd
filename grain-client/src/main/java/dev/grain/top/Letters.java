package dev.grain.top;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The characters that charts are made of. */
enum Letters {
  /** Blocks and lines. */
  UNICODE(" ▁▂▃▄▅▆▇█", " ▏▎▍▌▋▊▉█", '│', '─', '└', '•', '…', '▲', '▼', '●'),
  /** Those that every terminal has. */
  ASCII(" ..::==##", "    #####", '|', '-', '+', 'o', '~', '^', 'v', '*');

  private final String rising;
  private final String growing;
  final char upright;
  final char level;
  final char corner;
  final char dot;
  final char cut;
  final char up;
  final char down;
  final char mark;

  Letters(
      String rising,
      String growing,
      char upright,
      char level,
      char corner,
      char dot,
      char cut,
      char up,
      char down,
      char mark) {
    this.rising = rising;
    this.growing = growing;
    this.upright = upright;
    this.level = level;
    this.corner = corner;
    this.dot = dot;
    this.cut = cut;
    this.up = up;
    this.down = down;
    this.mark = mark;
  }

  /** Returns those that a terminal with these variables has. */
  static Letters of(Map<String, String> variables) {
    for (String name : List.of("LC_ALL", "LC_CTYPE", "LANG")) {
      String value = variables.getOrDefault(name, "");
      if (!value.isEmpty()) {
        String locale = value.toLowerCase(Locale.ROOT);
        return locale.contains("utf-8") || locale.contains("utf8") ? UNICODE : ASCII;
      }
    }
    return ASCII;
  }

  /** Returns a cell of which so much, from 0 to 1, is filled from below. */
  char rising(double part) {
    return part(rising, part);
  }

  /** Returns a cell of which so much, from 0 to 1, is filled from the left. */
  char growing(double part) {
    return part(growing, part);
  }

  private static char part(String cells, double part) {
    return cells.charAt(Math.clamp(Math.round(part * 8), 0, 8));
  }

  /** Returns a text without what a terminal would obey, in at most so many columns. */
  String fit(String text, int columns) {
    return Texts.fit(text, columns, cut);
  }
}
