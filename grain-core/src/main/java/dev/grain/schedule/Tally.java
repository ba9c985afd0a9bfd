package dev.grain.schedule;

/**
 * How many jobs of an owner are where, from the first job on. It belongs to the scheduler's thread;
 * a job names its own by {@link ScheduledJob#tally()}.
 */
public final class Tally {
  // written by the Keeper only
  private int queued;
  private int sent;
  private int running;
  private long retried;
  private long lost;

  /** Makes the tally of an owner that has had no job yet. */
  public Tally() {}

  /**
   * Returns the numbers as they are now.
   *
   * @param late what the counts are to have of late replies, which no owner is known for
   */
  public Counts toCounts(long late) {
    return new Counts(queued, sent, running, retried, lost, late);
  }

  private void move(int toQueued, int toSent, int toRunning) {
    queued += toQueued;
    sent += toSent;
    running += toRunning;
  }

  /**
   * Counts the jobs of one scheduler: in its total, and in the tally of whoever owns the job. It
   * alone changes these numbers.
   */
  static final class Keeper {
    private final Tally total = new Tally();

    Tally total() {
      return total;
    }

    /** The job is in the queue, or waits for its time to be there. */
    void queued(ScheduledJob job) {
      move(job, 1, 0, 0);
    }

    /** The job waits on the head no more. */
    void unqueued(ScheduledJob job) {
      move(job, -1, 0, 0);
    }

    /** The job was sent to a node. */
    void sent(ScheduledJob job) {
      move(job, 0, 1, 0);
    }

    /** The job, which was sent, has started. */
    void started(ScheduledJob job) {
      move(job, 0, -1, 1);
    }

    /** The job is at its node no more. */
    void left(ScheduledJob job) {
      if (job.started) {
        move(job, 0, 0, -1);
      } else {
        move(job, 0, -1, 0);
      }
    }

    private void move(ScheduledJob job, int toQueued, int toSent, int toRunning) {
      total.move(toQueued, toSent, toRunning);
      Tally owner = job.tally();
      if (owner != null) {
        owner.move(toQueued, toSent, toRunning);
      }
    }

    /** The job has failed, and there is another attempt. */
    void retried(ScheduledJob job) {
      total.retried++;
      Tally owner = job.tally();
      if (owner != null) {
        owner.retried++;
      }
    }

    /** An attempt of the job was lost with its node. */
    void lost(ScheduledJob job) {
      total.lost++;
      Tally owner = job.tally();
      if (owner != null) {
        owner.lost++;
      }
    }
  }
}
