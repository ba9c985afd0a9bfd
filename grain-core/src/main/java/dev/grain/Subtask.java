package dev.grain;

import org.jspecify.annotations.Nullable;

/**
 * Orchestration code that a wait group runs concurrently with its owner, on a virtual thread of the
 * program.
 *
 * @param <R> the type of its value
 */
public sealed interface Subtask<R extends @Nullable Object> permits StartedSubtask {
  /**
   * Waits for the subtask and returns its value.
   *
   * @throws dev.grain.SubtaskFailedException if it threw
   * @throws dev.grain.GroupCancelledException if its group was cancelled meanwhile
   * @throws dev.grain.GrainInterruptedException if the thread is interrupted
   */
  R result();

  /**
   * Waits for the subtask and returns how it ended.
   *
   * @throws dev.grain.GrainInterruptedException if the thread is interrupted
   */
  Outcome<R> outcome();
}
