package dev.grain.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** How many empty jobs a second, beside the yardstick. */
final class Throughput implements Question {
  private static final long ROUND_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final long QUICK_ROUND_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final int MOST_WORKERS = 4;
  private static final int WARM_UP = 40;
  private static final int QUICK_WARM_UP = 12;
  private static final int ROUNDS = 15;
  private static final int QUICK_ROUNDS = 10;

  @Override
  public String name() {
    return "throughput";
  }

  @Override
  public String asks() {
    return "how many empty jobs a second?";
  }

  @Override
  public void answer(Settings settings, Report report) throws Exception {
    try (Scratch scratch = Scratch.create();
        Rigs rigs = new Rigs(settings, report, scratch.folder())) {
      oneWorker(rigs, settings, report);
    }
    for (int workers = settings.quick() ? MOST_WORKERS : 2; workers <= MOST_WORKERS; workers++) {
      if (settings.probe().includes("workers")) {
        try (Scratch scratch = Scratch.create();
            Rigs rigs = new Rigs(settings, report, scratch.folder())) {
          manyWorkers(workers, rigs, settings, report);
        }
      }
    }
  }

  private static void oneWorker(Rigs rigs, Settings settings, Report report) throws Exception {
    List<ThroughputSeries> all = new ArrayList<>();
    for (Subject subject : Subject.values()) {
      List<Load> loads =
          loadsOf(subject).stream().filter(load -> settings.probe().includes(load.word())).toList();
      if (!loads.isEmpty()) {
        rigs.start(subject, 1)
            .ifPresent(rig -> loads.forEach(load -> all.add(series(rig, load, settings))));
      }
    }
    race(all, settings, report);
    report.table(table("Empty jobs, one worker with two slots", all));
    Chart chart = new Chart("throughput", "Jobs a second, one worker", "1000 jobs/s", false);
    all.forEach(series -> chart.bar("jobs", series.name(), series.rates().median() / 1000));
    report.chart(chart);
    for (Load load : Load.values()) {
      // requests mean nothing to the yardstick, so its empty jobs stand for the mixed ones too
      Load yardstick = load == Load.KIB ? Load.KIB : Load.EMPTY;
      String what = "throughput" + (load == Load.EMPTY ? "" : "-" + load.word());
      compare(all, Subject.GRAIN, load, Subject.BARE, yardstick, what, report);
    }
    compare(all, Subject.GRAIN_TLS, Subject.GRAIN, report);
    compare(all, Subject.BARE_TLS, Subject.BARE, report);
    compare(all, Subject.GRAIN_TLS, Subject.BARE_TLS, report);
    for (Subject peer : Subject.PEERS) {
      compare(all, Subject.GRAIN, peer, report);
      compare(all, Subject.BARE, peer, report);
    }
  }

  private static List<Load> loadsOf(Subject subject) {
    return switch (subject) {
      case GRAIN -> List.of(Load.values());
      case BARE -> List.of(Load.EMPTY, Load.KIB);
      case GRAIN_TLS, BARE_TLS, HAZELCAST, IGNITE -> List.of(Load.EMPTY);
      case GRAIN_JOURNAL, RAW, RAW_TLS, ONE_THREAD, TWO_THREADS -> List.of();
    };
  }

  private static void manyWorkers(int workers, Rigs rigs, Settings settings, Report report)
      throws Exception {
    List<ThroughputSeries> all = new ArrayList<>();
    for (Subject subject : List.of(Subject.GRAIN, Subject.BARE)) {
      rigs.start(subject, workers).ifPresent(rig -> all.add(series(rig, Load.EMPTY, settings)));
    }
    race(all, settings, report);
    report.table(table("Empty jobs, %s workers with two slots each".formatted(workers), all));
    String what = "throughput-%s-workers".formatted(workers);
    compare(all, Subject.GRAIN, Load.EMPTY, Subject.BARE, Load.EMPTY, what, report);
  }

  private static ThroughputSeries series(Rig rig, Load load, Settings settings) {
    long nanos = settings.quick() ? QUICK_ROUND_NANOS : ROUND_NANOS;
    return new ThroughputSeries(rig, load, settings.probe().jobs(), nanos);
  }

  private static void race(List<ThroughputSeries> all, Settings settings, Report report)
      throws IOException {
    int rounds = settings.probe().roundsOr(settings.quick() ? QUICK_ROUNDS : ROUNDS);
    Series.race(all, settings.quick() ? QUICK_WARM_UP : WARM_UP, rounds, report);
  }

  static Table table(String title, List<ThroughputSeries> all) {
    Table table =
        new Table(title, "system", "1000 jobs/s", "spread %", "CPU head us/job", "worker us/job");
    for (ThroughputSeries series : all) {
      table.row(
          series.name(),
          Table.figure(series.rates().median() / 1000, 1),
          Table.figure(series.rates().spread() * 100, 1),
          Table.figure(series.cpu().headMicros(), 2),
          Table.figure(series.cpu().workerMicros(), 2));
    }
    return table;
  }

  private static void compare(
      List<ThroughputSeries> all, Subject one, Subject other, Report report) {
    compare(all, one, Load.EMPTY, other, Load.EMPTY, "throughput", report);
  }

  /** Reports the ratio, if both were measured. */
  static void compare(
      List<ThroughputSeries> all,
      Subject one,
      Load load,
      Subject other,
      Load otherLoad,
      String what,
      Report report) {
    find(all, one, load)
        .flatMap(subject ->
            find(all, other, otherLoad)
                .map(yardstick -> subject.rates().median() / yardstick.rates().median()))
        .ifPresent(value -> report.ratio(one.word(), other.word(), what, value));
  }

  private static Optional<ThroughputSeries> find(
      List<ThroughputSeries> all, Subject subject, Load load) {
    return all.stream().filter(series -> series.is(subject, load)).findFirst();
  }
}
