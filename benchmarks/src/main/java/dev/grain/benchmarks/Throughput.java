package dev.grain.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** How many empty jobs a second, beside the yardstick. */
final class Throughput implements Question {
  private static final long ROUND_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final long QUICK_ROUND_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final int WARM_UP = 12;
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
    List<Series> all = new ArrayList<>();
    try (Scratch scratch = Scratch.create();
        Rig grain = Rig.start(Subject.GRAIN, 1, settings, scratch.folder());
        Rig bare = Rig.start(Subject.BARE, 1, settings, scratch.folder())) {
      for (Load load : Load.values()) {
        add(all, grain, load, settings);
      }
      add(all, bare, Load.EMPTY, settings);
      add(all, bare, Load.KIB, settings);
      race(all, settings, report);
      report.table(table("Empty jobs, one worker with two slots", all));
      for (Load load : Load.values()) {
        compare(all, load, report);
      }
    }
  }

  private static void add(List<Series> all, Rig rig, Load load, Settings settings) {
    if (settings.probe().measures(rig.toString()) && settings.probe().includes(load.word())) {
      long nanos = settings.quick() ? QUICK_ROUND_NANOS : ROUND_NANOS;
      all.add(new Series(rig, load, settings.probe().jobs(), nanos));
    }
  }

  /** Runs rounds of all of them in turn, each time beginning with another one. */
  private static void race(List<Series> all, Settings settings, Report report) throws IOException {
    int rounds = settings.probe().roundsOr(settings.quick() ? QUICK_ROUNDS : ROUNDS);
    for (int round = -WARM_UP; round < rounds; round++) {
      for (int i = 0; i < all.size(); i++) {
        Series next = all.get(Math.floorMod(i + round, all.size()));
        if (round < 0) {
          next.warmUp(report);
        } else {
          next.measure(report);
        }
      }
    }
  }

  private static Table table(String title, List<Series> all) {
    Table table =
        new Table(title, "system", "1000 jobs/s", "spread %", "CPU head us/job", "worker us/job");
    for (Series series : all) {
      table.row(
          series.name(),
          text("%.1f", series.rates().median() / 1000),
          text("%.1f", series.rates().spread() * 100),
          text("%.2f", series.headMicros()),
          text("%.2f", series.workerMicros()));
    }
    return table;
  }

  /** Requests mean nothing to the yardstick, so its empty jobs stand for the mixed ones too. */
  private static void compare(List<Series> all, Load load, Report report) {
    Load yardstick = load == Load.KIB ? Load.KIB : Load.EMPTY;
    String what = "throughput" + (load == Load.EMPTY ? "" : "-" + load.word());
    for (Series grain : all) {
      for (Series bare : all) {
        if (grain.is(Subject.GRAIN, load) && bare.is(Subject.BARE, yardstick)) {
          double value = grain.rates().median() / bare.rates().median();
          report.ratio("grain", "bare", what, value);
        }
      }
    }
  }

  private static String text(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
