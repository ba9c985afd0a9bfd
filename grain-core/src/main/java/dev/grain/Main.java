package dev.grain;

import org.jspecify.annotations.Nullable;

/**
 * The main of a run: orchestration code that opens wait groups. It runs in the program itself and
 * is never sent anywhere.
 *
 * @param <R> the type of its value
 * @param <X> the type of its own exceptions; inferred as {@code RuntimeException} if it has none
 */
@FunctionalInterface
public interface Main<R extends @Nullable Object, X extends Exception> extends MainAct<X> {
  /**
   * Runs the main.
   *
   * @return its value
   * @throws X its own exceptions
   */
  R call() throws X;

  @Override
  default void run() throws X {
    call();
  }
}
