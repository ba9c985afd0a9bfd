package dev.grain.minion.report;

import dev.grain.minion.report.Report.Busiest;
import dev.grain.minion.report.Report.OfMinion;
import dev.grain.minion.report.Report.Outcomes;
import dev.grain.minion.report.Report.Series;
import dev.grain.minion.report.Report.Unreadable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Adds up events, in space that depends on the numbers of minions and nodes only. Events come in
 * any order, those of a minion in the order of their ends. For one thread.
 */
final class Tally {
  /** The shortest step of series. */
  static final double STEP = 0.1;

  /** After how many seconds without a status a minion is silent. */
  private static final double SILENT = 15;

  private static final double RECENT = 10;
  private static final int LARGEST = 5;

  private final Kind all = new Kind();
  private final Kind failed = new Kind();
  private final Kind succeeded = new Kind();
  private final Buckets inFlight = new Buckets(STEP);
  private final Recent ends = new Recent(16 * 1024);
  private final SequencedMap<String, MinionTally> minions = new LinkedHashMap<>();
  private final Map<NodeTally.Node, NodeTally> nodes = new HashMap<>();
  private double start = Double.MAX_VALUE;
  private double end;

  /** Generations of one kind. */
  private static final class Kind {
    private final Samples durations = new Samples();
    private final Buckets ends = new Buckets(STEP);
    private long count;

    void add(MinionEvent event) {
      count++;
      ends.add(event.end(), 1);
      if (event.process() != null) {
        durations.add(event.processSeconds());
      }
    }
  }

  void add(MinionEvent event) {
    all.add(event);
    (event.error() == null ? succeeded : failed).add(event);
    minions.computeIfAbsent(event.uid(), _ -> new MinionTally(event)).add(event);
    nodes.computeIfAbsent(NodeTally.Node.of(event), NodeTally::new).add(event);
    ends.add(event.end());
    start = Math.min(start, event.start());
    end = Math.max(end, event.end());
    MinionEvent.Action process = event.process();
    if (process != null && process.end() >= process.start()) {
      inFlight.add(process.start(), 1);
      inFlight.add(process.end(), -1);
    }
  }

  /**
   * Returns what all of it comes to.
   *
   * @param now the time
   * @param steps how many steps series have
   * @param statuses what minions do, by their uids
   */
  Report report(double now, int steps, Map<String, MinionStatus> statuses, Unreadable unreadable) {
    double meanSeconds = all.durations.mean();
    double window = 2 * meanSeconds;
    List<OfMinion> table = table(now, Math.max(RECENT, window), statuses);
    int alive = (int) table.stream().filter(each -> each.state().isAlive()).count();
    boolean empty = table.isEmpty();
    double from = table.stream().mapToDouble(OfMinion::start).min().orElse(now);
    double last = table.stream().mapToDouble(OfMinion::last).max().orElse(now);
    double to = alive > 0 ? Math.max(now, last) : last;
    double step = Math.max(STEP, (to - from) / steps);
    int used = (int) Math.clamp(Math.ceil((to - from) / step - 1e-6), 1, steps);
    Axis axis = new Axis(from, step, used, Math.max(to - from, STEP));
    double rate = ends.rate(to, Math.clamp(to - from, STEP, Math.max(RECENT, window)));
    return new Report(
        now,
        empty ? null : from,
        empty ? null : to,
        axis.outcomes(all),
        axis.outcomes(succeeded),
        axis.outcomes(failed),
        inFlight(axis, table),
        activity(window, alive > 0 ? to : end),
        ofMinions(axis, table),
        summary(axis, rate, table, alive),
        queues(statuses.values(), table, rate),
        table,
        unreadable);
  }

  /** The time that a report is about. */
  private record Axis(double from, double step, int steps, double seconds) {
    Series series(Buckets.Sums sums) {
      double[] values = sums.perStep(from, step, steps);
      for (int i = 0; i < values.length; i++) {
        // differences of large sums
        values[i] = values[i] < 1e-6 ? 0 : values[i];
      }
      return Series.of(from, step, values);
    }

    Outcomes outcomes(Kind kind) {
      return new Outcomes(
          kind.count,
          kind.durations.distribution(),
          new Report.Rate(kind.count / seconds, series(kind.ends.amounts())));
    }
  }

  // ---------------------------------------------------------------- minions

  private List<OfMinion> table(double now, double window, Map<String, MinionStatus> statuses) {
    List<OfMinion> table = new ArrayList<>();
    minions.forEach((uid, tally) -> table.add(line(uid, tally, statuses.get(uid), now, window)));
    statuses.forEach((uid, status) -> {
      if (!minions.containsKey(uid)) {
        table.add(line(uid, null, status, now, window));
      }
    });
    table.sort(Comparator.comparingDouble(OfMinion::start).thenComparing(OfMinion::uid));
    return table;
  }

