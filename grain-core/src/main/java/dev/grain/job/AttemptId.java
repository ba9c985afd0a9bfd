package dev.grain.job;

/**
 * One try of a job, named uniquely: a job that runs again, after a failure or because its worker
 * was lost, has the same job id and the next attempt number.
 *
 * <p>{@link #toString()} is fit for a file name, so that two attempts never write the same file.
 *
 * @param run the id of the run, different for each life of the program
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
