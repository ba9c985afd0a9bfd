package dev.grain.function;

import org.jspecify.annotations.Nullable;

/**
 * A function of no arguments that returns a value, to be run as a job.
 *
 * <p>It is an {@link Act0} too, so that the form with a value is chosen wherever a lambda or a
 * method reference fits both.
 *
 * @param <R> the type of the value
 */
@FunctionalInterface
public interface Fn0<R extends @Nullable Object> extends Act0 {
  /**
   * Computes the value.
   *
   * @return the value; it is encoded on the worker and travels back
   * @throws Exception whatever the function throws; it fails the job
   */
  R apply() throws Exception;

  /** Computes the value and drops it. */
  @Override
  default void run() throws Exception {
    apply();
  }
}
