package dev.grain;

/**
 * The order in which queued jobs of a run start. Each says what the {@linkplain JobOptions#priority
 * priorities} of jobs mean; jobs of the same priority are in the order in which they were
 * submitted.
 */
public enum QueueOrder {
  /**
   * First in, first out, but if a job does not fit on any worker, later jobs that fit may start
   * before it. The number of these jobs is bounded; after that, a worker is reserved for the job
   * that waits.
   *
   * <p>Jobs of a higher priority go first, and jobs age: a doubling of the priority counts as much
   * as an hour in the queue. So the next job is the one with the least
   *
   * <pre>{@code time of submission - 1 hour * log2(priority / 100)}</pre>
   *
   * <p>A job of 200 goes before those of 100 that were submitted less than an hour earlier, one of
   * 400 before those of less than two hours earlier. A steady stream of such jobs therefore delays
   * others by no more than that.
   */
  FIFO,
  /**
   * Strictly first in, first out: no job starts before an older one. Jobs of a higher priority go
   * before all jobs of a lower one, however long these wait. Priorities are compared as numbers of
   * single precision: whole numbers up to 16 million are told apart.
   */
  STRICT,
  /**
   * A raffle among lines. What is submitted together is a line: the jobs of a wait group (without
   * those of groups within it), those of a {@code map}, {@code mapAsync} or executor service; a
   * single {@code exec} is a line of its own. Each line with queued jobs holds as many tickets as
   * the next of its jobs has priority, however many jobs it has. When there is room, the line of
   * the next job is drawn in proportion to the tickets; lines whose jobs do not fit hold none
   * meanwhile. So three lines of 100 and one of 300 get a sixth, a sixth, a sixth and a half of the
   * starts.
   *
   * <p>In a line, jobs with the same request are in the order in which they were submitted. If a
   * job does not fit on any worker, the number of others that start before it is bounded, as with
   * {@code FIFO}, so no line starves. A further attempt after a failure is drawn as a new job is.
   * As tickets, a priority counts as at least 0.001 and at most 1,000,000.
   *
   * <p>The draws follow from {@link RunOptions#raffleSeed}.
   */
  RAFFLE
}
