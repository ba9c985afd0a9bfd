package dev.grain.cli.run;

import dev.grain.JobOptions;
import dev.grain.RunOptions;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a command line asks for.
 *
 * @param job the options of each job
 * @param remote whether jobs run on workers, whose files are not those of this machine
 * @param atOnce how many jobs may be submitted at once; 0 for any number
 * @param journal where results are kept for the next run; null for nowhere
 */
record Plan(
    Template template,
    Inputs inputs,
    JobOptions job,
    RunOptions run,
    boolean remote,
    int atOnce,
    Halt halt,
    @Nullable Path journal,
    Display display) {

  /** When output is shown. */
  enum Order {
    /** Line by line, as jobs print. */
    LINES,
    /** All of a job when it has ended. */
    GROUPED,
    /** All of a job after that of the jobs before. */
    BY_NUMBER
  }

  /**
   * What people get to see.
   *
   * @param retried whether jobs may run again, each time with output from the start, so that it
   *     cannot be shown before they have ended
   * @param tagged whether lines start with the input
   * @param json whether standard output gets an object for each job
   * @param quiet whether there is no table
   * @param output the folder for the output of each job; null to print it
   * @param joblog the file with a line for each job as GNU parallel writes it; null for none
   */
  record Display(
      Order order,
      boolean retried,
      boolean tagged,
      boolean json,
      boolean quiet,
      @Nullable Path output,
      @Nullable Path joblog) {}
}
