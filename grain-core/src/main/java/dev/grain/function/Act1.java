package dev.grain.function;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * A function of one argument that returns nothing, to be run as a job.
 *
 * <p>It travels to a worker together with what it captures; both are encoded when it is submitted.
 *
 * @param <A> the type of argument 1
 */
@FunctionalInterface
public interface Act1<A extends @Nullable Object> extends Serializable {
  /**
   * Runs the function.
   *
   * @param a argument 1
   * @throws Exception whatever the function throws; it fails the job
   */
  void run(A a) throws Exception;
}
