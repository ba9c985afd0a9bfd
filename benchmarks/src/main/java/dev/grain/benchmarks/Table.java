package dev.grain.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A small table of text: what the rows are about on the left, figures on the right. */
final class Table {
  private final String title;
  private final List<String> columns;
  private final List<List<String>> rows = new ArrayList<>();

  /**
   * Makes a table without rows.
   *
   * @param columns their headers, with units
   */
  Table(String title, String... columns) {
    this.title = title;
    this.columns = List.of(columns);
  }

  /**
   * Adds a row.
   *
   * @throws IllegalArgumentException if it has not a cell for each column
   */
  Table row(String... cells) {
    if (cells.length != columns.size()) {
      throw new IllegalArgumentException(
          "The table '%s' has %s columns; a row of %s cells does not fit: %s"
              .formatted(title, columns.size(), cells.length, List.of(cells)));
    }
    rows.add(List.of(cells));
    return this;
  }

  /** Returns a figure with that many digits after the point. */
  static String figure(double value, int digits) {
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  String title() {
    return title;
  }

  List<String> columns() {
    return columns;
  }

  List<List<String>> rows() {
    return List.copyOf(rows);
  }

  /** Returns it as lines for a terminal, each with its end. */
  @Override
  public String toString() {
    List<Integer> widths = new ArrayList<>();
    for (int column = 0; column < columns.size(); column++) {
      int at = column;
      widths.add(
          Stream.concat(Stream.of(columns), rows.stream())
              .mapToInt(cells -> cells.get(at).length())
              .max()
              .orElse(0));
    }
    return Stream.concat(Stream.of(columns), rows.stream())
        .map(cells -> line(cells, widths))
        .collect(Collectors.joining("", title + System.lineSeparator(), ""));
  }

  private static String line(List<String> cells, List<Integer> widths) {
    StringBuilder line = new StringBuilder();
    for (int column = 0; column < cells.size(); column++) {
      String cell = cells.get(column);
      String space = " ".repeat(widths.get(column) - cell.length());
      line.append("  ").append(column == 0 ? cell + space : space + cell);
    }
    return line.toString().stripTrailing() + System.lineSeparator();
  }
}
