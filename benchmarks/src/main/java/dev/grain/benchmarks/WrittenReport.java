package dev.grain.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Writes what the questions found as a document, with its charts in a folder beside it. The notes
 * about a question are in a resource with its name, so that the next run keeps it.
 */
final class WrittenReport {
  private static final String NAME = "performance";

  /** From which ratio of the largest to the smallest on a logarithmic axis is easier to read. */
  private static final double WIDE = 20;

  /** Charts of more ratios than this show less than the table. */
  private static final int MOST_BARS = 12;

  private final Path folder;
  private final List<String> lines = new ArrayList<>();

  private WrittenReport(Path folder) {
    this.folder = folder;
  }

  /**
   * Writes it.
   *
   * @param folder where the document goes
   * @param quick whether it comes from fewer rounds and sizes
   * @return the document
   */
  static Path write(Path folder, Report report, Setting setting, boolean quick) throws IOException {
    clear(Files.createDirectories(folder.resolve(NAME)));
    return new WrittenReport(folder).write(report, setting, quick);
  }

  /** Removes the charts of an earlier report. */
  private static void clear(Path charts) throws IOException {
    try (DirectoryStream<Path> old = Files.newDirectoryStream(charts, "*.svg")) {
      for (Path chart : old) {
        Files.delete(chart);
      }
    }
  }

  private Path write(Report report, Setting setting, boolean quick) throws IOException {
    lines.add("# Performance\n");
    lines.add(
        "Made by `bin/grain bench all --report` on %s; the text between the figures is written by hand.\n"
            .formatted(LocalDate.now(ZoneOffset.UTC)));
    if (quick) {
      lines.add("**These figures are of a quick run, with few rounds and small sizes.**\n");
    }
    lines.add("| | |\n|---|---|");
    lines.add("| processors | %s |".formatted(setting.processor()));
    lines.add("| memory | %s |".formatted(setting.memory()));
    lines.add("| system | %s |".formatted(setting.system()));
    lines.add("| Java | %s |".formatted(setting.java()));
    lines.add("| commit | %s |\n".formatted(setting.commit()));
    prose(NAME);
    goals(report);
    for (Report.Section section : report.sections()) {
      section(section);
    }
    Path document = folder.resolve(NAME + ".md");
    Files.writeString(document, String.join("\n", lines).stripTrailing() + "\n");
    return document;
  }

  private void goals(Report report) {
    lines.add("## Goals\n");
    Table table = new Table("", "what", "goal", "reached", "met");
    for (Goal goal : Goal.ALL) {
      table.row(goal.row(report).toArray(String[]::new));
    }
    add(table);
  }

  private void section(Report.Section section) throws IOException {
    lines.add("## %s\n".formatted(capitalized(section.name())));
    lines.add(capitalized(section.asks()) + "\n");
    for (Table table : section.tables()) {
      lines.add("### %s\n".formatted(table.title()));
      add(table);
    }
    for (Chart chart : section.charts()) {
      add(chart);
    }
    if (!section.ratios().isEmpty()) {
      lines.add("### Ratios\n");
      ratios(section);
    }
    section.notes().forEach(note -> lines.add(note + "\n"));
    prose(section.name());
  }

  private void ratios(Report.Section section) throws IOException {
    List<Report.Ratio> ratios = section.ratios();
    double least = ratios.stream().mapToDouble(Report.Ratio::value).min().orElse(1);
    double most = ratios.stream().mapToDouble(Report.Ratio::value).max().orElse(1);
    Table table = new Table("", "of", "to", "what", "ratio");
    Chart chart =
        new Chart(section.name() + "-ratios", "Ratios", "ratio", least > 0 && most / least > WIDE)
            .mark(1);
    for (Report.Ratio ratio : ratios) {
      String value = String.format(Locale.ROOT, "%.2f", ratio.value());
      table.row(ratio.subject(), ratio.yardstick(), ratio.what(), value);
      chart.bar(
          "ratio",
          "%s / %s %s".formatted(ratio.subject(), ratio.yardstick(), ratio.what()),
          ratio.value());
    }
    add(table);
    if (ratios.size() > 1 && ratios.size() <= MOST_BARS) {
      add(chart);
    }
  }

  private void add(Table table) {
    lines.add(row(table.columns()));
    lines.add("|---" + "|---:".repeat(table.columns().size() - 1) + "|");
    table.rows().forEach(row -> lines.add(row(row)));
    lines.add("");
  }

  private static String row(List<String> cells) {
    return cells.stream()
        .map(cell -> cell.replace("|", "\\|"))
        .collect(Collectors.joining(" | ", "| ", " |"));
  }

  private void add(Chart chart) throws IOException {
    String file = "%s/%s.svg".formatted(NAME, chart.name());
    Files.writeString(folder.resolve(file), ChartDrawing.svg(chart));
    lines.add("![%s](%s)\n".formatted(chart.title(), file));
  }

  private void prose(String name) throws IOException {
    try (InputStream written = WrittenReport.class.getResourceAsStream(name + ".md")) {
      if (written != null) {
        lines.add(new String(written.readAllBytes(), StandardCharsets.UTF_8).strip() + "\n");
      }
    }
  }

  private static String capitalized(String text) {
    return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }
}
