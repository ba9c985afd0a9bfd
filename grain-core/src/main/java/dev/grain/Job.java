package dev.grain;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A handle to a submitted job. Its methods may be called from any thread of the program.
 *
 * @param <R> the type of its value
 */
public sealed interface Job<R extends @Nullable Object> permits SubmittedJob {
  /** Returns its id. */
  JobId id();

  /** Returns its name; empty if it has none. */
  String name();

  /** Returns its status. */
  JobStatus status();

  /**
   * Waits for the job and returns its value, which the first thread that calls this method decodes.
   *
   * @throws dev.grain.JobException if it failed or was cancelled; a new object each time, with what
   *     the function threw as its cause
   * @throws dev.grain.GroupCancelledException if its group was cancelled meanwhile
   * @throws dev.grain.GrainInterruptedException if the thread is interrupted; the job continues
   */
  R result();

  /**
   * Waits for the job and returns how it ended.
   *
   * @throws dev.grain.GrainInterruptedException if the thread is interrupted; the job continues
   */
  Outcome<R> outcome();

  /**
   * Cancels the job; does nothing if it has ended. A running job is interrupted. The cancellation
   * does not count as a failure of the job's group.
   */
  void cancel();

  /**
   * Returns the name of the worker that has the job or ran it last; empty if there is none so far.
   */
  Optional<String> worker();

  /** Returns the attempts that have ended, the first one first. */
  List<Attempt> attempts();

  /**
   * Returns whether the value of the job comes from the {@linkplain RunOptions#journal journal}: an
   * earlier run of the program ran the job, so this run does not. This is known as soon as the job
   * is submitted. {@link #attempts()} are then those of the earlier run.
   */
  boolean isFromJournal();

  /**
   * Explains in one sentence why the job is in its state, for example {@code Job 7 waits for 3
   * cores: node1 has 2 of 8 free, node2 is draining.} The text is meant for people and may change
   * between releases. The call is as cheap as {@link GrainExecutor#stats()}.
   */
  String explain();

  /** Returns what the job has printed so far, at most the last 64 KiB. */
  String output();

  /**
   * Returns a future of its value, which fails with what {@link #result()} would throw. Cancelling
   * the future cancels the job. Dependent stages run on virtual threads.
   */
  CompletableFuture<R> toFuture();
}
