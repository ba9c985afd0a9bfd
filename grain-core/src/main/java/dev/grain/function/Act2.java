package dev.grain.function;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * A function of two arguments that returns nothing, to be run as a job.
 *
 * <p>It travels to a worker together with what it captures; both are encoded when it is submitted.
 *
 * @param <A> the type of argument 1
 * @param <B> the type of argument 2
 */
@FunctionalInterface
public interface Act2<A extends @Nullable Object, B extends @Nullable Object> extends Serializable {
  /**
   * Runs the function.
   *
   * @param a argument 1
   * @param b argument 2
   * @throws Exception whatever the function throws; it fails the job
   */
  void run(A a, B b) throws Exception;
}
