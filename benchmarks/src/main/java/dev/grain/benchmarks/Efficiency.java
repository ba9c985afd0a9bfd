package dev.grain.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How much of the machine jobs get that compute: the time that they take over the ideal one. Ideal
 * is half of the jobs on one thread, with the machine to itself. Two threads that share the jobs
 * show what the machine allows: its cores may slow each other down.
 */
final class Efficiency implements Question {
  private static final List<String> SIZES = List.of("0.1", "1", "10", "100");
  private static final List<Subject> SUBJECTS =
      List.of(Subject.ONE_THREAD, Subject.TWO_THREADS, Subject.GRAIN, Subject.BARE);
  private static final int WARM_UPS = 10;
  private static final int WARM_UP_JOBS = 20_000;
  private static final int PROBE_UNITS = 1_000_000;
  private static final int PROBE_JOBS = 20;
  private static final double IDEAL_MILLIS = 500;
  private static final double QUICK_IDEAL_MILLIS = 200;
  private static final int WARM_UP = 4;
  private static final int ROUNDS = 12;
  private static final int QUICK_ROUNDS = 6;

  @Override
  public String name() {
    return "efficiency";
  }

  @Override
  public String asks() {
    return "how much of two cores do jobs get that compute for 0.1, 1, 10 and 100 ms?";
  }

  @Override
  public void answer(Settings settings, Report report) throws Exception {
    try (Scratch scratch = Scratch.create();
        Rigs rigs = new Rigs(settings, report, scratch.folder())) {
      List<Rig> started = new ArrayList<>();
      for (Subject subject : SUBJECTS) {
        rigs.start(subject, subject.hasWorkers() ? 1 : 0).ifPresent(started::add);
      }
      for (Rig rig : started) {
        warmUp(rig);
      }
      double unitsPerMilli = calibrate(started.getFirst());
      for (String size : SIZES) {
        if (settings.probe().includes(size)) {
          measure(size, unitsPerMilli, started, settings, report);
        }
      }
    }
  }

  /** Jobs that compute are too few to have a system's own code compiled; empty ones are not. */
  private static void warmUp(Rig rig) throws IOException {
    for (int i = 0; rig.subject().hasWorkers() && i < WARM_UPS; i++) {
      rig.head().ask("throughput %s %s".formatted(Load.EMPTY.word(), WARM_UP_JOBS), "took");
    }
  }

  /** Returns how much one thread computes in a millisecond, alone. */
  private static double calibrate(Rig alone) throws IOException {
    Samples rates = new Samples();
    for (int i = 0; i < 2 * WARM_UP; i++) {
      String command = "compute %s %s".formatted(PROBE_UNITS, PROBE_JOBS);
      String nanos = alone.head().ask(command, "took").split(" ", -1)[0];
      rates.add(PROBE_UNITS * PROBE_JOBS / (Long.parseLong(nanos) / 1e6));
    }
    // the fastest: whatever else the machine did, it did least of it then
    return rates.quantile(1);
  }

  private static void measure(
      String size, double unitsPerMilli, List<Rig> rigs, Settings settings, Report report)
      throws IOException {
    double millis = Double.parseDouble(size);
    double ideal = settings.quick() ? QUICK_IDEAL_MILLIS : IDEAL_MILLIS;
    int half = settings.probe().jobsOr((int) Math.max(3, ideal / millis));
    List<EfficiencySeries> all = new ArrayList<>();
    for (Rig rig : rigs) {
      int jobs = rig.subject() == Subject.ONE_THREAD ? half : 2 * half;
      all.add(new EfficiencySeries(rig, (int) (millis * unitsPerMilli), jobs));
    }
    int rounds = settings.probe().roundsOr(settings.quick() ? QUICK_ROUNDS : ROUNDS);
    Series.race(all, WARM_UP, rounds, report);
    report.table(table(size, 2 * half, all));
    compare(size, all, report);
  }

  private static Table table(String size, int jobs, List<EfficiencySeries> all) {
    Table table =
        new Table(
            "%s jobs that compute for %s ms each, on two cores".formatted(jobs, size),
            "system",
            "makespan ms",
            "spread %",
            "efficiency",
            "CPU head us/job",
            "worker us/job");
    for (EfficiencySeries series : all) {
      table.row(
          series.rig().toString(),
          Table.figure(series.millis().median(), 1),
          Table.figure(series.millis().spread() * 100, 1),
          Table.figure(efficiency(series, all), 3),
          Table.figure(series.cpu().headMicros(), 1),
          Table.figure(series.cpu().workerMicros(), 1));
    }
    return table;
  }

  /** The series of one thread is the ideal, as it has half of the jobs. */
  private static double efficiency(EfficiencySeries series, List<EfficiencySeries> all) {
    return all.getFirst().millis().median() / series.millis().median();
  }

  private static void compare(String size, List<EfficiencySeries> all, Report report) {
    long right = find(all, Subject.TWO_THREADS).map(EfficiencySeries::sum).orElse(0L);
    String what = "efficiency-%sms".formatted(size);
    for (Subject subject : List.of(Subject.GRAIN, Subject.BARE)) {
      find(all, subject)
          .ifPresent(series -> {
            report.ratio(subject.word(), "ideal", what, efficiency(series, all));
            report.require(
                series.sum() == right,
                "%s: the results add up to %s and not to %s."
                    .formatted(subject.word(), series.sum(), right));
          });
    }
    for (Subject yardstick : List.of(Subject.BARE, Subject.TWO_THREADS)) {
      find(all, Subject.GRAIN)
          .ifPresent(grain ->
              find(all, yardstick)
                  .ifPresent(other ->
                      report.ratio(
                          "grain",
                          yardstick.word(),
                          what,
                          other.millis().median() / grain.millis().median())));
    }
  }

  private static Optional<EfficiencySeries> find(List<EfficiencySeries> all, Subject subject) {
    return all.stream().filter(series -> series.rig().subject() == subject).findFirst();
  }
}
