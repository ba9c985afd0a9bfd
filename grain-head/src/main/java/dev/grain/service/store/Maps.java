package dev.grain.service.store;

import dev.grain.service.store.ConflictException.Kind;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * The maps that are stored: jobs that have a function in common, added while they run. The state of
 * a map is a wish for all of its tasks; each task also has a state of its own.
 */
public final class Maps {
  /** How many tasks a map can have. */
  public static final long MOST_TASKS = 1_000_000;

  private static final int SOME = 500;

  private static final String COLUMNS =
      "m.number, m.id, m.owner, m.name, m.state, m.priority, m.submitted, m.ended, m.complete, m.tasks, m.succeeded, m.failed, m.cancelled";

  private final Handle handle;

  /** A map that has not ended, for the next life of a head. */
  public record Open(StoredMap map, String spec) {}

  /** A task that is new. */
  public record Added(long index, long number) {}

  public Maps(Handle handle) {
    this.handle = handle;
  }

  /**
   * Stores a map. Of those that come twice, the first one wins, even after its end.
   *
   * @throws ConflictException if the id is that of somebody else or of a job, or the key came with
   *     another body
   * @throws IllegalArgumentException if the id is of the form of those that are made
   */
  public Submitted submit(NewMap map, By by) {
    Requests requests = new Requests(handle);
    Optional<List<Long>> former = map.key().flatMap(key -> requests.find(map.owner(), key));
    if (former.isPresent()) {
      StoredMap stored = require(former.get().getFirst());
      return new Submitted(stored.number(), stored.id(), stored.state(), false);
    }
    Submitted submitted = known(map).orElseGet(() -> add(map, by));
    map.key().ifPresent(key -> requests.add(map.owner(), key, List.of(submitted.number()), by));
    return submitted;
  }

  private Optional<Submitted> known(NewMap map) {
    if (map.id().isEmpty()) {
      return Optional.empty();
    }
    String id = map.id().get();
    Numbers.ensureOwn(id);
    if (new JobList(handle).exists(id)) {
      throw Submissions.taken(id, "a job");
    }
    Optional<StoredMap> former = byId(id);
    if (former.isPresent() && !former.get().owner().equals(map.owner())) {
      throw Submissions.taken(id, "a map of another user");
    }
    return former.map(each -> new Submitted(each.number(), id, each.state(), false));
  }

  private Submitted add(NewMap map, By by) {
    Numbers numbers = Numbers.take(handle, 1, map.id().isPresent() ? 0 : 1, by);
    String id = map.id().orElseGet(() -> numbers.ids().getFirst());
    JobState state = map.held() ? JobState.HELD : JobState.QUEUED;
    handle.execute(
        "INSERT INTO maps (number, id, reversed, owner, name, state, spec, priority, submitted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        numbers.first(),
        id,
        Submissions.reversed(id),
        map.owner(),
        map.name(),
        state.name(),
        map.spec(),
        map.priority(),
        by.millis());
    Attachments.Adding attachments = new Attachments(handle).add();
    attachments.labels(numbers.first(), map.labels(), by);
    attachments.blobs(numbers.first(), map.blobs());
    attachments.end();
    new Audit(handle).add(by, "map.submit", id);
    return new Submitted(numbers.first(), id, state, true);
  }

  /**
   * Adds tasks to a map, all or none. Those that it has are left as they are.
   *
   * @param last whether no more tasks will come
   * @return those that are new, in their order
   * @throws ConflictException if there is no such map, or it takes no more tasks, or not so many
   */
  public List<Added> add(long number, List<NewTask> tasks, boolean last, By by) {
    StoredMap map = require(number);
    Map<Long, NewTask> fresh = fresh(number, tasks);
    if (!fresh.isEmpty()) {
      ensureTakes(map, fresh.size());
    }
    List<Added> added = fresh.isEmpty() ? List.of() : insert(map, fresh, by);
    if (!added.isEmpty() || (last && !map.complete())) {
      new Audit(handle).add(by, "map.add", map.id() + " " + added.size() + " tasks");
      if (last) {
        handle.execute("UPDATE maps SET complete = 1 WHERE number = ?", number);
        endIfDone(number, by.moment());
      }
    }
    return added;
  }

