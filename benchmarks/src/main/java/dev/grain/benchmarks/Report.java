package dev.grain.benchmarks;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the questions found: printed as it comes, and kept. For one thread. */
final class Report {
  private final PrintStream out;
  private final List<Table> tables = new ArrayList<>();
  private final List<Ratio> ratios = new ArrayList<>();
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

  /** Says what is asked from here on. */
  void question(Question question) {
    if (endsWithRatio) {
      out.println();
    }
    endsWithRatio = false;
    out.printf("%s: %s%n%n", question.name(), question.asks());
  }

  /** Says something that the figures do not. */
  void note(String sentence) {
    out.println(sentence);
    out.println();
  }

  void table(Table table) {
    tables.add(table);
    if (endsWithRatio) {
      out.println();
    }
    endsWithRatio = false;
    out.println(table);
  }

  /** Takes a comparison in; they come after the tables. See {@link Ratio}. */
  void ratio(String subject, String yardstick, String what, double value) {
    Ratio ratio = new Ratio(subject, yardstick, what, value);
    ratios.add(ratio);
    endsWithRatio = true;
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

  List<Table> tables() {
    return List.copyOf(tables);
  }

  List<Ratio> ratios() {
    return List.copyOf(ratios);
  }
}