  private static OfMinion line(
      String uid,
      @Nullable MinionTally tally,
      @Nullable MinionStatus status,
      double now,
      double window) {
    MinionState state = state(status, now);
    double start =
        Math.min(
            tally == null ? Double.MAX_VALUE : tally.start(),
            status == null ? Double.MAX_VALUE : status.start());
    double last = Math.max(tally == null ? 0 : tally.end(), status == null ? 0 : status.time());
    boolean live = status != null && state.isAlive();
    return new OfMinion(
        uid,
        status != null ? status.nodename() : tally == null ? "" : tally.names().nodename(),
        status == null ? 0 : status.pid(),
        status != null
            ? status.batch()
            : tally == null ? new LinkedHashMap<>() : tally.names().batch(),
        state,
        status == null ? null : status.failure(),
        start,
        last,
        tally == null ? 0 : tally.generations(),
        tally == null ? 0 : tally.errors(),
        tally == null ? 0 : tally.rate(live ? Math.max(now, last) : last, window),
        tally == null ? 0 : tally.meanSeconds(),
        status == null ? 0 : status.running(),
        status == null ? List.of() : status.items(),
        tally == null ? null : tally.lastParam(),
        tally == null ? null : tally.lastError(),
        status == null ? List.of() : status.output(),
        status == null ? List.of() : status.errors());
  }

  private static MinionState state(@Nullable MinionStatus status, double now) {
    if (status == null) {
      return MinionState.UNKNOWN;
    }
    return status.state().isAlive() && now - status.time() > SILENT
        ? MinionState.SILENT
        : status.state();
  }

  private static Report.Minions ofMinions(Axis axis, List<OfMinion> table) {
    Samples lifetimes = new Samples();
    Samples generations = new Samples();
    Buckets alive = new Buckets(STEP);
    for (OfMinion each : table) {
      lifetimes.add(each.last() - each.start());
      generations.add((double) each.generations());
      alive.add(each.start(), 1);
      if (!each.state().isAlive()) {
        alive.add(each.last(), -1);
      }
    }
    return new Report.Minions(
        lifetimes.distribution(), generations.distribution(), axis.series(alive.levels()));
  }

  // ---------------------------------------------------------------- all

  private Report.InFlight inFlight(Axis axis, List<OfMinion> table) {
    Buckets levels = new Buckets(inFlight);
    long now = 0;
    for (OfMinion each : table) {
      if (each.state().isAlive()) {
        now += each.running();
        each.items().forEach(item -> levels.add(item.start(), 1));
        // those that are not listed have begun after those that are
        if (each.running() > each.items().size()) {
          levels.add(each.last(), each.running() - each.items().size());
        }
      }
    }
    Series series = axis.series(levels.levels());
    return new Report.InFlight(now, series.most(), series);
  }

  private Report.Activity activity(double window, double to) {
    double from = to - window;
    return new Report.Activity(
        window,
        largest(NodeTally::generations),
        largest(node -> node.recent(from)),
        largest(NodeTally::errors),
        largest(node -> node.recentErrors(from)));
  }

  private List<Busiest> largest(Function<NodeTally, Busiest> number) {
    return nodes.values().stream()
        .map(number)
        .filter(each -> each.count() > 0)
        .sorted(
            Comparator.comparingLong(Busiest::count)
                .reversed()
                .thenComparing(Busiest::nodename)
                .thenComparing(Busiest::job))
        .limit(LARGEST)
        .toList();
  }

  private Report.Summary summary(Axis axis, double recentRate, List<OfMinion> table, int alive) {
    return new Report.Summary(
        table.isEmpty() ? 0 : axis.seconds(),
        all.count,
        succeeded.count,
        failed.count,
        failed.count - failed.durations.count(),
        all.count == 0 ? 0 : 100.0 * failed.count / all.count,
        all.count / axis.seconds(),
        recentRate,
        table.size(),
        alive,
        table.isEmpty() ? 0 : (double) all.count / table.size(),
        table.stream().mapToDouble(each -> each.last() - each.start()).max().orElse(0),
        minions.values().stream().mapToLong(MinionTally::longestStreak).max().orElse(0));
  }

  // ---------------------------------------------------------------- queues

  private static List<Report.Queue> queues(
      Collection<MinionStatus> statuses, List<OfMinion> table, double rate) {
    SequencedMap<String, MinionStatus.Queue> newest = new LinkedHashMap<>();
    Map<String, Integer> users = new HashMap<>();
    Map<String, MinionState> states = new HashMap<>();
    table.forEach(each -> states.put(each.uid(), each.state()));
    for (MinionStatus status : statuses) {
      MinionStatus.Queue queue = status.queue();
      newest.merge(
          queue.address(), queue, (some, other) -> some.time() >= other.time() ? some : other);
      MinionState state = states.get(status.uid());
      users.merge(queue.address(), state != null && state.isAlive() ? 1 : 0, Integer::sum);
    }
    return newest.values().stream()
        .map(queue -> {
          int number = users.getOrDefault(queue.address(), 0);
          return new Report.Queue(
              queue.address(),
              queue.time(),
              number,
              queue.ready(),
              queue.inFlight(),
              queue.done(),
              queue.dead(),
              newest.size() == 1 && number > 0
                  ? secondsLeft(queue.ready(), queue.inFlight(), rate)
                  : null);
        })
        .toList();
  }

  private static @Nullable Double secondsLeft(
      OptionalLong ready, OptionalLong inFlight, double rate) {
    if (ready.isEmpty()) {
      return null;
    }
    long left = ready.getAsLong() + inFlight.orElse(0);
    return left == 0 ? Double.valueOf(0) : rate > 0 ? left / rate : null;
  }
}
