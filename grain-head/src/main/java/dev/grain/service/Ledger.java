package dev.grain.service;

import dev.grain.Attempt;
import dev.grain.bytes.Bytes;
import dev.grain.dispatch.DetachedStore;
import dev.grain.dispatch.JobEnd;
import dev.grain.dispatch.StoredJob;
import dev.grain.service.log.Logs;
import dev.grain.service.store.Jobs;
import dev.grain.service.store.Result;
import dev.grain.service.store.Store;
import dev.grain.service.store.StoreException;
import dev.grain.service.store.StoredAttempt;
import dev.grain.service.store.Usage;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Writes into the store what becomes of the jobs of the head, and into their logs what they print.
 *
 * <p>One change at a time is under way, with all that was told while the one before was: so what is
 * kept is always what was told first. While the disk is full, the change is tried again and again,
 * and what is told meanwhile waits in memory; the head sends nothing new by then.
 */
final class Ledger implements DetachedStore {
  private static final System.Logger LOG = System.getLogger("dev.grain.head");

  /** How much a change writes at most, so that others get in between. */
  private static final int MOST = 1000;

  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final Store store;
  private final Results results;
  private final Logs logs;
  private final Clock clock;
  private final Consumer<Throwable> onBroken;
  private final Executor later =
      CompletableFuture.delayedExecutor(PAUSE.toMillis(), TimeUnit.MILLISECONDS);

  // jobs that have not ended; put by any thread before the head has the job, then the loop's
  private final Map<Long, Known> known = new ConcurrentHashMap<>();

  // all guarded by this
  private final Deque<Call> calls = new ArrayDeque<>();
  private boolean writing;
  private boolean full;

  /**
   * What is to be known of a job before it ends.
   *
   * @param command whether it is a command
   * @param sent whether the store has it at a worker
   */
  private record Known(boolean command, boolean sent) {}

  /**
   * Something that was told.
   *
   * @param ready done when it can be written
   */
  private record Call(CompletableFuture<?> ready, Consumer<Handle> change, Runnable kept) {}

  /**
   * Makes one.
   *
   * @param onBroken receives what prevents it from going on; then it answers nothing any more
   */
  Ledger(Store store, Results results, Logs logs, Clock clock, Consumer<Throwable> onBroken) {
    this.store = store;
    this.results = results;
    this.logs = logs;
    this.clock = clock;
    this.onBroken = onBroken;
  }

  /**
   * Expects to hear of a job. To be called before the head has it.
   *
   * @param command whether it is a command
   * @param sent whether the store has it at a worker
   */
  void expect(long job, boolean command, boolean sent) {
    known.put(job, new Known(command, sent));
  }

  // ---------------------------------------------------------------- what the head tells

  @Override
  public void onSending(long job, int attempt, StoredJob.Holder holder, Runnable kept) {
    Instant moment = clock.instant();
    setSent(job, true);
    add(
        handle ->
            new Jobs(handle)
                .sent(
                    job,
                    new StoredAttempt(
                        attempt, holder.worker(), moment, Optional.empty(), Optional.empty()),
                    holder.incarnation()),
        kept);
  }

  @Override
  public void onAttempt(long job, Attempt ended, int losses, Runnable kept) {
    Instant moment = clock.instant();
    setSent(job, false);
    StoredAttempt.End end =
        ended
            .failure()
            .map(cause -> StoredAttempt.End.failed(moment, cause, ended.reason(), Usage.UNKNOWN))
            .orElseGet(() -> StoredAttempt.End.succeeded(moment, Usage.UNKNOWN));
    add(
        handle -> {
          Jobs jobs = new Jobs(handle);
          jobs.requeue(job, attempt(jobs, job, ended, end), losses);
        },
        () -> {
          logs.attemptEnded(job);
          kept.run();
        });
  }

  @Override
  public void onEnd(long job, int attempt, JobEnd end, Runnable kept) {
    Instant moment = clock.instant();
    Known was = known.remove(job);
    boolean command = was != null && was.command();
    CompletableFuture<Result> result =
        end instanceof JobEnd.Returned returned
            ? results.keep(returned.value())
            : CompletableFuture.completedFuture(new Result.None());
    add(
        result,
        handle ->
            end(
                new Jobs(handle),
                job,
                attempt,
                JobOutcome.of(end, command, attempt, moment),
                result.join()),
        () -> {
          logs.ended(job);
          kept.run();
        });
  }

