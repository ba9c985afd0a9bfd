package dev.grain.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Scanner;
import java.util.function.Function;
import java.util.stream.Stream;

/** What the scheduler alone takes for a decision, whatever the number of jobs and nodes. */
final class Scheduling implements Question {
  private static final String HEAP = "4g";
  private static final int WARM_UP = 3;
  private static final int SAMPLES = 40;
  private static final int QUICK_SAMPLES = 10;

  private static final List<Integer> NODES = List.of(1, 10, 100, 1_000, 10_000);
  private static final List<Integer> REQUESTS = List.of(1, 10, 100, 1_000);
  private static final List<Integer> QUEUED =
      List.of(1_000, 10_000, 100_000, 1_000_000, 10_000_000);

  private static final List<Integer> QUICK_NODES = List.of(1, 1_000);
  private static final List<Integer> QUICK_REQUESTS = List.of(1, 1_000);
  private static final List<Integer> QUICK_QUEUED = List.of(1_000, 1_000_000);

  /** What one decision may take, for up to so many nodes. */
  private static final double GOAL_NANOS = 2_000;

  private static final int GOAL_NODES = 1_000;

  @Override
  public String name() {
    return "scheduling";
  }

  @Override
  public String asks() {
    return "what does a decision of the scheduler cost?";
  }

  /** What was measured for one size. */
  private record Cell(
      int nodes, int requests, int queued, double nanos, double spread, long steps, long bytes) {}

  @Override
  public void answer(Settings settings, Report report) throws Exception {
    List<Integer> queued = settings.quick() ? QUICK_QUEUED : QUEUED;
    List<Cell> cells = new ArrayList<>();
    try (Jvm jvm = Jvm.start("the scheduler", settings.headFlags(HEAP), SchedulingMain.class)) {
      int samples = settings.probe().roundsOr(settings.quick() ? QUICK_SAMPLES : SAMPLES);
      warmUp(jvm, samples);
      for (int nodes : settings.quick() ? QUICK_NODES : NODES) {
        for (int requests : settings.quick() ? QUICK_REQUESTS : REQUESTS) {
          for (int jobs : queued) {
            cells.add(measure(jvm, nodes, requests, jobs, samples));
          }
        }
      }
    }
    report.note(
        "The scheduler alone in a JVM with a heap of %s; by the jobs queued.".formatted(HEAP));
    report.table(
        table(
            "Time of a decision, ns",
            queued,
            cells,
            each -> String.format(Locale.ROOT, "%.0f", each.nanos())));
    report.table(
        table(
            "Spread, %",
            queued, cells, each -> String.format(Locale.ROOT, "%.1f", each.spread() * 100)));
    report.table(table("Steps of a decision", queued, cells, each -> "" + each.steps()));
    report.table(table("Bytes allocated in a decision", queued, cells, each -> "" + each.bytes()));
    report.chart(chart(cells));
    compare(cells, queued, report);
  }

  /** Shows the sizes with the most kinds of requests, which cost the most. */
  private static Chart chart(List<Cell> cells) {
    int requests = cells.stream().mapToInt(Cell::requests).max().orElseThrow();
    String title = "Time of a decision with %s kinds of requests".formatted(words(requests));
    Chart chart = new Chart("scheduling", title, "ns", false);
    for (Cell cell : cells) {
      if (cell.requests() == requests) {
        chart.bar(words(cell.queued()) + " queued", words(cell.nodes()) + " nodes", cell.nanos());
      }
    }
    return chart;
  }

  private static void warmUp(Jvm jvm, int samples) throws IOException {
    for (int round = 0; round < WARM_UP; round++) {
      for (int requests : REQUESTS) {
        measure(jvm, 10, requests, 10_000, samples);
      }
    }
  }

  private static Cell measure(Jvm jvm, int nodes, int requests, int queued, int samples)
      throws IOException {
    String line = "%s %s %s %s".formatted(nodes, queued, requests, samples);
    try (Scanner cost = new Scanner(jvm.ask(line, "cost")).useLocale(Locale.ROOT)) {
      return new Cell(
          nodes,
          requests,
          queued,
          cost.nextDouble(),
          cost.nextDouble(),
          cost.nextLong(),
          cost.nextLong());
    }
  }

  private static Table table(
      String title, List<Integer> queued, List<Cell> cells, Function<Cell, String> figure) {
    String[] columns =
        Stream.concat(Stream.of("nodes", "requests"), queued.stream().map(Scheduling::words))
            .toArray(String[]::new);
    Table table = new Table(title, columns);
    for (int first = 0; first < cells.size(); first += queued.size()) {
      List<Cell> row = cells.subList(first, first + queued.size());
      Stream<String> names =
          Stream.of(words(row.getFirst().nodes()), words(row.getFirst().requests()));
      table.row(Stream.concat(names, row.stream().map(figure)).toArray(String[]::new));
    }
    return table;
  }

  /** Compares the longest queue with the shortest, and the worst decision with the goal. */
  private static void compare(List<Cell> cells, List<Integer> queued, Report report) {
    Cell worst = cells.getFirst();
    for (int first = 0; first < cells.size(); first += queued.size()) {
      Cell least = cells.get(first);
      Cell most = cells.get(first + queued.size() - 1);
      String where =
          "-%s-nodes-%s-requests".formatted(words(least.nodes()), words(least.requests()));
      String high = words(most.queued());
      String low = words(least.queued());
      report.ratio(high, low, "scheduling-time" + where, most.nanos() / least.nanos());
      report.ratio(high, low, "scheduling-steps" + where, (double) most.steps() / least.steps());
    }
    for (Cell cell : cells) {
      worst = cell.nodes() <= GOAL_NODES && cell.nanos() > worst.nanos() ? cell : worst;
    }
    report.ratio("worst", "goal", "scheduling-time", worst.nanos() / GOAL_NANOS);
    report.figure("decision", worst.nanos() / 1e3);
  }

  /** Returns for example 10k. */
  private static String words(int number) {
    if (number >= 1_000_000) {
      return number / 1_000_000 + "M";
    }
    return number >= 1_000 ? number / 1_000 + "k" : String.valueOf(number);
  }
}
