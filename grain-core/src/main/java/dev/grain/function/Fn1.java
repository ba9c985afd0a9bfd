package dev.grain.function;

import org.jspecify.annotations.Nullable;

/**
 * A function of one argument that returns a value, to be run as a job.
 *
 * <p>It is an {@link Act1} too, so that the form with a value is chosen wherever a lambda or a
 * method reference fits both.
 *
 * @param <A> the type of argument 1
 * @param <R> the type of the value
 */
@FunctionalInterface
public interface Fn1<A extends @Nullable Object, R extends @Nullable Object> extends Act1<A> {
  /**
   * Computes the value.
   *
   * @param a argument 1
   * @return the value; it is encoded on the worker and travels back
   * @throws Exception whatever the function throws; it fails the job
   */
  R apply(A a) throws Exception;

  /** Computes the value and drops it. */
  @Override
  default void run(A a) throws Exception {
    apply(a);
  }
}
