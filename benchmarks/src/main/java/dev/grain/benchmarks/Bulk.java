package dev.grain.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How fast large values cross, beside a copy over a socket, and what small jobs feel of it. */
final class Bulk implements Question {
  private static final int LARGE = 64 << 20;
  private static final int LARGEST = 1 << 30;

  /** How many bytes cross in a round, at least. */
  private static final int ROUND = 256 << 20;

  private static final int QUICK_ROUND = 64 << 20;

  /** Enough for several values of the largest size at either end, one of them encoded. */
  private static final String HEAP = "5g";

  private static final String QUICK_HEAP = "1g";
  private static final int SMALL_JOBS = 500;
  private static final int WARM_UP = 4;
  private static final int ROUNDS = 12;
  private static final int QUICK_ROUNDS = 6;
  private static final int LARGEST_ROUNDS = 3;

  @Override
  public String name() {
    return "bulk";
  }

  @Override
  public String asks() {
    return "how fast do large values cross, and how long do small jobs take meanwhile?";
  }

  @Override
  public void answer(Settings settings, Report report) throws Exception {
    pair(Subject.GRAIN, Subject.RAW, settings, report);
    pair(Subject.GRAIN_TLS, Subject.RAW_TLS, settings, report);
  }

  private static void pair(Subject grain, Subject raw, Settings settings, Report report)
      throws Exception {
    try (Scratch scratch = Scratch.create();
        Rigs rigs =
            new Rigs(settings, report, scratch.folder(), settings.quick() ? QUICK_HEAP : HEAP)) {
      List<Rig> started = new ArrayList<>();
      rigs.start(grain, 1).ifPresent(started::add);
      rigs.start(raw, 1).ifPresent(started::add);
      if (started.isEmpty()) {
        return;
      }
      Map<String, Integer> sizes = new LinkedHashMap<>();
      sizes.put("1MiB", 1 << 20);
      sizes.put("64MiB", LARGE);
      if (!settings.quick()) {
        sizes.put("1GiB", LARGEST);
      }
      for (Map.Entry<String, Integer> size : sizes.entrySet()) {
        if (settings.probe().includes(size.getKey())) {
          values(size.getKey(), size.getValue(), started, settings, report);
        }
      }
      if (settings.probe().includes("small") && started.getFirst().subject() == grain) {
        smallJobs(started.getFirst(), settings, report);
      }
    }
  }

  private static int rounds(Settings settings) {
    return settings.probe().roundsOr(settings.quick() ? QUICK_ROUNDS : ROUNDS);
  }

  private static void values(
      String name, int size, List<Rig> rigs, Settings settings, Report report) throws IOException {
    int copies = Math.max(1, (settings.quick() ? QUICK_ROUND : ROUND) / size);
    List<BulkSeries> all = new ArrayList<>();
    for (Direction direction : Direction.values()) {
      for (Rig rig : rigs) {
        all.add(new BulkSeries(rig, direction, size, copies));
      }
    }
    boolean largest = size == LARGEST;
    int rounds = largest ? Math.min(LARGEST_ROUNDS, rounds(settings)) : rounds(settings);
    Series.race(all, largest ? 1 : WARM_UP, rounds, report);
    Table table = new Table("Values of " + name, "system", "way", "MiB/s", "spread %");
    for (BulkSeries series : all) {
      table.row(
          series.rig().toString(),
          series.direction().word(),
          Table.figure(series.rates().median(), 0),
          Table.figure(series.rates().spread() * 100, 1));
    }
    report.table(table);
    for (Direction direction : Direction.values()) {
      if (rigs.size() == 2) {
        compare(name, direction, rigs.getFirst(), rigs.getLast(), all, report);
      }
    }
  }

  private static void compare(
      String name, Direction direction, Rig grain, Rig raw, List<BulkSeries> all, Report report) {
    double ratio = median(all, grain, direction) / median(all, raw, direction);
    String what = "bulk-%s-%s".formatted(direction.word(), name);
    report.ratio(grain.toString(), raw.toString(), what, ratio);
  }

  private static double median(List<BulkSeries> all, Rig rig, Direction direction) {
    Optional<BulkSeries> found =
        all.stream().filter(series -> series.is(rig.subject(), direction)).findFirst();
    return found.orElseThrow().rates().median();
  }

  private static void smallJobs(Rig grain, Settings settings, Report report) throws IOException {
    SmallJobsSeries alone = new SmallJobsSeries(grain, 0, SMALL_JOBS);
    SmallJobsSeries loaded = new SmallJobsSeries(grain, LARGE, SMALL_JOBS);
    Series.race(List.of(alone, loaded), WARM_UP, rounds(settings), report);
    Table table =
        new Table(
            "Small jobs while values of 64 MiB cross", "system", "meanwhile", "p50 us", "p99 us");
    for (SmallJobsSeries series : List.of(alone, loaded)) {
      table.row(
          grain.toString(),
          series.isLoaded() ? "64 MiB" : "nothing",
          Table.figure(series.micros().median(), 0),
          Table.figure(series.micros().quantile(0.99), 0));
    }
    report.table(table);
    report.ratio(
        grain + "-loaded",
        grain + "-unloaded",
        "small-jobs-p99",
        loaded.micros().quantile(0.99) / alone.micros().quantile(0.99));
  }
}
