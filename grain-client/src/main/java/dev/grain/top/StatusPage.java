package dev.grain.top;

import dev.grain.minion.report.Report;
import dev.grain.minion.report.Report.Busiest;
import dev.grain.minion.report.Report.Distribution;
import dev.grain.minion.report.Report.Outcomes;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/** What {@code minion-status} prints. */
final class StatusPage {
  private static final int GAP = 2;
  private static final int HEIGHT = 10;

  /** Columns that are narrower stand below each other. */
  private static final int NARROWEST = 36;

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

  private final Letters letters;
  private final int width;
  private final boolean colored;
  private final ZoneId zone;
  private final List<String> lines = new ArrayList<>();

  private StatusPage(Letters letters, int width, boolean colored, ZoneId zone) {
    this.letters = letters;
    this.width = width;
    this.colored = colored;
    this.zone = zone;
  }

  /** Returns how many steps the series of a report should have for a page of that width. */
  static int steps(int width) {
    return Plot.steps(columns(2, width));
  }

  private static int columns(int number, int width) {
    int each = (width - GAP * (number - 1)) / number;
    return each < NARROWEST && number > 1 ? columns(number - 1, width) : each;
  }

  /**
   * Returns the lines of a page.
   *
   * @param source where the report comes from
   * @param colored whether headings stand out by the codes of terminals
   * @param zone for times of day
   */
  static List<String> of(
      Report report, String source, Letters letters, int width, boolean colored, ZoneId zone) {
    StatusPage page = new StatusPage(letters, width, colored, zone);
    page.print(report, source);
    return page.lines;
  }

  private void print(Report report, String source) {
    lines.add(
        letters
            .fit("Minions of %s at %s".formatted(source, time(report.time())), width)
            .stripTrailing());
    heading("Failures");
    outcomes(report.failures(), "failures");
    heading("Generations (success + failures)");
    outcomes(report.generations(), "generations");
    heading("Generations (in flight)");
    inFlight(report.inFlight());
    heading("Success");
    outcomes(report.successes(), "successes");
    Report.Activity activity = report.activity();
    heading("Generation activity (nlargest), last window " + Texts.seconds(activity.window()));
    row(
        List.of(
            table("generations", activity.generations()),
            table("generations, last window", activity.recent()),
            table("errors", activity.errors()),
            table("errors, last window", activity.recentErrors())));
    heading("Your minions");
    minions(report.minions());
    if (!report.queues().isEmpty()) {
      heading("Queue");
      report.queues().forEach(this::queue);
    }
    heading("Summary");
    summary(report);
  }

  private String time(double seconds) {
    return TIME.format(Instant.ofEpochSecond((long) seconds).atZone(zone));
  }

  private void heading(String text) {
    String line =
        Texts.fit(text + " " + String.valueOf(letters.level).repeat(width), width, letters.level)
            .stripTrailing();
    lines.add("");
    lines.add(colored ? "\u001b[1m" + line + "\u001b[0m" : line);
  }

  // ---------------------------------------------------------------- rows

  private record Column(List<String> lines) {}

  /** Puts columns beside each other, as many as there is room for. */
  private void row(List<Column> columns) {
    int each = columns(columns.size(), width);
    int beside = Math.max(1, (width + GAP) / (each + GAP));
    for (int from = 0; from < columns.size(); from += beside) {
      List<Column> part = columns.subList(from, Math.min(columns.size(), from + beside));
      int height = part.stream().mapToInt(column -> column.lines().size()).max().orElse(0);
      for (int i = 0; i < height; i++) {
        StringBuilder line = new StringBuilder();
        for (Column column : part) {
          line.append(letters.fit(i < column.lines().size() ? column.lines().get(i) : "", each));
          line.append(" ".repeat(GAP));
        }
        lines.add(line.toString().stripTrailing());
      }
    }
  }

  private void outcomes(Outcomes outcomes, String what) {
    if (outcomes.count() == 0) {
      lines.add("no " + what);
      return;
    }
    int each = columns(2, width);
    Plot plot = new Plot(letters, each);
    List<String> rate =
        new ArrayList<>(plot.overTime(outcomes.rate().series(), HEIGHT, outcomes.rate().mean()));
    rate.addFirst(
        "per second: mean %s %s, %s %s, 10 steps %s"
            .formatted(
                Texts.number(outcomes.rate().mean()),
                letters.level,
                Texts.seconds(outcomes.rate().series().step()),
                letters.rising(1),
                letters.dot));
    row(List.of(distribution(outcomes.durations(), each), new Column(rate)));
  }

