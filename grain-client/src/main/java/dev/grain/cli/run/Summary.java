package dev.grain.cli.run;

import dev.grain.cli.Table;
import dev.grain.cli.run.Ending.Kind;
import dev.grain.text.Durations;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** How the jobs of a run ended, in bounded memory. For one thread at a time. */
final class Summary {
  /** How many jobs there may be for a table with all of them, and how many rows one has. */
  static final int ROWS = 20;

  private static final List<String> HEADINGS =
      List.of("JOB", "INPUT", "RESULT", "TIME", "MEMORY", "NODE");

  private final Map<Kind, Long> counts = new EnumMap<>(Kind.class);
  private final List<List<String>> first = new ArrayList<>();
  private final List<List<String>> failures = new ArrayList<>();
  private long total;
  private long fromJournal;

  void add(Task task) {
    Ending ending = task.ending();
    counts.merge(ending.kind(), 1L, Long::sum);
    total++;
    fromJournal += ending.fromJournal() ? 1 : 0;
    if (ending.kind() == Kind.CANCELLED || ending.kind() == Kind.NOT_STARTED) {
      return;
    }
    if (first.size() < ROWS) {
      first.add(row(task));
    }
    if (ending.kind().isFailure() && failures.size() < ROWS) {
      failures.add(row(task));
    }
  }

  private static List<String> row(Task task) {
    Ending ending = task.ending();
    boolean ran = ending.ran().isPositive();
    return List.of(
        Long.toString(task.input().number()),
        Table.shortened(task.input().text()),
        ending.result() + (ending.fromJournal() ? " (journal)" : ""),
        ran ? Durations.rounded(ending.ran()) : "",
        ending.peakMemory() <= 0 ? "" : memory(ending.peakMemory()),
        ending.node());
  }

  static String memory(long bytes) {
    long unit = bytes >= 1L << 30 ? 1L << 30 : 1L << 20;
    int decimals = bytes >= 1L << 30 ? 1 : 0;
    return BigDecimal.valueOf(bytes)
            .divide(BigDecimal.valueOf(unit), decimals, RoundingMode.UP)
            .toPlainString()
        + (bytes >= 1L << 30 ? " GiB" : " MiB");
  }

  long count(Kind kind) {
    return counts.getOrDefault(kind, 0L);
  }

  long total() {
    return total;
  }

  /** Returns how many jobs have failed by themselves. */
  long failed() {
    return counts.entrySet().stream()
        .filter(each -> each.getKey().isFailure())
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /**
   * Returns the table: of all jobs, of those that have failed if there are many, or none. Those
   * that were not started have no row.
   */
  List<String> table() {
    long shown = total - count(Kind.CANCELLED) - count(Kind.NOT_STARTED);
    List<List<String>> rows = shown <= ROWS ? sorted(first) : sorted(failures);
    if (rows.isEmpty()) {
      return List.of();
    }
    Table table = new Table(HEADINGS);
    rows.forEach(table::add);
    return table.lines();
  }

  private static List<List<String>> sorted(List<List<String>> rows) {
    return rows.stream()
        .sorted(Comparator.comparingLong(row -> Long.parseLong(row.getFirst())))
        .toList();
  }

  /**
   * Returns the line under the table.
   *
   * @param inputs how many inputs there are, if that is known
   * @param all whether all of them were read
   */
  String line(Duration took, OptionalLong inputs, boolean all) {
    List<String> parts = new ArrayList<>();
    long good = count(Kind.SUCCEEDED);
    parts.add(
        good + " succeeded" + (fromJournal > 0 ? " (" + fromJournal + " from the journal)" : ""));
    add(parts, failed() - count(Kind.NOT_STARTED), "failed");
    add(parts, count(Kind.STOPPED), "stopped");
    long unread = inputs.isPresent() ? Math.max(0, inputs.getAsLong() - total) : 0;
    add(parts, count(Kind.NOT_STARTED) + count(Kind.CANCELLED) + unread, "not started");
    String more = !all && inputs.isEmpty() ? "; further inputs were not read" : "";
    return "%s in %s: %s%s"
        .formatted(
            total + unread == 1 ? "1 job" : (total + unread) + " jobs",
            Durations.rounded(took),
            String.join(", ", parts),
            more);
  }

  private static void add(List<String> parts, long count, String what) {
    if (count > 0) {
      parts.add(count + " " + what);
    }
  }
}
