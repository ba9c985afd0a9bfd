package dev.grain;

/**
 * Receives the output of jobs while they run; set by {@link RunOptions#onOutput}.
 *
 * <p>One thread of the run calls the listener, in the order of arrival; the output of one job
 * arrives in the order in which it was printed. If the listener is slower than the jobs, output is
 * dropped, and the listener receives a text that states how much. Exceptions of the listener are
 * logged by {@code System.Logger} and otherwise ignored.
 */
@FunctionalInterface
public interface OutputListener {
  /**
   * Handles output of a job.
   *
   * @param output the text, and the job that printed it
   */
  void onOutput(Output output);

  /**
   * Output of a job: whole lines, unless they are very long.
   *
   * @param job the job
   * @param name its name; empty if it has none
   * @param worker the worker that runs it
   * @param text what it has printed
   * @param error whether it was printed on the error stream
   */
  record Output(JobId job, String name, String worker, String text, boolean error) {}
}
