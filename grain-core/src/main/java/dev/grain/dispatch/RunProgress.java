package dev.grain.dispatch;

import dev.grain.schedule.Counts;

/**
 * How far a run is.
 *
 * @param counts how many jobs are where
 * @param succeeded jobs that returned a value
 * @param failed jobs that ended otherwise, and were not cancelled
 * @param cancelled jobs that were cancelled
 * @param preparing what a worker is making ready for some of its jobs; empty if none is known to
 */
public record RunProgress(
    Counts counts, long succeeded, long failed, long cancelled, String preparing) {
  /** That of a run that has had no job yet. */
  public static final RunProgress NONE = new RunProgress(new Counts(0, 0, 0, 0, 0, 0), 0, 0, 0, "");

  /** Returns how many jobs have ended. */
  public long ended() {
    return succeeded + failed + cancelled;
  }
}
