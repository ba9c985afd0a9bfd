package dev.grain.service.store;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** How many jobs are in each state, without counting them: kept in the transactions of changes. */
final class Counts {
  private final Handle handle;

  Counts(Handle handle) {
    this.handle = handle;
  }

  void add(String owner, JobState state, long jobs) {
    handle.execute(
        "INSERT INTO counts (owner, state, jobs) VALUES (?, ?, ?) ON CONFLICT (owner, state) DO UPDATE SET jobs = counts.jobs + excluded.jobs",
        owner,
        state.name(),
        jobs);
  }

  void move(String owner, JobState from, JobState to) {
    if (from != to) {
      add(owner, from, -1);
      add(owner, to, 1);
    }
  }

  Map<JobState, Long> of(Optional<String> owner) {
    Map<JobState, Long> counts = new EnumMap<>(JobState.class);
    for (JobState each : JobState.values()) {
      counts.put(each, 0L);
    }
    String where = owner.isPresent() ? " WHERE owner = :owner" : "";
    var query =
        handle.createQuery("SELECT state, sum(jobs) FROM counts" + where + " GROUP BY state");
    owner.ifPresent(name -> query.bind("owner", name));
    query
        .map((row, _) -> Map.entry(JobState.valueOf(row.getString(1)), row.getLong(2)))
        .forEach(each -> counts.put(each.getKey(), each.getValue()));
    return counts;
  }
}
