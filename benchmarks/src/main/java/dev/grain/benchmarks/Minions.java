package dev.grain.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.opentest4j.TestAbortedException;

/**
 * How many items of a queue a minion processes in a second, beside a loop that is written by hand.
 */
final class Minions implements Question {
  private static final int WARM_UP = 2;
  private static final int ROUNDS = 9;
  private static final int QUICK_ROUNDS = 3;
  private static final String HEAP = "512m";
  private static final String GRAIN = "grain";
  private static final String BY_HAND = "by-hand";

  /**
   * How many items a queue in a folder has where it is asked whether each of them costs the same.
   */
  private static final List<Integer> SIZES = List.of(1_000, 100_000, 1_000_000);

  private static final List<Integer> QUICK_SIZES = List.of(1_000, 30_000);

  /** What is done with an item. */
  enum Work {
    /** An empty function is called. */
    FUNCTION,
    /** A program is started that does nothing. */
    COMMAND;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Work of(String word) {
      return valueOf(word.toUpperCase(Locale.ROOT));
    }
  }

  @Override
  public String name() {
    return "minions";
  }

  @Override
  public String asks() {
    return "how fast are the items of a queue processed?";
  }

  @Override
  public void answer(Settings settings, Report report) throws Exception {
    try (Scratch scratch = Scratch.create()) {
      for (QueueServer server : QueueServer.all(Bench.checkout())) {
        if (settings.probe().includes(server.scheme())) {
          try (QueueServer.Running running = server.starter().start(scratch.folder())) {
            compare(server, running, settings, report);
          } catch (TestAbortedException e) {
            report.note("%s: is not measured. %s".formatted(server.scheme(), e.getMessage()));
          }
        }
      }
      if (settings.probe().includes("sizes")) {
        sizes(scratch, settings, report);
      }
    }
  }

  private static void compare(
      QueueServer server, QueueServer.Running running, Settings settings, Report report)
      throws Exception {
    Table table =
        new Table(
            "Items of " + server.scheme() + ":, one at a time", "", "items/s", "spread", "µs");
    for (Work work : Work.values()) {
      List<RateSeries> all = new ArrayList<>();
      List<Jvm> started = new ArrayList<>();
      int items = settings.probe().jobsOr(server.items(work) / (settings.quick() ? 4 : 1));
      try {
        for (String system : List.of(GRAIN, BY_HAND)) {
          if (settings.probe().measures(system)) {
            Jvm jvm = start(system, work, running.address(work.word() + "-" + system), settings);
            started.add(jvm);
            all.add(new RateSeries(system, items, count -> nanosOf(jvm, count)));
          }
        }
        int rounds = settings.probe().roundsOr(settings.quick() ? QUICK_ROUNDS : ROUNDS);
        Series.race(all, WARM_UP, rounds, report);
      } finally {
        started.forEach(Jvm::close);
      }
      all.forEach(each -> addRow(table, work, each));
      if (all.size() == 2) {
        report.ratio(
            GRAIN,
            BY_HAND,
            "minions-%s-%s".formatted(work.word(), server.scheme()),
            all.getFirst().rates().median() / all.getLast().rates().median());
      }
    }
    report.table(table);
  }

  private static Jvm start(String system, Work work, String address, Settings settings)
      throws IOException {
    List<String> flags = new ArrayList<>(settings.headFlags(HEAP));
    // without it, Grain has to start processes as the JDK does, and through other programs
    flags.add("--enable-native-access=ALL-UNNAMED");
    return Jvm.start(system, flags, MinionsMain.class, system, work.word(), address);
  }

  private static long nanosOf(Jvm jvm, int items) throws IOException {
    return Long.parseLong(jvm.ask(String.valueOf(items), "took"));
  }

  private static void addRow(Table table, Work work, RateSeries each) {
    double rate = each.rates().median();
    table.row(
        "%s, %s".formatted(work.word(), each.name()),
        Table.figure(rate, 0),
        String.format(Locale.ROOT, "%.0f %%", 100 * each.rates().spread()),
        Table.figure(1e6 / rate, 1));
  }

  /** Asks whether an item of a large queue in a folder costs more than one of a small queue. */
  private static void sizes(Scratch scratch, Settings settings, Report report) throws Exception {
    List<Integer> sizes = settings.quick() ? QUICK_SIZES : SIZES;
    Table table = new Table("Items of a queue in a folder", "items", "filled µs", "processed µs");
    Jvm jvm =
        start(
            GRAIN, Work.FUNCTION, QueueServer.folder(scratch.folder()).address("sizes"), settings);
    List<double[]> costs = new ArrayList<>();
    try {
      // the first round is of a JVM that has not compiled anything
      nanosOf(jvm, sizes.getLast());
      for (int size : sizes) {
        costs.add(costs(jvm, size, sizes.getLast()));
        table.row(
            String.valueOf(size),
            Table.figure(costs.getLast()[0], 2),
            Table.figure(costs.getLast()[1], 2));
      }
    } finally {
      jvm.close();
    }
    report.table(table);
    for (int i = 1; i < sizes.size(); i++) {
      report.ratio(
          "of-" + sizes.get(i),
          "of-" + sizes.getFirst(),
          "minions-cost-per-item",
          costs.get(i)[1] / costs.getFirst()[1]);
    }
  }

  /** Returns the microseconds that filling and processing take for each item, at best. */
  private static double[] costs(Jvm jvm, int size, int most) throws IOException {
    double[] least = {Double.MAX_VALUE, Double.MAX_VALUE};
    for (int round = 0; round < Math.clamp(most / size, 1, 20); round++) {
      String[] took = jvm.ask("timed " + size, "timed").split(" ", -1);
      for (int i = 0; i < least.length; i++) {
        least[i] = Math.min(least[i], Long.parseLong(took[i]) / 1e3 / size);
      }
    }
    return least;
  }
}
