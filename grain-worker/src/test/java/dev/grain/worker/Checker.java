package dev.grain.worker;

import dev.grain.Attempt;
import dev.grain.Cause;
import dev.grain.GrainExecutor;
import dev.grain.Job;
import dev.grain.JobException;
import dev.grain.JobFailedException;
import dev.grain.JobLostException;
import dev.grain.Outcome;
import dev.grain.RunStats;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What must hold after anything that has happened to the processes of a run: each job has ended
 * once, and rightly; all slots are free, at the head and at the workers; and when the workers are
 * asked to end, they do, and leave no process and no complaint.
 *
 * <p>A test shows it the end of each job that it has submitted, and then the run. Used by one
 * thread. It needs no library of tests, so that programs in processes of their own can use it.
 */
final class Checker {
  /** How many attempts a job may lose with their workers. */
  private static final int LOSSES = 3;

  private final GrainExecutor executor;

  private long succeeded;
  private long failed;
  private long cancelled;

  Checker(GrainExecutor executor) {
    this.executor = executor;
  }

  private static void ensure(boolean right, Supplier<String> what) {
    if (!right) {
      throw new AssertionError(what.get());
    }
  }

  /** Waits for a job, which must have this value. */
  <R extends @Nullable Object> void assertValue(Job<R> job, R expected) {
    Outcome<R> outcome = job.outcome();
    ensure(
        outcome instanceof Outcome.Success<R>(R value) && Objects.equals(value, expected),
        () -> "%s must have the value %s: %s".formatted(job.id(), expected, outcome));
    ensureAttempts(job, null);
    succeeded++;
  }

  /**
   * Waits for a job that may have run whenever a worker was killed: it must have this value, or
   * have lost all attempts that it may lose.
   */
  <R extends @Nullable Object> void assertValueOrLost(Job<R> job, R expected) {
    if (job.outcome() instanceof Outcome.Failure<R>) {
      assertLost(job);
    } else {
      assertValue(job, expected);
    }
  }

  /** Waits for a job, which must have lost all attempts that it may lose; returns the message. */
  JobLostException assertLost(Job<?> job) {
    Outcome<?> outcome = job.outcome();
    ensure(
        job.attempts().size() == LOSSES
            && job.attempts().stream().allMatch(attempt -> failureOf(attempt) == Cause.LOST),
        () -> job.id() + " was lost by " + job.attempts());
    failed++;
    if (outcome instanceof Outcome.Failure<?>(JobLostException lost)) {
      return lost;
    }
    throw new AssertionError(job.id() + " was not lost as it should: " + outcome);
  }

  /** Waits for a job, whose function must have thrown; returns what shows that. */
  JobException assertFailure(Job<?> job) {
    Outcome<?> outcome = job.outcome();
    ensureAttempts(job, Cause.FAILED);
    failed++;
    if (outcome instanceof Outcome.Failure<?>(JobFailedException failure)) {
      return failure;
    }
    throw new AssertionError(job.id() + " has not failed as it should: " + outcome);
  }

  /** Waits for a job that was cancelled while it ran. */
  void assertCancelled(Job<?> job) {
    Outcome<?> outcome = job.outcome();
    ensure(outcome instanceof Outcome.Cancelled<?>, () -> job.id() + " was cancelled: " + outcome);
    ensureAttempts(job, Cause.CANCELLED);
    cancelled++;
  }

  /** All but the last were lost or never begun, and the last one has ended as the job has. */
  private static void ensureAttempts(Job<?> job, @Nullable Cause end) {
    List<Attempt> attempts = job.attempts();
    ensure(!attempts.isEmpty(), () -> job.id() + " has ended without an attempt");
    int number = 0;
    for (int i = 0; i < attempts.size(); i++) {
      Attempt attempt = attempts.get(i);
      Cause failure = failureOf(attempt);
      boolean right =
          i == attempts.size() - 1
              ? failure == end
              : failure == Cause.LOST || failure == Cause.NOT_STARTED;
      ensure(
          attempt.number() > number
              && !attempt.worker().isEmpty()
              && !attempt.ran().isNegative()
              && right,
          () -> "The attempts of " + job.id() + ": " + attempts);
      number = attempt.number();
    }
  }

  private static @Nullable Cause failureOf(Attempt attempt) {
    return attempt.failure().orElse(null);
  }

  /** There was no job but those that were shown, and none of them has a slot. */
  void assertNothingElse() {
    RunStats stats = executor.stats();
    ensure(
        stats.submitted() == succeeded + failed + cancelled
            && stats.succeeded() == succeeded
            && stats.failed() == failed
            && stats.cancelled() == cancelled
            && stats.queued() + stats.sent() + stats.running() == 0,
        () ->
            "%s have succeeded, %s failed, %s were cancelled: %s"
                .formatted(succeeded, failed, cancelled, stats));
    for (RunStats.Worker worker : stats.workers()) {
      ensure(
          worker.jobs() == 0 && worker.free().equals(worker.offers()),
          () -> "A slot is taken: " + worker);
    }
  }

  /**
   * Waits until no worker has a job, asks them to end, and waits until they have. None may have a
   * process left that jobs have started.
   *
   * @param expected what their logs may contain besides harmless lines
   */
  static void assertEndsCleanly(Cluster cluster, String... expected)
      throws IOException, InterruptedException {
    for (WorkerProcess worker : cluster.living()) {
      if (worker.isOnThisNetwork()) {
        awaitIdle(cluster, worker);
      }
      List<ProcessHandle> left = worker.descendants();
      ensure(left.isEmpty(), () -> worker + " has left processes: " + left);
      worker.terminate();
      int code = worker.exitCode();
      ensure(code == 0, () -> worker + " has ended with code " + code);
    }
    // of peers that were killed, or cut off, while they dialed
    cluster.assertNoComplaintBut(
        Stream.concat(
                Stream.of("broke before the greeting", "instead of sending a greeting"),
                Stream.of(expected))
            .toArray(String[]::new));
  }

  /** Asks a worker until no job holds slots there: one that was lost may be about to end. */
  private static void awaitIdle(Cluster cluster, WorkerProcess worker) {
    StringWriter table = new StringWriter();
    while (!table.toString().contains("  0 jobs of ")) {
      ensure(!Thread.currentThread().isInterrupted(), () -> worker + " is never idle: " + table);
      table.getBuffer().setLength(0);
      int code =
          GrainCommand.commandLine()
              .setOut(new PrintWriter(table))
              .execute("workers", "--key", cluster.key().toString(), worker.address());
      ensure(code == 0, () -> worker + " does not answer");
    }
  }
}
