package dev.grain.service.store;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * Removes what is old, in changes that are small enough for others to be made between them.
 *
 * @param jobs how long jobs and maps stay after their end, and what was submitted with keys
 * @param audit how long lines of audit stay
 */
public record Retention(Duration jobs, Duration audit) {
  /** How many rows of a kind a change removes. */
  private static final int SOME = 200;

  private static final List<String> OF_JOBS = List.of("specs", "results", "attempts");
  private static final List<String> OF_BOTH = List.of("labels", "blobs");

  /** Jobs for 90 days, audit for a year. */
  public static final Retention DEFAULT = new Retention(Duration.ofDays(90), Duration.ofDays(365));

  private record Leaving(long number, String owner, JobState state) {}

  /**
   * Removes all that is old now, and returns how many jobs, maps and lines that were.
   *
   * @throws StoreException if the database is full, or was closed
   */
  public long apply(Store store, Instant now) throws InterruptedException {
    long removed = 0;
    for (int some = 1; some > 0; removed += some) {
      some = join(store.write(handle -> step(handle, now)));
    }
    return removed;
  }

  private static int join(CompletableFuture<Integer> future) throws InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
    }
  }

  /** Removes some of what is old, and returns how much; zero if nothing is. */
  int step(Handle handle, Instant now) {
    long jobsBefore = now.minus(jobs).toEpochMilli();
    long auditBefore = now.minus(audit).toEpochMilli();
    int removed = removeRequests(handle, jobsBefore);
    removed += remove(handle, alone(handle, jobsBefore));
    removed += removeMap(handle, jobsBefore);
    removed +=
        handle.execute(
            "DELETE FROM audit WHERE number IN (SELECT number FROM audit WHERE moment < ? ORDER BY moment LIMIT "
                + SOME
                + ")",
            auditBefore);
    removed +=
        handle.execute(
            "DELETE FROM join_tokens WHERE number IN (SELECT number FROM join_tokens WHERE expires < ? LIMIT "
                + SOME
                + ")",
            jobsBefore);
    return removed;
  }

  private static int removeRequests(Handle handle, long before) {
    List<Map.Entry<String, String>> some =
        handle
            .createQuery(
                "SELECT owner, request_key FROM requests WHERE moment < ? ORDER BY moment LIMIT "
                    + SOME)
            .bind(0, before)
            .map((row, _) -> Map.entry(row.getString(1), row.getString(2)))
            .list();
    if (!some.isEmpty()) {
      try (PreparedBatch batch =
          handle.prepareBatch("DELETE FROM requests WHERE owner = ? AND request_key = ?")) {
        some.forEach(each -> batch.add(each.getKey(), each.getValue()));
        var _ = batch.execute();
      }
    }
    return some.size();
  }

  private static List<Leaving> alone(Handle handle, long before) {
    return handle
        .createQuery(
            "SELECT number, owner, state FROM jobs WHERE ended IS NOT NULL AND map IS NULL AND ended < ? ORDER BY ended LIMIT "
                + SOME)
        .bind(0, before)
        .map((row, _) ->
            new Leaving(row.getLong(1), row.getString(2), JobState.valueOf(row.getString(3))))
        .list();
  }

  /** Removes tasks of a map, and the map itself after the last. */
  private static int removeMap(Handle handle, long before) {
    List<Long> maps =
        handle
            .createQuery(
                "SELECT number FROM maps WHERE ended IS NOT NULL AND ended < ? ORDER BY ended LIMIT 1")
            .bind(0, before)
            .mapTo(Long.class)
            .list();
    if (maps.isEmpty()) {
      return 0;
    }
    long map = maps.getFirst();
    List<Leaving> tasks =
        handle
            .createQuery("SELECT number, owner, state FROM jobs WHERE map = ? LIMIT " + SOME)
            .bind(0, map)
            .map((row, _) ->
                new Leaving(row.getLong(1), row.getString(2), JobState.valueOf(row.getString(3))))
            .list();
    int removed = remove(handle, tasks);
    if (tasks.size() < SOME) {
      OF_BOTH.forEach(table -> handle.execute("DELETE FROM " + table + " WHERE number = ?", map));
      removed += handle.execute("DELETE FROM maps WHERE number = ?", map);
    }
    return removed;
  }

  private static int remove(Handle handle, List<Leaving> jobs) {
    if (jobs.isEmpty()) {
      return 0;
    }
    List<Long> numbers = jobs.stream().map(Leaving::number).toList();
    OF_JOBS.forEach(table -> delete(handle, table, "job", numbers));
    OF_BOTH.forEach(table -> delete(handle, table, "number", numbers));
    delete(handle, "jobs", "number", numbers);
    Map<String, Map<JobState, Long>> counts = new HashMap<>();
    for (Leaving each : jobs) {
      counts
          .computeIfAbsent(each.owner(), _ -> new HashMap<>())
          .merge(each.state(), -1L, Long::sum);
    }
    counts.forEach((owner, states) ->
        states.forEach((state, count) -> new Counts(handle).add(owner, state, count)));
    return jobs.size();
  }

  private static void delete(Handle handle, String table, String column, List<Long> numbers) {
    try (var update =
        handle.createUpdate("DELETE FROM " + table + " WHERE " + column + " IN (<numbers>)")) {
      var _ = update.bindList("numbers", numbers).execute();
    }
  }
}