  private static void end(Jobs jobs, long job, int attempt, JobOutcome outcome, Result result) {
    Attempt last = outcome.attempt();
    if (last != null) {
      jobs.end(job, attempt(jobs, job, last, outcome.end()), result);
      return;
    }
    // it never began, or was with a worker that has not begun it
    Optional<StoredAttempt> sent = jobs.attempt(job, attempt).filter(each -> each.end().isEmpty());
    if (sent.isPresent()) {
      StoredAttempt each = sent.get();
      jobs.end(
          job,
          new StoredAttempt(
              each.number(), each.node(), each.sent(), each.started(), Optional.of(outcome.end())),
          result);
    } else {
      jobs.end(job, outcome.end());
    }
  }

  /** Returns an attempt that has ended, with what is stored of it. */
  private static StoredAttempt attempt(Jobs jobs, long job, Attempt ended, StoredAttempt.End end) {
    Instant began = end.moment().minus(ended.ran());
    Optional<StoredAttempt> stored = jobs.attempt(job, ended.number());
    return new StoredAttempt(
        ended.number(),
        ended.worker(),
        stored.map(StoredAttempt::sent).orElse(began),
        stored
            .flatMap(StoredAttempt::started)
            .or(() -> ended.ran().isZero() ? Optional.empty() : Optional.of(began)),
        Optional.of(end));
  }

  @Override
  public void onState(long job, State state, int attempt, @Nullable String worker) {
    switch (state) {
      case RUNNING -> onRunning(job, attempt, worker == null ? "" : worker);
      case HELD, QUEUED -> onWaiting(job);
      case SENT, PREPARING, STOPPING, AWAITED -> {}
    }
  }

  private void onRunning(long job, int attempt, String worker) {
    Instant moment = clock.instant();
    add(
        handle -> {
          Jobs jobs = new Jobs(handle);
          Optional<StoredAttempt> stored = jobs.attempt(job, attempt);
          jobs.started(
              job,
              new StoredAttempt(
                  attempt,
                  worker,
                  stored.map(StoredAttempt::sent).orElse(moment),
                  stored.flatMap(StoredAttempt::started).or(() -> Optional.of(moment)),
                  Optional.empty()));
        },
        () -> {});
  }

  /** A job waits; if the store has it at a worker, that has given it back. */
  private void onWaiting(long job) {
    Known each = known.get(job);
    if (each != null && each.sent()) {
      setSent(job, false);
      add(handle -> new Jobs(handle).returned(job), () -> {});
    }
  }

  private void setSent(long job, boolean sent) {
    known.computeIfPresent(job, (_, each) -> new Known(each.command(), sent));
  }

  @Override
  public void onOutput(long job, int attempt, String worker, Bytes text, boolean error) {
    logs.print(job, attempt, text, error);
  }

  // ---------------------------------------------------------------- writing

  private void add(Consumer<Handle> change, Runnable kept) {
    add(CompletableFuture.completedFuture(null), change, kept);
  }

  private void add(CompletableFuture<?> ready, Consumer<Handle> change, Runnable kept) {
    synchronized (this) {
      calls.add(new Call(ready, change, kept));
    }
    if (ready.isDone()) {
      write();
    } else {
      var _ =
          ready.whenComplete((_, thrown) -> {
            if (thrown == null) {
              write();
            } else {
              onBroken.accept(thrown);
            }
          });
    }
  }

  private void write() {
    List<Call> some = new ArrayList<>();
    synchronized (this) {
      if (writing) {
        return;
      }
      for (Call next = calls.peek();
          next != null && next.ready().isDone() && some.size() < MOST;
          next = calls.peek()) {
        some.add(calls.remove());
      }
      if (some.isEmpty()) {
        return;
      }
      writing = true;
    }
    write(some);
  }

  private void write(List<Call> some) {
    var _ =
        store
            .write(handle -> {
              some.forEach(each -> each.change().accept(handle));
              return some.size();
            })
            .whenComplete((_, thrown) -> onWritten(some, thrown));
  }

  private void onWritten(List<Call> some, @Nullable Throwable thrown) {
    if (thrown == null) {
      synchronized (this) {
        writing = false;
        if (full) {
          LOG.log(System.Logger.Level.INFO, "The disk of the database has room again.");
        }
        full = false;
      }
      some.forEach(each -> each.kept().run());
      write();
    } else if (!(thrown instanceof StoreException failed)) {
      onBroken.accept(thrown);
    } else {
      switch (failed.kind()) {
        case FULL -> onFull(some, failed);
        case UNUSABLE -> onBroken.accept(failed);
        case AWAY -> {
          // the head is ending, and the next life learns the same from the workers
        }
      }
    }
  }

  private void onFull(List<Call> some, StoreException failed) {
    synchronized (this) {
      if (!full) {
        LOG.log(
            System.Logger.Level.WARNING,
            "{0} Until then no job starts, and workers keep the ends of jobs.",
            failed.getMessage());
      }
      full = true;
    }
    later.execute(() -> write(some));
  }
}
