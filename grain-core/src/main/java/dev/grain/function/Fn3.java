package dev.grain.function;

import org.jspecify.annotations.Nullable;

/**
 * A function of three arguments that returns a value, to be run as a job.
 *
 * <p>It is an {@link Act3} too, so that the form with a value is chosen wherever a lambda or a
 * method reference fits both.
 *
 * @param <A> the type of argument 1
 * @param <B> the type of argument 2
 * @param <C> the type of argument 3
 * @param <R> the type of the value
 */
@FunctionalInterface
public interface Fn3<
        A extends @Nullable Object,
        B extends @Nullable Object,
        C extends @Nullable Object,
        R extends @Nullable Object>
    extends Act3<A, B, C> {
  /**
   * Computes the value.
   *
   * @param a argument 1
   * @param b argument 2
   * @param c argument 3
   * @return the value; it is encoded on the worker and travels back
   * @throws Exception whatever the function throws; it fails the job
   */
  R apply(A a, B b, C c) throws Exception;

  /** Computes the value and drops it. */
  @Override
  default void run(A a, B b, C c) throws Exception {
    apply(a, b, c);
  }
}
