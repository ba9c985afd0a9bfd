package dev.grain.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What it costs to have a journal: beside the same system without, and for each outcome. */
final class Journal implements Question {
  private static final long ROUND_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final long QUICK_ROUND_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final int WARM_UP = 40;
  private static final int QUICK_WARM_UP = 12;
  private static final int ROUNDS = 15;
  private static final int QUICK_ROUNDS = 10;
  private static final int LATENCY_JOBS = 200;
  private static final String HEAP = "2g";
  private static final List<Load> LOADS = List.of(Load.EMPTY, Load.KIB);
  private static final List<Integer> OUTCOMES = List.of(10_000, 100_000, 1_000_000);

  @Override
  public String name() {
    return "journal";
  }

  @Override
  public String asks() {
    return "what does a journal cost?";
  }

  @Override
  public void answer(Settings settings, Report report) throws Exception {
    try (Scratch scratch = Scratch.create();
        Rigs rigs = new Rigs(settings, report, scratch.folder())) {
      beside(rigs, settings, report);
    }
    Table table =
        new Table(
            "What is kept of a job that returns a number",
            "jobs of the life before",
            "file B/job",
            "heap B/job",
            "ms to open");
    for (int jobs : settings.quick() ? OUTCOMES.subList(0, 2) : OUTCOMES) {
      if (settings.probe().includes("kept")) {
        try (Scratch scratch = Scratch.create()) {
          kept(jobs, scratch.folder(), settings, report, table);
        }
      }
    }
    if (!table.rows().isEmpty()) {
      report.table(table);
    }
  }

  private static void beside(Rigs rigs, Settings settings, Report report) throws Exception {
    long nanos = settings.quick() ? QUICK_ROUND_NANOS : ROUND_NANOS;
    List<ThroughputSeries> rates = new ArrayList<>();
    List<LatencySeries> latencies = new ArrayList<>();
    for (Subject subject : List.of(Subject.GRAIN, Subject.GRAIN_JOURNAL)) {
      Optional<Rig> started = rigs.start(subject, 1);
      for (Load load : LOADS) {
        if (started.isPresent() && settings.probe().includes(load.word())) {
          rates.add(new ThroughputSeries(started.get(), load, settings.probe().jobs(), nanos));
        }
      }
      if (started.isPresent() && settings.probe().includes("latency")) {
        int jobs = settings.probe().jobsOr(LATENCY_JOBS);
        latencies.add(new LatencySeries(started.get(), Way.EXEC, jobs));
      }
    }
    List<Series> all = new ArrayList<>(rates);
    all.addAll(latencies);
    int rounds = settings.probe().roundsOr(settings.quick() ? QUICK_ROUNDS : ROUNDS);
    Series.race(all, settings.quick() ? QUICK_WARM_UP : WARM_UP, rounds, report);
    if (!rates.isEmpty()) {
      report.table(Throughput.table("Empty jobs, one worker with two slots", rates));
    }
    if (!latencies.isEmpty()) {
      report.table(Latency.table(latencies));
    }
    for (Load load : LOADS) {
      String what = "throughput" + (load == Load.EMPTY ? "" : "-" + load.word());
      Throughput.compare(rates, Subject.GRAIN_JOURNAL, load, Subject.GRAIN, load, what, report);
    }
    Latency.compare(latencies, Subject.GRAIN_JOURNAL, Way.EXEC, Subject.GRAIN, report);
  }

  /** Lets one life write, and the next one read. */
  private static void kept(int jobs, Path folder, Settings settings, Report report, Table table)
      throws IOException {
    String file = folder.resolve("run.journal").toString();
    String size;
    try (Jvm head = start("write", file, jobs, settings)) {
      long sum = Long.parseLong(head.await("sum"));
      report.require(
          sum == Load.sum(jobs),
          String.format(
              Locale.ROOT, "%,d jobs with a journal gave %,d, not %,d", jobs, sum, Load.sum(jobs)));
      size = head.await("file");
    }
    try (Jvm head = start("read", file, jobs, settings)) {
      String millis = head.await("millis");
      String heap = head.await("heap");
      report.require(Integer.parseInt(head.await("ran")) == 0, "Jobs ran that the journal has.");
      table.row(
          String.format(Locale.ROOT, "%,d", jobs),
          Table.figure(Double.parseDouble(size), 1),
          Table.figure(Double.parseDouble(heap), 1),
          Table.figure(Double.parseDouble(millis), 0));
    }
  }

  private static Jvm start(String what, String file, int jobs, Settings settings)
      throws IOException {
    return Jvm.start(
        "the head", settings.headFlags(HEAP), JournalMain.class, what, file, String.valueOf(jobs));
  }
}