  private static void ensureTakes(StoredMap map, int more) {
    if (map.complete() || map.state() == JobState.STOPPING || map.state().ended()) {
      throw new ConflictException(
          Kind.CLOSED,
          "The map %s takes no more tasks: %s. Submit another map."
              .formatted(
                  map.id(),
                  map.complete() ? "its last tasks have been added" : "it was cancelled"));
    }
    if (map.tasks() + more > MOST_TASKS) {
      throw new ConflictException(
          Kind.TOO_MANY,
          "The map %s has %s tasks, and with %s more it would have more than %s. Put the rest into another map, or more work into a task."
              .formatted(map.id(), map.tasks(), more, MOST_TASKS));
    }
  }

  private Map<Long, NewTask> fresh(long number, List<NewTask> tasks) {
    Map<Long, NewTask> fresh = new LinkedHashMap<>();
    tasks.forEach(task -> fresh.putIfAbsent(task.index(), task));
    List<Long> indexes = List.copyOf(fresh.keySet());
    Set<Long> known = new HashSet<>();
    for (int from = 0; from < indexes.size(); from += SOME) {
      handle
          .createQuery("SELECT task FROM jobs WHERE map = :map AND task IN (<indexes>)")
          .bind("map", number)
          .bindList("indexes", indexes.subList(from, Math.min(indexes.size(), from + SOME)))
          .mapTo(Long.class)
          .forEach(known::add);
    }
    fresh.keySet().removeAll(known);
    return fresh;
  }

  private List<Added> insert(StoredMap map, Map<Long, NewTask> tasks, By by) {
    Numbers numbers = Numbers.take(handle, tasks.size(), 0, by);
    List<Added> added = new ArrayList<>(tasks.size());
    ChangedJobs changed = ChangedJobs.of(handle);
    Attachments.Adding attachments = new Attachments(handle).add();
    try (PreparedBatch jobs =
            handle.prepareBatch(
                "INSERT INTO jobs (number, map, task, owner, name, state, priority, attempt, submitted) VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)");
        PreparedBatch specs = handle.prepareBatch("INSERT INTO specs (job, spec) VALUES (?, ?)")) {
      long number = numbers.first();
      for (NewTask task : tasks.values()) {
        jobs.add(
            number,
            map.number(),
            task.index(),
            map.owner(),
            map.name(),
            JobState.QUEUED.name(),
            map.priority(),
            by.millis());
        specs.add(number, task.spec());
        changed.note(new JobChange.Submitted(number));
        attachments.blobs(number, task.blobs());
        added.add(new Added(task.index(), number));
        number++;
      }
      var _ = jobs.execute();
      var _ = specs.execute();
    }
    attachments.end();
    new Counts(handle).add(map.owner(), JobState.QUEUED, added.size());
    handle.execute(
        "UPDATE maps SET tasks = tasks + ? WHERE number = ?", added.size(), map.number());
    return added;
  }

  /** Counts a task that has ended. */
  void taskEnded(long number, JobState state, Instant moment) {
    String column =
        switch (state) {
          case SUCCEEDED -> "succeeded";
          case FAILED -> "failed";
          case CANCELLED -> "cancelled";
          case HELD, QUEUED, SENT, RUNNING, PAUSED, STOPPING ->
              throw new IllegalArgumentException(state + " is no end");
        };
    handle.execute("UPDATE maps SET " + column + " = " + column + " + 1 WHERE number = ?", number);
    endIfDone(number, moment);
  }

  private void endIfDone(long number, Instant moment) {
    handle.execute(
        "UPDATE maps SET ended = ?, state = CASE WHEN state = 'STOPPING' THEN 'CANCELLED' WHEN failed > 0 THEN 'FAILED' WHEN cancelled > 0 THEN 'CANCELLED' ELSE 'SUCCEEDED' END WHERE number = ? AND ended IS NULL AND (complete = 1 OR state = 'STOPPING') AND succeeded + failed + cancelled = tasks",
        moment.toEpochMilli(),
        number);
  }

  /**
   * Holds the tasks of a map that wait.
   *
   * @return the state of the map now
   * @throws ConflictException if there is no such map
   */
  public JobState hold(long number, By by) {
    return change(number, "map.hold", Map.of(JobState.QUEUED, JobState.HELD), by);
  }

