package dev.grain;

/**
 * The order in which queued jobs of a run start. It determines the effect of the {@linkplain
 * JobOptions#priority priorities} of jobs; jobs of the same priority start in the order of
 * submission, except in a raffle.
 */
public enum QueueOrder {
  /**
   * First in, first out, but if a job does not fit on any worker, later jobs that fit may start
   * before it. The number of these jobs is bounded; after that, a worker is reserved for the job
   * that waits.
   *
   * <p>Jobs with a higher priority go first, and jobs age: doubling the priority is worth one hour
   * in the queue. The next job is the one with the smallest
   *
   * <pre>{@code time of submission - 1 hour * log2(priority / 100)}</pre>
   *
   * <p>A job of priority 200 goes before jobs of priority 100 that were submitted less than one
   * hour earlier, and a job of priority 400 before those that were submitted less than two hours
   * earlier. A steady stream of such jobs therefore delays the others by no more than that.
   */
  FIFO,
  /**
   * Strictly first in, first out: no job starts before an older one of the same priority. Jobs with
   * a higher priority go before all jobs with a lower one, however long those have waited.
   * Priorities are compared in single precision, which distinguishes whole numbers up to 16
   * million.
   */
  STRICT,
  /**
   * A raffle among lines. Jobs that are submitted together form a line: the jobs of a wait group
   * (without those of nested groups), or of a {@code map}, {@code mapAsync} or executor service; a
   * single {@code exec} is its own line. The number of tickets of a line is the priority of its
   * next job, regardless of how many jobs are queued in the line. When there is room, a line is
   * drawn with a probability proportional to its tickets, and its next job starts; lines whose jobs
   * do not fit at the moment do not take part. With three lines of priority 100 and one of priority
   * 300, each of the three gets a sixth of the starts, and the fourth gets half.
   *
   * <p>In a line, jobs with the same request start in the order of submission. If a job does not
   * fit on any worker, the number of jobs that start before it is bounded, as with {@code FIFO}, so
   * no line starves. A retry is drawn like a new job. The number of tickets is at least 0.001 and
   * at most 1,000,000, whatever the priority.
   *
   * <p>{@link RunOptions#raffleSeed} sets the seed of the draws.
   */
  RAFFLE
}
