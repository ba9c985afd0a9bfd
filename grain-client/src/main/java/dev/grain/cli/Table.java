package dev.grain.cli;

import dev.tamboui.text.CharWidth;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** Rows for people, in columns. For one thread. */
public final class Table {
  private static final int LONGEST = 40;
  private static final String CUT = "...";

  /** So many columns keeps each text that is cut. */
  private static final int LEAST = 8;

  private static final String GAP = "  ";

  private final List<String> headings;
  private final List<List<String>> rows = new ArrayList<>();

  /** Makes a table without rows. */
  public Table(List<String> headings) {
    this.headings = List.copyOf(headings);
  }

  /** Adds a row, with a text for each heading. */
  public void add(List<String> row) {
    rows.add(row.stream().map(Table::oneLine).toList());
  }

  /** Returns the headings and the rows as lines of any width. */
  public List<String> lines() {
    return lines(OptionalInt.empty());
  }

  /**
   * Returns the headings and the rows as lines.
   *
   * @param columns how wide lines may be, for which the longest texts are cut, but not those of the
   *     first column, which name what the row is about
   */
  public List<String> lines(OptionalInt columns) {
    int[] widths = IntStream.range(0, headings.size()).map(this::width).toArray();
    columns.ifPresent(width -> narrow(widths, width));
    List<String> lines = new ArrayList<>();
    lines.add(line(headings, widths));
    rows.forEach(row -> lines.add(line(row, widths)));
    return lines;
  }

  private int width(int column) {
    int widest = CharWidth.of(headings.get(column));
    for (List<String> row : rows) {
      widest = Math.max(widest, CharWidth.of(row.get(column)));
    }
    return widest;
  }

  private static void narrow(int[] widths, int columns) {
    int over = IntStream.of(widths).sum() + GAP.length() * (widths.length - 1) - columns;
    for (; over > 0; over--) {
      int widest = 0;
      for (int i = 1; i < widths.length; i++) {
        if (widths[i] > LEAST && (widest == 0 || widths[i] > widths[widest])) {
          widest = i;
        }
      }
      if (widest == 0) {
        return;
      }
      widths[widest]--;
    }
  }

  private static String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String text = cut(row.get(i), widths[i]);
      line.append(i == 0 ? "" : GAP).append(text).repeat(' ', widths[i] - CharWidth.of(text));
    }
    return line.toString().stripTrailing();
  }

  private static String cut(String text, int width) {
    return CharWidth.of(text) <= width
        ? text
        : CharWidth.substringByWidth(text, width - CUT.length()) + CUT;
  }

  /** Returns a text without what would break a line or steer a terminal. */
  public static String oneLine(String text) {
    return text.replaceAll("\\p{Cntrl}", "\uFFFD");
  }

  /** Returns a text that fits a column. */
  public static String shortened(String text) {
    String line = oneLine(text);
    return line.length() <= LONGEST ? line : line.substring(0, LONGEST - CUT.length()) + CUT;
  }
}
