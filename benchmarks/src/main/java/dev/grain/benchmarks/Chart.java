package dev.grain.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SequencedMap;

/**
 * Figures as horizontal bars: one group of bars for each category, one bar in it for each series.
 */
final class Chart {
  private final String name;
  private final String title;
  private final String axis;
  private final boolean logarithmic;
  private OptionalDouble mark = OptionalDouble.empty();
  // by series, the values by category
  private final SequencedMap<String, SequencedMap<String, Double>> values = new LinkedHashMap<>();

  /**
   * Makes a chart without bars.
   *
   * @param name of its file, without ending; unique in a report
   * @param title what it shows
   * @param axis what the figures are, with their unit
   * @param logarithmic whether equal ratios are to be equal distances
   */
  Chart(String name, String title, String axis, boolean logarithmic) {
    this.name = name;
    this.title = title;
    this.axis = axis;
    this.logarithmic = logarithmic;
  }

  /** Marks a figure by a line across the bars, such as that of the yardstick. */
  Chart mark(double figure) {
    mark = OptionalDouble.of(figure);
    return this;
  }

  /** Adds a bar. */
  Chart bar(String series, String category, double value) {
    values.computeIfAbsent(series, _ -> new LinkedHashMap<>()).put(category, value);
    return this;
  }

  String name() {
    return name;
  }

  String title() {
    return title;
  }

  String axis() {
    return axis;
  }

  OptionalDouble mark() {
    return mark;
  }

  boolean logarithmic() {
    return logarithmic;
  }

  SequencedMap<String, SequencedMap<String, Double>> values() {
    return values;
  }

  /** Returns the categories of all series. */
  List<String> categories() {
    List<String> categories = new ArrayList<>();
    values
        .values()
        .forEach(bars -> {
          bars.keySet().stream()
              .filter(each -> !categories.contains(each))
              .forEach(categories::add);
        });
    return categories;
  }
}
