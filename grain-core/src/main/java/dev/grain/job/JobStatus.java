package dev.grain.job;

/** Where a job is on its way. */
public enum JobStatus {
  /** It waits on the head. */
  QUEUED,
  /** It is on its way to a worker, or waits there for slots. */
  SENT,
  /** It runs. */
  RUNNING,
  /**
   * It was told to stop and has not ended yet; or it has ended, and that is not in the journal yet.
   */
  STOPPING,
  /** It returned a value. */
  SUCCEEDED,
  /** It failed, ran into its time limit, was lost, or could never start. */
  FAILED,
  /** It was cancelled. */
  CANCELLED;

  /** Returns whether the job has ended. */
  public boolean ended() {
    return compareTo(STOPPING) > 0;
  }
}
