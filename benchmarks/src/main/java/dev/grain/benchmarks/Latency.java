package dev.grain.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How long one job takes there and back, beside the yardstick. */
final class Latency implements Question {
  private static final int JOBS = 1000;
  private static final int QUICK_JOBS = 500;
  private static final int WARM_UP = 15;
  private static final int ROUNDS = 30;
  private static final int QUICK_ROUNDS = 10;

  @Override
  public String name() {
    return "latency";
  }

  @Override
  public String asks() {
    return "how long does an empty job take, one at a time, from the call to its result?";
  }

  @Override
  public void answer(Settings settings, Report report) throws Exception {
    int jobs = settings.probe().jobsOr(settings.quick() ? QUICK_JOBS : JOBS);
    int rounds = settings.probe().roundsOr(settings.quick() ? QUICK_ROUNDS : ROUNDS);
    List<LatencySeries> all = new ArrayList<>();
    try (Scratch scratch = Scratch.create();
        Rigs rigs = new Rigs(settings, report, scratch.folder())) {
      for (Subject subject : Subject.values()) {
        List<Way> ways = ways(subject, settings);
        Optional<Rig> rig = ways.isEmpty() ? Optional.empty() : rigs.start(subject, 1);
        rig.ifPresent(it -> ways.forEach(way -> all.add(new LatencySeries(it, way, jobs))));
      }
      Series.race(all, WARM_UP, rounds, report);
    }
    report.table(table(all));
    compare(all, Subject.GRAIN, Way.EXEC, Subject.BARE, report);
    compare(all, Subject.GRAIN, Way.GROUP, Subject.BARE, report);
    compare(all, Subject.GRAIN_TLS, Way.EXEC, Subject.BARE_TLS, report);
    compare(all, Subject.GRAIN_TLS, Way.EXEC, Subject.GRAIN, report);
    for (Subject peer : Subject.PEERS) {
      compare(all, Subject.GRAIN, Way.EXEC, peer, report);
    }
  }

  private static List<Way> ways(Subject subject, Settings settings) {
    List<Way> ways =
        switch (subject) {
          case GRAIN -> List.of(Way.values());
          case GRAIN_TLS, BARE, BARE_TLS, HAZELCAST, IGNITE -> List.of(Way.EXEC);
          case GRAIN_JOURNAL, RAW, RAW_TLS, ONE_THREAD, TWO_THREADS -> List.of();
        };
    return ways.stream().filter(way -> settings.probe().includes(way.word())).toList();
  }

  static Table table(List<LatencySeries> all) {
    Table table =
        new Table(
            "One empty job at a time",
            "system",
            "p50 us",
            "spread %",
            "p99 us",
            "p99.9 us",
            "CPU head us/job",
            "worker us/job");
    for (LatencySeries series : all) {
      table.row(
          series.name(),
          Table.figure(series.micros().median(), 0),
          Table.figure(series.medians().spread() * 100, 1),
          Table.figure(series.micros().quantile(0.99), 0),
          Table.figure(series.micros().quantile(0.999), 0),
          Table.figure(series.cpu().headMicros(), 0),
          Table.figure(series.cpu().workerMicros(), 0));
    }
    return table;
  }

  static void compare(List<LatencySeries> all, Subject one, Way way, Subject other, Report report) {
    Optional<LatencySeries> subject = find(all, one, way);
    Optional<LatencySeries> yardstick = find(all, other, Way.EXEC);
    if (subject.isPresent() && yardstick.isPresent()) {
      Samples micros = subject.get().micros();
      Samples others = yardstick.get().micros();
      String what = way == Way.EXEC ? "latency" : "latency-" + way.word();
      for (String percent : List.of("50", "99", "99.9")) {
        double q = Double.parseDouble(percent) / 100;
        double value = micros.quantile(q) / others.quantile(q);
        report.ratio(one.word(), other.word(), what + "-p" + percent, value);
      }
    }
  }

  private static Optional<LatencySeries> find(List<LatencySeries> all, Subject subject, Way way) {
    return all.stream().filter(series -> series.is(subject, way)).findFirst();
  }
}
