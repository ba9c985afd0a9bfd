package dev.grain.service.store;

import dev.grain.Cause;
import dev.grain.service.store.ConflictException.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The jobs that are stored.
 *
 * <p>What nodes do is told by {@link #sent}, {@link #started}, {@link #requeue} and {@link #end},
 * in this order for an attempt; the first two may be left out. They change nothing and return false
 * for a job that has ended, and for an attempt before its latest, so an end that is told twice is
 * stored once. What people want is told by the methods that take a {@link By}.
 */
public final class Jobs {
  private final Handle handle;

  /** What decides whether something is changed. */
  private record Current(
      String owner,
      JobState state,
      int attempt,
      boolean held,
      OptionalLong map,
      Instant submitted,
      boolean hasStarted) {}

  /**
   * A job that has not ended, for the next life of a head.
   *
   * @param life the id of the life of the node that has or had the latest attempt; empty if it is
   *     not known
   * @param held whether it is to be held, once no node has it
   * @param losses how often it was running when its node died
   */
  public record Open(
      StoredJob job,
      String spec,
      Optional<StoredAttempt> latest,
      String life,
      boolean held,
      int losses) {}

  /** A job with its labels; those of a task are empty. */
  public record Labelled(StoredJob job, SortedMap<String, String> labels) {}

  public Jobs(Handle handle) {
    this.handle = handle;
  }

  private Optional<Current> current(long number) {
    return handle
        .createQuery(
            "SELECT owner, state, attempt, held, map, submitted, started FROM jobs WHERE number = ?")
        .bind(0, number)
        .map((row, _) -> {
          long map = row.getLong(5);
          return new Current(
              row.getString(1),
              JobState.valueOf(row.getString(2)),
              row.getInt(3),
              row.getInt(4) != 0,
              row.wasNull() ? OptionalLong.empty() : OptionalLong.of(map),
              Instant.ofEpochMilli(row.getLong(6)),
              StoredJobs.moment(row, 7).isPresent());
        })
        .findOne();
  }

  /** Returns the job if its attempt can still go on. */
  private Optional<Current> open(long number, int attempt) {
    return current(number).filter(job -> !job.state().ended() && attempt >= job.attempt());
  }

  /**
   * Tells that a node is given an attempt.
   *
   * @param life the id of the life of the node; empty if there is none
   */
  public boolean sent(long number, StoredAttempt attempt, String life) {
    boolean open = goOn(number, attempt, JobState.SENT);
    if (open) {
      handle.execute(
          "UPDATE attempts SET life = ? WHERE job = ? AND number = ?",
          life,
          number,
          attempt.number());
    }
    return open;
  }

  /** Tells that the node has given a job back that it has not started. */
  public boolean returned(long number) {
    Optional<Current> job = current(number).filter(each -> each.state() == JobState.SENT);
    job.ifPresent(sent -> {
      JobState next = sent.held() ? JobState.HELD : JobState.QUEUED;
      new Counts(handle).move(sent.owner(), sent.state(), next);
      update(new JobChange.Changed(number), "state = ?", next.name());
    });
    return job.isPresent();
  }

  /** Tells that an attempt has started on its node. */
  public boolean started(long number, StoredAttempt attempt) {
    return goOn(number, attempt, JobState.RUNNING);
  }

  private boolean goOn(long number, StoredAttempt attempt, JobState state) {
    Optional<Current> job = open(number, attempt.number());
    job.ifPresent(open -> {
      put(number, attempt);
      // one that is to be cancelled, or was frozen, stays so
      boolean stays =
          open.state() == JobState.STOPPING
              || (open.state() == JobState.PAUSED && open.attempt() == attempt.number());
      JobState next = stays ? open.state() : state;
      new Counts(handle).move(open.owner(), open.state(), next);
      update(
          started(number, open, attempt.started()),
          "state = ?, attempt = ?, started = coalesce(started, ?)",
          next.name(),
          attempt.number(),
          StoredJobs.millis(attempt.started()));
    });
    return job.isPresent();
  }

  /** Returns what it means that an attempt goes on: the first one that starts is told as such. */
  private static JobChange started(long number, Current job, Optional<Instant> started) {
    return started
        .filter(_ -> !job.hasStarted())
        .map(moment -> Duration.between(job.submitted(), moment))
        .<JobChange>map(
            waited -> new JobChange.Started(number, waited.isNegative() ? Duration.ZERO : waited))
        .orElseGet(() -> new JobChange.Changed(number));
  }

  /**
   * Changes the row of a job.
   *
   * @param change what that means
   * @param set what comes behind SET, with a question mark for each of the values
   */
  private void update(JobChange change, String set, @Nullable Object... values) {
    @Nullable Object[] all = Arrays.copyOf(values, values.length + 1);
    all[values.length] = change.job();
    handle.execute("UPDATE jobs SET " + set + " WHERE number = ?", all);
    ChangedJobs.of(handle).note(change);
  }

  private void put(long number, StoredAttempt attempt) {
    Optional<StoredAttempt.End> end = attempt.end();
    Usage usage = end.map(StoredAttempt.End::usage).orElse(Usage.UNKNOWN);
    handle.execute(
        "INSERT INTO attempts (job, number, node, sent, started, ended, cause, message, exit_code, signal, peak_memory) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (job, number) DO UPDATE SET node = excluded.node, sent = excluded.sent, started = excluded.started, ended = excluded.ended, cause = excluded.cause, message = excluded.message, exit_code = excluded.exit_code, signal = excluded.signal, peak_memory = excluded.peak_memory",
        number,
        attempt.number(),
        attempt.node(),
        attempt.sent().toEpochMilli(),
        StoredJobs.millis(attempt.started()),
        StoredJobs.millis(end.map(StoredAttempt.End::moment)),
        end.flatMap(StoredAttempt.End::cause).map(Cause::name).orElse(null),
        end.map(StoredAttempt.End::message).orElse(null),
        StoredJobs.boxed(usage.exitCode()),
        StoredJobs.boxed(usage.signal()),
        StoredJobs.boxed(usage.peakMemory()));
  }

  /**
   * Tells that an attempt has ended, and that the job is to run again, unless it is held.
   *
   * @param losses how often it was running when its node died, by now
   */
  public boolean requeue(long number, StoredAttempt attempt, int losses) {
    Optional<Current> job = open(number, attempt.number());
    job.ifPresent(open -> {
      put(number, attempt);
      JobState waits = open.held() ? JobState.HELD : JobState.QUEUED;
      JobState next = open.state() == JobState.STOPPING ? JobState.STOPPING : waits;
      new Counts(handle).move(open.owner(), open.state(), next);
      update(
          started(number, open, attempt.started()),
          "state = ?, attempt = ?, losses = ?, started = coalesce(started, ?)",
          next.name(),
          attempt.number(),
          losses,
          StoredJobs.millis(attempt.started()));
    });
    return job.isPresent();
  }

  /**
   * Tells that a job has ended with an attempt.
   *
   * @param attempt one that has ended
   */
  public boolean end(long number, StoredAttempt attempt, Result result) {
    Optional<Current> job = open(number, attempt.number());
    job.ifPresent(open -> {
      put(number, attempt);
      end(number, open, attempt.number(), attempt.started(), attempt.end().orElseThrow());
      switch (result) {
        case Result.None() -> {}
        case Result.Value(byte[] bytes) ->
            handle.execute("INSERT INTO results (job, value) VALUES (?, ?)", number, bytes);
        case Result.Blob(String hash) ->
            handle.execute("INSERT INTO results (job, blob) VALUES (?, ?)", number, hash);
      }
    });
    return job.isPresent();
  }

  /** Tells that a job has ended while no node had it. */
  public boolean end(long number, StoredAttempt.End end) {
    Optional<Current> job = current(number).filter(each -> !each.state().ended());
    job.ifPresent(open -> end(number, open, open.attempt(), Optional.empty(), end));
    return job.isPresent();
  }

  private void end(
      long number, Current job, int attempt, Optional<Instant> started, StoredAttempt.End end) {
    JobState state =
        end.cause()
            .map(cause -> cause == Cause.CANCELLED ? JobState.CANCELLED : JobState.FAILED)
            .orElse(JobState.SUCCEEDED);
    new Counts(handle).move(job.owner(), job.state(), state);
    ChangedJobs.of(handle).note(started(number, job, started));
    Usage usage = end.usage();
    update(
        new JobChange.Ended(number, end.cause()),
        "state = ?, cause = ?, message = ?, attempt = ?, started = coalesce(started, ?), ended = ?, exit_code = ?, signal = ?, peak_memory = ?",
        state.name(),
        end.cause().map(Cause::name).orElse(null),
        end.message().isEmpty() ? null : end.message(),
        attempt,
        StoredJobs.millis(started),
        end.moment().toEpochMilli(),
        StoredJobs.boxed(usage.exitCode()),
        StoredJobs.boxed(usage.signal()),
        StoredJobs.boxed(usage.peakMemory()));
    if (job.map().isPresent()) {
      new Maps(handle).taskEnded(job.map().getAsLong(), state, end.moment());
    }
  }

  /**
   * Holds a job. One that waits is held at once; one that a node has, when it comes back to the
   * queue.
   *
   * @return its state now
   * @throws ConflictException if there is no such job
   */
  public JobState hold(long number, By by) {
    return change(number, "job.hold", Map.of(JobState.QUEUED, JobState.HELD), true, by);
  }

  /** Notes that a job that runs was frozen; others stay as they are. See {@link #hold}. */
  public JobState pause(long number, By by) {
    return change(number, "job.pause", Map.of(JobState.RUNNING, JobState.PAUSED), null, by);
  }

  /** Lets a job that is held wait for its turn, and one that is frozen run. See {@link #hold}. */
  public JobState resume(long number, By by) {
    return change(
        number,
        "job.resume",
        Map.of(JobState.HELD, JobState.QUEUED, JobState.PAUSED, JobState.RUNNING),
        false,
        by);
  }

  /** Notes that a job that has not ended is to be cancelled. See {@link #hold}. */
  public JobState cancel(long number, By by) {
    return change(
        number,
        "job.cancel",
        Map.of(
            JobState.HELD, JobState.STOPPING,
            JobState.QUEUED, JobState.STOPPING,
            JobState.SENT, JobState.STOPPING,
            JobState.RUNNING, JobState.STOPPING,
            JobState.PAUSED, JobState.STOPPING),
        null,
        by);
  }

  /**
   * Changes what people decide.
   *
   * @param held whether it is to be held from now on; null if that stays
   */
  private JobState change(
      long number, String action, Map<JobState, JobState> changes, @Nullable Boolean held, By by) {
    Current job = current(number).orElseThrow(() -> unknown(number));
    JobState next = changes.getOrDefault(job.state(), job.state());
    boolean nextHeld = held == null ? job.held() : held;
    boolean over = job.state().ended() || job.state() == JobState.STOPPING;
    if (over || (next == job.state() && nextHeld == job.held())) {
      return job.state();
    }
    if (next != job.state()) {
      new Counts(handle).move(job.owner(), job.state(), next);
    }
    update(new JobChange.Changed(number), "state = ?, held = ?", next.name(), nextHeld ? 1 : 0);
    new Audit(handle).add(by, action, id(number));
    return next;
  }

  /**
   * Changes the priority of a job that has not ended.
   *
   * @return its state
   * @throws ConflictException if there is no such job
   */
  public JobState prioritize(long number, double priority, By by) {
    Current job = current(number).orElseThrow(() -> unknown(number));
    if (!job.state().ended()) {
      update(new JobChange.Changed(number), "priority = ?", priority);
      new Audit(handle).add(by, "job.prioritize", id(number) + " " + priority);
    }
    return job.state();
  }

  private String id(long number) {
    return get(number).orElseThrow().id();
  }

  private static ConflictException unknown(long number) {
    return new ConflictException(
        Kind.UNKNOWN, "There is no job with the number %s.".formatted(number));
  }

  /** Returns a job. */
  public Optional<StoredJob> get(long number) {
    return handle
        .createQuery(
            "SELECT "
                + StoredJobs.COLUMNS
                + " FROM jobs AS j LEFT JOIN maps AS m ON m.number = j.map WHERE j.number = ?")
        .bind(0, number)
        .map((row, _) -> StoredJobs.job(row))
        .findOne();
  }

  /** Returns jobs with their labels, those that there are, in any order. */
  public List<Labelled> labelled(Collection<Long> numbers) {
    if (numbers.isEmpty()) {
      return List.of();
    }
    Map<Long, SortedMap<String, String>> labels = new Attachments(handle).labels(numbers);
    return handle
        .createQuery(
            "SELECT "
                + StoredJobs.COLUMNS
                + " FROM jobs AS j LEFT JOIN maps AS m ON m.number = j.map WHERE j.number IN (<numbers>)")
        .bindList("numbers", List.copyOf(numbers))
        .map((row, _) -> StoredJobs.job(row))
        .map(job -> new Labelled(job, labels.getOrDefault(job.number(), new TreeMap<>())))
        .list();
  }

  /** Returns those of some numbers that are jobs. */
  public Set<Long> among(List<Long> numbers) {
    return numbers.isEmpty()
        ? Set.of()
        : handle
            .createQuery("SELECT number FROM jobs WHERE number IN (<numbers>)")
            .bindList("numbers", numbers)
            .mapTo(Long.class)
            .collect(Collectors.toSet());
  }

  /** Returns the largest number that a job or a map has had. */
  public long lastNumber() {
    return handle.createQuery("SELECT last_number FROM head").mapTo(Long.class).one();
  }

  /**
   * Returns the spec of a job; of a task, what it adds to that of its map.
   *
   * @throws ConflictException if there is no such job
   */
  public String spec(long number) {
    return handle
        .createQuery("SELECT spec FROM specs WHERE job = ?")
        .bind(0, number)
        .mapTo(String.class)
        .findOne()
        .orElseThrow(() -> unknown(number));
  }

  public SortedMap<String, String> labels(long number) {
    return new Attachments(handle).labels(number);
  }

  /** Returns the hashes of the blobs that its spec names. */
  public List<String> blobs(long number) {
    return new Attachments(handle).blobs(number);
  }

  /** Returns the attempts of a job, the first one first. */
  public List<StoredAttempt> attempts(long number) {
    return handle
        .createQuery(
            "SELECT "
                + StoredJobs.ATTEMPT
                + " FROM attempts AS a WHERE a.job = ? ORDER BY a.number")
        .bind(0, number)
        .map((row, _) -> StoredJobs.attempt(row, 0))
        .list();
  }

  /** Returns an attempt of a job. */
  public Optional<StoredAttempt> attempt(long number, int attempt) {
    return handle
        .createQuery(
            "SELECT " + StoredJobs.ATTEMPT + " FROM attempts AS a WHERE a.job = ? AND a.number = ?")
        .bind(0, number)
        .bind(1, attempt)
        .map((row, _) -> StoredJobs.attempt(row, 0))
        .findOne();
  }

  public Result result(long number) {
    return handle
        .createQuery("SELECT value, blob FROM results WHERE job = ?")
        .bind(0, number)
        .map((row, _) -> {
          byte[] value = row.getBytes(1);
          return value == null
              ? (Result) new Result.Blob(row.getString(2))
              : new Result.Value(value);
        })
        .findOne()
        .orElseGet(Result.None::new);
  }

  /**
   * Returns how many jobs are in each state.
   *
   * @param owner whose; those of all if it is empty
   */
  public Map<JobState, Long> counts(Optional<String> owner) {
    return new Counts(handle).of(owner);
  }

  /**
   * Passes on all jobs that have not ended, in the order in which they came. They are read while
   * they are passed on, so that they need no memory.
   */
  public void forEachOpen(Consumer<Open> consumer) {
    handle
        .createQuery(
            "SELECT "
                + StoredJobs.COLUMNS
                + ", s.spec, j.held, j.losses, a.life, "
                + StoredJobs.ATTEMPT
                + " FROM jobs AS j LEFT JOIN maps AS m ON m.number = j.map JOIN specs AS s ON s.job = j.number LEFT JOIN attempts AS a ON a.job = j.number AND a.number = j.attempt WHERE j.ended IS NULL ORDER BY j.number")
        .setFetchSize(1000)
        .map((row, _) -> {
          StoredJob job = StoredJobs.job(row);
          int spec = StoredJobs.WIDTH + 1;
          String life = row.getString(spec + 3);
          return new Open(
              job,
              row.getString(spec),
              life == null ? Optional.empty() : Optional.of(StoredJobs.attempt(row, spec + 3)),
              life == null ? "" : life,
              row.getInt(spec + 1) != 0,
              row.getInt(spec + 2));
        })
        .forEach(consumer);
  }
}
