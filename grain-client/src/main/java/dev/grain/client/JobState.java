package dev.grain.client;

import java.util.Arrays;
import java.util.List;

/** Where a job of a head is. */
public enum JobState {
  /** It does not start before it is resumed. */
  HELD,
  /** It waits for a worker that has what it requests. */
  QUEUED,
  /** A worker has it, and prepares it. */
  SENT,
  /** It runs. */
  RUNNING,
  /** It has started and is frozen; it keeps what it has taken of its worker. */
  PAUSED,
  /** It is to be cancelled, and has not ended yet. */
  STOPPING,
  /** It has ended, and did what it was to do. */
  SUCCEEDED,
  /** It has ended for another reason; its cause tells which. */
  FAILED,
  /** It has ended as it was cancelled. */
  CANCELLED,
  /** A state of a newer head that this version does not know. */
  OTHER;

  private static final List<JobState> ENDED = List.of(SUCCEEDED, FAILED, CANCELLED);

  /** Returns the state with a name; {@link #OTHER} if it is not known. */
  static JobState of(String name) {
    return Arrays.stream(values()).filter(each -> each.name().equals(name)).findAny().orElse(OTHER);
  }

  /** Returns whether a job in this state has ended. */
  public boolean hasEnded() {
    return ENDED.contains(this);
  }
}
