package dev.grain;

/** Why a job, or one attempt of it, did not succeed. */
public enum Cause {
  /** Its function threw, or its arguments or its result could not be encoded or decoded. */
  FAILED,
  /** It reached its time limit. */
  TIMED_OUT,
  /** It exceeded the memory that it requested, or the heap of its JVM, and was killed. */
  OUT_OF_MEMORY,
  /** It, its group or its run was cancelled. */
  CANCELLED,
  /** Its worker was lost while it may have been running. */
  LOST,
  /** It never started: no worker could ever meet its request, or workers could not start it. */
  NOT_STARTED
}
