package dev.grain;

import dev.grain.job.JobId;

/**
 * Receives what jobs print while they run; set by {@link RunOptions#onOutput}.
 *
 * <p>It is called by one thread of the run, in the order of arrival; what one job prints arrives in
 * the order in which it was printed. A listener that is slower than the jobs is skipped in favour
 * of memory: it then gets a text that says how much was left out. What it throws is reported by the
 * run's {@code System.Logger} and ignored.
 */
@FunctionalInterface
public interface OutputListener {
  /**
   * Handles what a job has printed.
   *
   * @param output what, and by which job
   */
  void onOutput(Output output);

  /**
   * What a job has printed: whole lines, as far as they are not very long.
   *
   * @param job the job
   * @param name its name; empty if it has none
   * @param worker the worker that runs it
   * @param text what it has printed
   * @param error whether it was printed on the error stream
   */
  record Output(JobId job, String name, String worker, String text, boolean error) {}
}
