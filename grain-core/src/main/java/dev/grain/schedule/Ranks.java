package dev.grain.schedule;

/**
 * Gives jobs their ranks: of those that could start, the one of the lowest rank goes first. Which
 * that is depends on the order of the queue alone.
 *
 * <p>Ranks that are given here are not negative. Jobs that go before all others have negative ones,
 * in the same order among each other.
 */
sealed interface Ranks permits Seniority, Raffle {
  /** Of a job that gets its rank when it is the first of its queue. Higher than all others. */
  long UNRANKED = Long.MAX_VALUE;

  /** Makes the ranks of an order of the queue. */
  static Ranks of(Policy policy) {
    return switch (policy.order()) {
      case FIFO -> new Seniority.Aged();
      case STRICT -> new Seniority.Numbered();
      case RAFFLE -> new Raffle(policy.seed());
    };
  }

  /** Returns the rank with which a job that has this one goes before all that were not lost. */
  static long beforeAll(long rank) {
    return rank < 0 ? rank : rank + Long.MIN_VALUE;
  }

  /** A job has come; returns the line that it belongs to. */
  Line enter(ScheduledJob job);

  /**
   * Returns the rank of a job that has come, once.
   *
   * @param now the time in nanoseconds, never less than before
   */
  long rank(ScheduledJob job, Line line, long now);

  /** Returns the rank of a job without one, which is the first of its queue now. */
  long draw(ScheduledJob job, Line line);

  /** Returns the rank of a job that moves to another line with the age that it has. */
  long moved(long rank, Line from, Line to);

  /** Returns the rank with which a job runs again that has failed. */
  long afterFailure(long rank);

  /** A job has left the queue for a node. */
  void onTaken(ScheduledJob job);

  /** A job of the line has ended. */
  void leave(Line line);
}
