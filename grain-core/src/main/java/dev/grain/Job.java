package dev.grain;

import dev.grain.job.Attempt;
import dev.grain.job.JobId;
import dev.grain.job.JobStatus;
import dev.grain.job.Outcome;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A job that was submitted. Safe for all threads of the program.
 *
 * @param <R> the type of its value
 */
public sealed interface Job<R extends @Nullable Object> permits SubmittedJob {
  /** Returns its id. */
  JobId id();

  /** Returns its name; empty if it was given none. */
  String name();

  /** Returns where it is. */
  JobStatus status();

  /**
   * Waits for the job and returns its value, which is decoded by the first thread that asks.
   *
   * @throws dev.grain.job.JobException if it failed or was cancelled; a new object each time, with
   *     what the function threw as its cause
   * @throws dev.grain.job.GroupCancelledException if its group was cancelled meanwhile
   * @throws dev.grain.job.GrainInterruptedException if the thread is interrupted; the job goes on
   */
  R result();

  /**
   * Waits for the job and returns how it ended.
   *
   * @throws dev.grain.job.GrainInterruptedException if the thread is interrupted; the job goes on
   */
  Outcome<R> outcome();

  /**
   * Cancels the job wherever it is; does nothing if it has ended. A job that runs is interrupted.
   * Its group goes on: this is no failure.
   */
  void cancel();

  /** Returns the name of the worker that has the job, or ran it last; empty if none has so far. */
  Optional<String> worker();

  /** Returns the attempts that have ended, the first one first. */
  List<Attempt> attempts();

  /**
   * Says in one sentence why the job is where it is, for example {@code Job 7 waits for 3 cores:
   * node1 has 2 of 8 free, node2 is draining.} For people: the words may change. It waits for one
   * turn of the run's loop, so it is as cheap as {@link GrainExecutor#stats()}.
   */
  String explain();

  /** Returns the end of what the job has printed so far, at most the last 64 KiB. */
  String output();

  /**
   * Returns a future of its value, which fails with what {@link #result()} would throw. Cancelling
   * the future cancels the job. What depends on it runs on virtual threads, never on Grain's own.
   */
  CompletableFuture<R> toFuture();
}
