package dev.grain;

import dev.grain.text.Exceptions;
import org.jspecify.annotations.Nullable;

/**
 * How a job or a subtask ended.
 *
 * @param <R> the type of its value
 */
public sealed interface Outcome<R extends @Nullable Object> {
  /**
   * Returns the value, or throws what prevented it.
   *
   * @throws JobException if the job failed or was cancelled
   */
  R orThrow();

  /**
   * It returned a value.
   *
   * @param <R> the type of the value
   * @param value the value; null where the function returned null or nothing
   */
  record Success<R extends @Nullable Object>(R value) implements Outcome<R> {
    @Override
    public R orThrow() {
      return value;
    }
  }

  /**
   * It did not return a value.
   *
   * @param <R> the type of the value that did not come
   * @param error a {@link JobException} for a job; for a subtask, what it threw
   */
  record Failure<R extends @Nullable Object>(Throwable error) implements Outcome<R> {
    @Override
    public R orThrow() {
      throw Outcome.unchecked(error);
    }
  }

  /**
   * It was cancelled before it could end by itself.
   *
   * @param <R> the type of the value that did not come
   * @param error the exception that states what was cancelled, and why
   */
  record Cancelled<R extends @Nullable Object>(GrainException error) implements Outcome<R> {
    @Override
    public R orThrow() {
      throw error;
    }
  }

  private static RuntimeException unchecked(Throwable error) {
    return switch (error) {
      case RuntimeException unchecked -> unchecked;
      case Error fatal -> throw fatal;
      default ->
          new IllegalStateException("The subtask failed: " + Exceptions.describe(error), error);
    };
  }
}
