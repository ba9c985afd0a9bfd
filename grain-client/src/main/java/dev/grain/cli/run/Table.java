package dev.grain.cli.run;

import java.util.ArrayList;
import java.util.List;

/** Rows for people, in columns. */
final class Table {
  private static final int LONGEST = 40;

  private Table() {}

  /** Returns headings and rows as lines. */
  static List<String> lines(List<String> headings, List<List<String>> rows) {
    List<List<String>> all = new ArrayList<>();
    all.add(headings);
    all.addAll(rows);
    int[] widths = new int[headings.size()];
    for (List<String> row : all) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : all) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        if (widths[i] > 0) {
          line.append(row.get(i)).repeat(' ', widths[i] - row.get(i).length() + 2);
        }
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }

  /** Returns a text without what would break a line or steer a terminal. */
  static String oneLine(String text) {
    return text.replaceAll("\\p{Cntrl}", "\uFFFD");
  }

  /** Returns a text that fits a column. */
  static String shortened(String text) {
    String line = oneLine(text);
    return line.length() <= LONGEST ? line : line.substring(0, LONGEST - 3) + "...";
  }
}
