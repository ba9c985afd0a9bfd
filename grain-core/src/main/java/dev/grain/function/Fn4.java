package dev.grain.function;

import org.jspecify.annotations.Nullable;

/**
 * A function of four arguments that returns a value, to be run as a job.
 *
 * <p>It is an {@link Act4} too, so that the form with a value is chosen wherever a lambda or a
 * method reference fits both.
 *
 * @param <A> the type of argument 1
 * @param <B> the type of argument 2
 * @param <C> the type of argument 3
 * @param <D> the type of argument 4
 * @param <R> the type of the value
 */
@FunctionalInterface
public interface Fn4<
        A extends @Nullable Object,
        B extends @Nullable Object,
        C extends @Nullable Object,
        D extends @Nullable Object,
        R extends @Nullable Object>
    extends Act4<A, B, C, D> {
  /**
   * Computes the value.
   *
   * @param a argument 1
   * @param b argument 2
   * @param c argument 3
   * @param d argument 4
   * @return the value; it is encoded on the worker and travels back
   * @throws Exception whatever the function throws; it fails the job
   */
  R apply(A a, B b, C c, D d) throws Exception;

  /** Computes the value and drops it. */
  @Override
  default void run(A a, B b, C c, D d) throws Exception {
    apply(a, b, c, d);
  }
}