  /** Lets the tasks of a map that is held wait for their turns. See {@link #hold}. */
  public JobState resume(long number, By by) {
    return change(number, "map.resume", Map.of(JobState.HELD, JobState.QUEUED), by);
  }

  /** Notes that all tasks of a map are to be cancelled. See {@link #hold}. */
  public JobState cancel(long number, By by) {
    return change(
        number,
        "map.cancel",
        Map.of(JobState.QUEUED, JobState.STOPPING, JobState.HELD, JobState.STOPPING),
        by);
  }

  private JobState change(long number, String action, Map<JobState, JobState> changes, By by) {
    StoredMap map = require(number);
    JobState next = changes.get(map.state());
    if (next == null) {
      return map.state();
    }
    handle.execute("UPDATE maps SET state = ? WHERE number = ?", next.name(), number);
    new Audit(handle).add(by, action, map.id());
    endIfDone(number, by.moment());
    return require(number).state();
  }

  private StoredMap require(long number) {
    return get(number)
        .orElseThrow(() ->
            new ConflictException(
                Kind.UNKNOWN, "There is no map with the number %s.".formatted(number)));
  }

  public Optional<StoredMap> get(long number) {
    return handle
        .createQuery("SELECT " + COLUMNS + " FROM maps AS m WHERE m.number = ?")
        .bind(0, number)
        .map((row, _) -> map(row))
        .findOne();
  }

  private Optional<StoredMap> byId(String id) {
    return handle
        .createQuery("SELECT " + COLUMNS + " FROM maps AS m WHERE m.id = ?")
        .bind(0, id)
        .map((row, _) -> map(row))
        .findOne();
  }

  /**
   * Returns the map with an id, or else the latest one whose id ends so.
   *
   * @param id an id, or at least {@value Suffix#LEAST} characters of its end
   * @param owner whose; those of all if it is empty
   */
  public Optional<StoredMap> find(String id, Optional<String> owner) {
    return byId(id)
        .filter(map -> owner.isEmpty() || owner.get().equals(map.owner()))
        .or(() -> new Suffix(handle).latest("maps", id, owner).flatMap(this::get));
  }

  /**
   * Returns maps, the newest first.
   *
   * @param owner whose; those of all if it is empty
   * @param after only those after it
   */
  public List<StoredMap> list(Optional<String> owner, Position after, int limit) {
    String whose = owner.isPresent() ? "m.owner = :owner AND " : "";
    var query =
        handle
            .createQuery(
                "SELECT "
                    + COLUMNS
                    + " FROM maps AS m WHERE "
                    + whose
                    + "(m.submitted, m.number) < (:submitted, :number) ORDER BY m.submitted DESC, m.number DESC LIMIT "
                    + limit)
            .bind("submitted", after.submitted())
            .bind("number", after.number());
    owner.ifPresent(name -> query.bind("owner", name));
    return query.map((row, _) -> map(row)).list();
  }

  /**
   * Returns the spec of a map.
   *
   * @throws ConflictException if there is no such map
   */
  public String spec(long number) {
    var _ = require(number);
    return handle
        .createQuery("SELECT spec FROM maps WHERE number = ?")
        .bind(0, number)
        .mapTo(String.class)
        .one();
  }

  public SortedMap<String, String> labels(long number) {
    return new Attachments(handle).labels(number);
  }

  /** Passes on all maps that have not ended, in the order in which they came. */
  public void forEachOpen(Consumer<Open> consumer) {
    handle
        .createQuery(
            "SELECT " + COLUMNS + ", m.spec FROM maps AS m WHERE m.ended IS NULL ORDER BY m.number")
        .setFetchSize(1000)
        .map((row, _) -> new Open(map(row), row.getString(14)))
        .forEach(consumer);
  }

  private static StoredMap map(ResultSet row) throws SQLException {
    return new StoredMap(
        row.getLong(1),
        row.getString(2),
        row.getString(3),
        row.getString(4),
        JobState.valueOf(row.getString(5)),
        row.getDouble(6),
        Instant.ofEpochMilli(row.getLong(7)),
        StoredJobs.moment(row, 8),
        row.getInt(9) == 1,
        row.getLong(10),
        row.getLong(11),
        row.getLong(12),
        row.getLong(13));
  }
}
