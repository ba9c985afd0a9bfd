package dev.grain.function;

import java.io.Serializable;

/**
 * A function of no arguments that returns nothing, to be run as a job.
 *
 * <p>It travels to a worker together with what it captures; both are encoded when it is submitted.
 */
@FunctionalInterface
public interface Act0 extends Serializable {
  /**
   * Runs the function.
   *
   * @throws Exception whatever the function throws; it fails the job
   */
  void run() throws Exception;
}
