package dev.grain;

/**
 * The unique id of one attempt of a job. A job that runs again, after a failure or because its
 * worker was lost, keeps its job id and gets the next attempt number.
 *
 * <p>Use {@link #toString()} in file names, so that two attempts never write the same file.
 *
 * @param run the id of the run, different each time the program runs
 * @param job the job
 * @param attempt counted from 1
 */
public record AttemptId(String run, JobId job, int attempt) {
  /** Returns the run, the job's number and the attempt, joined by hyphens. */
  @Override
  public String toString() {
    return run + "-" + job.number() + "-" + attempt;
  }
}
