package dev.grain.function;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * A function of four arguments that returns nothing, to be run as a job.
 *
 * <p>It travels to a worker together with what it captures; both are encoded when it is submitted.
 *
 * @param <A> the type of argument 1
 * @param <B> the type of argument 2
 * @param <C> the type of argument 3
 * @param <D> the type of argument 4
 */
@FunctionalInterface
public interface Act4<
        A extends @Nullable Object,
        B extends @Nullable Object,
        C extends @Nullable Object,
        D extends @Nullable Object>
    extends Serializable {
  /**
   * Runs the function.
   *
   * @param a argument 1
   * @param b argument 2
   * @param c argument 3
   * @param d argument 4
   * @throws Exception whatever the function throws; it fails the job
   */
  void run(A a, B b, C c, D d) throws Exception;
}
