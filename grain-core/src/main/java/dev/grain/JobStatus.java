package dev.grain;

/** The status of a job. */
public enum JobStatus {
  /** It waits in the queue. */
  QUEUED,
  /** It was sent to a worker and has not started there yet. */
  SENT,
  /** It runs. */
  RUNNING,
  /**
   * It was interrupted or cancelled and has not ended yet; or it has ended, but its outcome is not
   * in the journal yet.
   */
  STOPPING,
  /** It returned a value. */
  SUCCEEDED,
  /** It failed, reached its time limit, was lost, or could not start. */
  FAILED,
  /** It was cancelled. */
  CANCELLED;

  /** Returns whether the job has ended. */
  public boolean ended() {
    return compareTo(STOPPING) > 0;
  }
}
