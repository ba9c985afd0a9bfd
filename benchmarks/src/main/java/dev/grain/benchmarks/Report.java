package dev.grain.benchmarks;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.SequencedMap;

/** What the questions found: printed as it comes, and kept. For one thread. */
final class Report {
  private final PrintStream out;
  private final List<Section> sections = new ArrayList<>();
  private final SequencedMap<String, Double> figures = new LinkedHashMap<>();
  private boolean wrong;
  private boolean endsWithRatio;

  Report(PrintStream out) {
    this.out = out;
  }

  /**
   * A comparison.
   *
   * @param subject what is compared, such as {@code grain}
   * @param yardstick what it is compared with, such as {@code bare}
   * @param what the quantity that is compared, such as {@code throughput}
   * @param value the subject's figure over the yardstick's
   */
  record Ratio(String subject, String yardstick, String what, double value) {
    /** Returns the line that scripts read. */
    @Override
    public String toString() {
      return String.format(Locale.ROOT, "ratio %s/%s %s %.2f", subject, yardstick, what, value);
    }
  }

  /**
   * What one question found.
   *
   * @param name the name of the question
   * @param asks the question as a sentence
   * @param tables its tables
   * @param charts its charts
   * @param ratios its comparisons
   * @param notes further findings, in sentences
   */
  record Section(
      String name,
      String asks,
      List<Table> tables,
      List<Chart> charts,
      List<Ratio> ratios,
      List<String> notes) {
    private Section(Question question) {
      this(
          question.name(),
          question.asks(),
          new ArrayList<>(),
          new ArrayList<>(),
          new ArrayList<>(),
          new ArrayList<>());
    }
  }

  /** Says what is asked from here on. */
  void question(Question question) {
    if (endsWithRatio) {
      out.println();
    }
    endsWithRatio = false;
    sections.add(new Section(question));
    out.printf("%s: %s%n%n", question.name(), question.asks());
  }

  /** Says something that the figures do not. */
  void note(String sentence) {
    section().notes.add(sentence);
    out.println(sentence);
    out.println();
  }

  void table(Table table) {
    if (endsWithRatio) {
      out.println();
    }
    endsWithRatio = false;
    section().tables.add(table);
    out.println(table);
  }

  /** Takes a comparison in; they come after the tables. See {@link Ratio}. */
  void ratio(String subject, String yardstick, String what, double value) {
    Ratio ratio = new Ratio(subject, yardstick, what, value);
    endsWithRatio = true;
    section().ratios.add(ratio);
    figures.put("%s/%s %s".formatted(subject, yardstick, what), value);
    out.println(ratio);
  }

  /**
   * Checks what was computed. If it was wrong, the sentence is printed and the program's exit code
   * is not 0.
   */
  void require(boolean right, String sentence) {
    if (!right) {
      wrong = true;
      out.println("WRONG: " + sentence);
    }
  }

  /** Returns whether something that was required was not right. */
  boolean isWrong() {
    return wrong;
  }

  /** Takes a chart for the written report. */
  void chart(Chart chart) {
    section().charts.add(chart);
  }

  /**
   * Takes a figure that a {@link Goal} is about; the tables show it to people.
   *
   * @param name as the goal names it
   */
  void figure(String name, double value) {
    figures.put(name, value);
  }

  /** Returns a figure by its name, or a ratio by {@code subject/yardstick what}. */
  OptionalDouble figure(String name) {
    Double value = figures.get(name);
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  List<Section> sections() {
    return List.copyOf(sections);
  }

  private Section section() {
    return sections.getLast();
  }
}
