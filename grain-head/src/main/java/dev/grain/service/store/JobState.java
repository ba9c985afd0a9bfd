package dev.grain.service.store;

import java.util.List;
import java.util.stream.Stream;

/** Where a job is, as far as the next life of a head has to know. */
public enum JobState {
  /** It is not started until it is released. */
  HELD,
  /** It waits in the queue. */
  QUEUED,
  /** A node has it, and has not started it yet. */
  SENT,
  /** It runs. */
  RUNNING,
  /** It has started and is frozen, with its slots. */
  PAUSED,
  /** It is to be cancelled, and has not ended yet. */
  STOPPING,
  /** It ended, and did what it was to do. */
  SUCCEEDED,
  /** It ended for another reason; its cause tells which. */
  FAILED,
  /** It ended as it was cancelled. */
  CANCELLED;

  /** Returns whether it has ended. */
  public boolean ended() {
    return compareTo(STOPPING) > 0;
  }

  /** Returns whether a node has it, unless it is being cancelled before any had it. */
  boolean onNode() {
    return this == SENT || this == RUNNING || this == PAUSED || this == STOPPING;
  }

  /** Returns those of jobs that have not ended. */
  public static List<JobState> open() {
    return Stream.of(values()).filter(each -> !each.ended()).toList();
  }
}
