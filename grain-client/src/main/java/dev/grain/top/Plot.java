package dev.grain.top;

import dev.grain.minion.report.Report;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleFunction;

/** Charts as lines of text, each of the full width. */
final class Plot {
  private static final int LABEL = 7;
  private static final int SMOOTH = 10;

  private final Letters letters;
  private final int width;

  Plot(Letters letters, int width) {
    this.letters = letters;
    this.width = width;
  }

  /** Returns how many steps a chart over time shows. */
  static int steps(int width) {
    return Math.max(1, width - LABEL - 1);
  }

  /**
   * Returns a chart over time: columns for the steps, dots for the means of ten steps, and a line
   * for a mean.
   *
   * @param height how many lines, at least 3; the last two are the axis and its labels
   * @param mean what the line shows; below zero for none
   */
  List<String> overTime(Report.Series series, int height, double mean) {
    int columns = steps(width);
    int rows = height - 2;
    double top = Math.max(series.most(), mean);
    double[] values = stretched(series.values(), columns);
    double[] smooth = stretched(series.over(SMOOTH).values(), columns);
    List<String> lines = new ArrayList<>();
    for (int row = rows - 1; row >= 0; row--) {
      StringBuilder line = new StringBuilder();
      line.append(label(row == rows - 1 ? Texts.number(top) : row == 0 ? "0" : ""));
      line.append(letters.upright);
      for (int i = 0; i < columns; i++) {
        line.append(cell(row, rows, top, values[i], smooth[i], mean));
      }
      lines.add(line.toString());
    }
    String end = Texts.seconds(series.step() * series.values().size());
    lines.add(" ".repeat(LABEL) + letters.corner + String.valueOf(letters.level).repeat(columns));
    lines.add(
        " ".repeat(LABEL + 1) + "0 s" + Texts.right(end, Math.max(1, columns - "0 s".length())));
    return lines;
  }

  private char cell(int row, int rows, double top, double value, double smooth, double mean) {
    if (top > 0 && smooth > 0 && row(smooth, top, rows) == row) {
      return letters.dot;
    }
    double filled = top > 0 ? value / top * rows - row : 0;
    if (filled > 1.0 / 16) {
      return letters.rising(Math.min(1, filled));
    }
    return top > 0 && mean > 0 && row(mean, top, rows) == row ? letters.level : ' ';
  }

  private static int row(double value, double top, int rows) {
    return (int) Math.min(rows - 1, Math.floor(value / top * rows));
  }

  private static double[] stretched(List<Double> values, int columns) {
    double[] all = new double[columns];
    for (int i = 0; i < columns && !values.isEmpty(); i++) {
      all[i] = values.get(Math.min(values.size() - 1, i * values.size() / columns));
    }
    return all;
  }

  private static String label(String text) {
    return Texts.right(text, LABEL - 1) + " ";
  }

  /**
   * Returns a bar for each part of a distribution.
   *
   * @param unit how its values are written
   */
  List<String> distribution(Report.Distribution distribution, DoubleFunction<String> unit) {
    List<String> names = new ArrayList<>();
    for (Report.Bin bin : distribution.bins()) {
      names.add(
          bin.to() > bin.from()
              ? unit.apply(bin.from()) + " - " + unit.apply(bin.to())
              : unit.apply(bin.from()));
    }
    long most = distribution.bins().stream().mapToLong(Report.Bin::count).max().orElse(0);
    int first = names.stream().mapToInt(String::length).max().orElse(0);
    int last = Texts.count(most).length();
    int bar = Math.max(1, width - first - last - 3);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      long count = distribution.bins().get(i).count();
      lines.add(
          Texts.fit(
              Texts.right(names.get(i), first)
                  + " "
                  + letters.upright
                  + bar((double) count / Math.max(1, most), bar)
                  + " "
                  + Texts.right(Texts.count(count), last),
              width,
              letters.cut));
    }
    return lines;
  }

  /** Returns a bar of which so much, from 0 to 1, is filled. */
  String bar(double part, int columns) {
    char[] cells = new char[columns];
    Arrays.fill(cells, ' ');
    double filled = Math.clamp(part, 0, 1) * columns;
    for (int i = 0; i < columns; i++) {
      cells[i] = letters.growing(Math.clamp(filled - i, 0, 1));
    }
    return new String(cells);
  }
}
