package dev.grain.function;

import org.jspecify.annotations.Nullable;

/**
 * A function of two arguments that returns a value, to be run as a job.
 *
 * <p>It is an {@link Act2} too, so that the form with a value is chosen wherever a lambda or a
 * method reference fits both.
 *
 * @param <A> the type of argument 1
 * @param <B> the type of argument 2
 * @param <R> the type of the value
 */
@FunctionalInterface
public interface Fn2<
        A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object>
    extends Act2<A, B> {
  /**
   * Computes the value.
   *
   * @param a argument 1
   * @param b argument 2
   * @return the value; it is encoded on the worker and travels back
   * @throws Exception whatever the function throws; it fails the job
   */
  R apply(A a, B b) throws Exception;

  /** Computes the value and drops it. */
  @Override
  default void run(A a, B b) throws Exception {
    apply(a, b);
  }
}
