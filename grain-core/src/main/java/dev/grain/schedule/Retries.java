package dev.grain.schedule;

/**
 * Whether, and when, a job runs again after a failure.
 *
 * @param most how many further attempts there may be
 * @param first how long the first of them waits, in nanoseconds
 * @param factor by how much each waits longer than the one before, at least 1
 * @param longest how long one waits at most, in nanoseconds
 * @param asks whether the client is asked before each
 */
public record Retries(int most, long first, double factor, long longest, boolean asks) {
  /** A failure ends the job. */
  public static final Retries NONE = new Retries(0, 0, 1, 0, false);

  /**
   * Returns how long to wait before a further attempt, in nanoseconds.
   *
   * @param further its number among the further ones, counted from 1
   */
  public long delay(int further) {
    double delay = (double) first;
    for (int left = further; left > 1 && factor > 1 && delay < (double) longest; left--) {
      delay *= factor;
    }
    return (long) Math.min(delay, (double) longest);
  }
}
