package dev.grain;

/** The order in which queued jobs of a run start. */
public enum QueueOrder {
  /**
   * First in, first out, but if a job does not fit on any worker, later jobs that fit may start
   * before it. The number of these jobs is bounded; after that, a worker is reserved for the job
   * that waits.
   */
  FIFO,
  /** Strictly first in, first out: no job starts before an older one. */
  STRICT
}
