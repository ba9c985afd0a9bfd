package dev.grain.benchmarks;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Scanner;

/** What a queued job costs the heap of the head, and whether many that pass leave anything. */
final class Queue implements Question {
  private static final List<Integer> QUEUED = List.of(10_000, 100_000, 1_000_000);
  private static final String HEAP = "2g";
  private static final int PASSING = 10_000_000;
  private static final int QUICK_PASSING = 500_000;
  private static final String PASSING_HEAP = "1g";
  private static final double MEBI = 1024 * 1024;

  /** What a queued job may take beside its encoded arguments, in bytes. */
  private static final double GOAL = 200;

  @Override
  public String name() {
    return "queue";
  }

  @Override
  public String asks() {
    return "what does a queued job cost the heap of the head?";
  }

  @Override
  public void answer(Settings settings, Report report) throws Exception {
    Table table =
        new Table("Heap of the head, bytes per queued job", "queued", "all", "encoded arguments");
    double overhead = 0;
    for (int jobs : QUEUED) {
      overhead = queue(jobs, settings, report, table);
    }
    report.table(table);
    report.ratio("queued-job", "goal", "heap", overhead / GOAL);
    report.figure("heap-per-job", overhead);
    stream(settings.quick() ? QUICK_PASSING : PASSING, settings, report);
  }

  /** Lets jobs wait in a queue, and returns how many bytes one takes beside its arguments. */
  private static double queue(int jobs, Settings settings, Report report, Table table)
      throws IOException {
    try (Jvm head = start("queued", jobs, HEAP, settings)) {
      double all = number(head.await("heap"));
      double arguments = number(head.await("arguments"));
      table.row(text("%,d", jobs), text("%.1f", all), text("%.1f", arguments));
      Table parts =
          new Table(
              String.format(Locale.ROOT, "Its parts with %,d queued", jobs),
              "class",
              "bytes a job");
      for (int left = Integer.parseInt(head.await("parts")); left > 0; left--) {
        try (Scanner part = new Scanner(head.await("part")).useLocale(Locale.ROOT)) {
          String bytes = text("%.1f", part.nextDouble());
          parts.row(part.next(), bytes);
        }
      }
      if (jobs == QUEUED.getLast()) {
        report.table(parts);
      }
      // those that took the slots return 0
      requireSum(head, QueueMain.WARM_UP + jobs, report);
      return all - arguments;
    }
  }

  /** Lets jobs pass through the stream of a map, and looks at what is live meanwhile. */
  private static void stream(int jobs, Settings settings, Report report) throws IOException {
    try (Jvm head = start("stream", jobs, PASSING_HEAP, settings)) {
      Table table =
          new Table(
              String.format(
                  Locale.ROOT, "%,d jobs through Grain.stream in a heap of %s", jobs, PASSING_HEAP),
              "passed",
              "live MiB");
      double first = 0;
      double last = 0;
      for (int sample = 1; sample <= QueueMain.SAMPLES; sample++) {
        last = number(head.await("live"));
        first = sample == 1 ? last : first;
        long passed = (long) jobs * sample / QueueMain.SAMPLES;
        table.row(text("%,d", passed), text("%.2f", last / MEBI));
      }
      report.table(table);
      requireSum(head, jobs, report);
      report.ratio("last", "first", "live-heap-of-a-stream", last / first);
    }
  }

  private static Jvm start(String what, int jobs, String heap, Settings settings)
      throws IOException {
    return Jvm.start(
        "the head", settings.headFlags(heap), QueueMain.class, what, String.valueOf(jobs));
  }

  private static void requireSum(Jvm head, int jobs, Report report) throws IOException {
    long sum = Long.parseLong(head.await("sum"));
    long right = (long) jobs * (jobs + 1) / 2;
    report.require(
        sum == right,
        String.format(
            Locale.ROOT,
            "%,d jobs that return the numbers from 1 on gave %,d, not %,d",
            jobs,
            sum,
            right));
  }

  private static double number(String text) {
    return Double.parseDouble(text);
  }

  private static String text(String format, Object value) {
    return String.format(Locale.ROOT, format, value);
  }
}