  private Column distribution(Distribution durations, int each) {
    List<String> made = new ArrayList<>();
    made.add("distribution (%s)".formatted(Texts.counted(durations.count(), "sample")));
    if (durations.count() == 0) {
      made.add("none of them was processed: their setup failed");
    } else {
      made.addAll(new Plot(letters, each).distribution(durations, Texts::seconds));
      made.add(
          "mean %s, median %s, 95%% within %s"
              .formatted(
                  Texts.seconds(durations.mean()),
                  Texts.seconds(durations.median()),
                  Texts.seconds(durations.most95())));
    }
    return new Column(made);
  }

  private void inFlight(Report.InFlight inFlight) {
    wrap(
        "%s now, at most %s at a time; means over %s %s, over 10 of these %s"
            .formatted(
                Texts.counted(inFlight.now(), "item"),
                Texts.number(inFlight.most()),
                Texts.seconds(inFlight.series().step()),
                letters.rising(1),
                letters.dot));
    new Plot(letters, width)
        .overTime(inFlight.series(), HEIGHT, -1)
        .forEach(line -> lines.add(line.stripTrailing()));
  }

  private Column table(String title, List<Busiest> nodes) {
    List<String> made = new ArrayList<>();
    made.add(title);
    if (nodes.isEmpty()) {
      made.add("  none");
    }
    for (Busiest node : nodes) {
      made.add(
          "%s  %s %s"
              .formatted(Texts.right(Texts.count(node.count()), 9), node.nodename(), node.job()));
    }
    return new Column(made);
  }

  private void minions(Report.Minions minions) {
    int each = columns(2, width);
    Plot plot = new Plot(letters, each);
    List<String> lifetimes = new ArrayList<>();
    lifetimes.add("lifetimes (%s)".formatted(Texts.counted(minions.lifetimes().count(), "minion")));
    lifetimes.addAll(plot.distribution(minions.lifetimes(), Texts::seconds));
    List<String> generations = new ArrayList<>();
    generations.add("generations per minion");
    generations.addAll(plot.distribution(minions.generations(), Texts::number));
    row(List.of(new Column(lifetimes), new Column(generations)));
    lines.add("");
    lines.add("minions over time, means over " + Texts.seconds(minions.alive().step()));
    new Plot(letters, width)
        .overTime(minions.alive(), HEIGHT, -1)
        .forEach(line -> lines.add(line.stripTrailing()));
  }

  private void queue(Report.Queue queue) {
    String end =
        queue.secondsLeft() == null
            ? ""
            : ", about %s left".formatted(Texts.seconds(queue.secondsLeft()));
    wrap(
        "%s: %s ready, %s in flight, %s done, %s dead%s"
            .formatted(
                queue.address(),
                number(queue.ready()),
                number(queue.inFlight()),
                number(queue.done()),
                number(queue.dead()),
                end));
  }

  static String number(OptionalLong number) {
    return number.isPresent() ? Texts.count(number.getAsLong()) : "?";
  }

  // ---------------------------------------------------------------- prose

  private void summary(Report report) {
    Report.Summary summary = report.summary();
    Double start = report.start();
    wrap(
        "The run spans %s, since %s. Of %s, %s succeeded and %s failed (%s%%)%s."
            .formatted(
                Texts.seconds(summary.seconds()),
                start == null ? "?" : time(start),
                Texts.counted(summary.generations(), "generation"),
                Texts.count(summary.successes()),
                Texts.count(summary.errors()),
                Texts.number(summary.percentFailed()),
                summary.notProcessed() == 0
                    ? ""
                    : ", %s of them before they were processed"
                        .formatted(Texts.count(summary.notProcessed()))));
    wrap(
        "On average %s results per second, recently %s."
            .formatted(Texts.number(summary.rate()), Texts.number(summary.recentRate())));
    wrap(
        "%s, %s of them at work, with %s generations each on average. The oldest has lived for %s;"
                .formatted(
                    Texts.counted(summary.minions(), "minion"),
                    Texts.count(summary.alive()),
                    Texts.number(summary.perMinion()),
                    Texts.seconds(summary.oldest()))
            + " the longest streak without an error is %s."
                .formatted(Texts.counted(summary.streak(), "generation")));
    if (summary.alive() > 0) {
      wrap("Minions are at work: these numbers change.");
    }
    Report.Unreadable unreadable = report.unreadable();
    if (unreadable.count() > 0) {
      wrap(
          "%s could not be read: %s%s"
              .formatted(
                  Texts.counted(unreadable.count(), "line"),
                  String.join("; ", unreadable.first()),
                  unreadable.count() > unreadable.first().size() ? "; ..." : "."));
    }
  }

  private void wrap(String text) {
    lines.addAll(Texts.wrapped(text, width));
  }
}
