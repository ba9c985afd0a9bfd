package dev.grain.jfr;

/** Who saw what happened to a job: both do, and in one process if the worker is embedded. */
public enum Side {
  /** The program. */
  HEAD,
  /** The worker that has the job. */
  WORKER
}
