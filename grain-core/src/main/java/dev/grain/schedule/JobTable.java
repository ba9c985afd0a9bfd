package dev.grain.schedule;

import org.jspecify.annotations.Nullable;

/**
 * The jobs of a node by their numbers.
 *
 * <p>Implementation note: open addressing with linear probing, in a table that is at most half
 * full; a removal moves back what was displaced by it, so that there are no marks of what was.
 */
final class JobTable {
  private static final int SMALLEST = 16;

  /** 2 to the 64th, by the golden ratio. */
  private static final long SCATTER = 0x9E3779B97F4A7C15L;

  // beside the jobs, so that a look at another place does not touch the job that is there
  private long[] numbers = new long[SMALLEST];
  private @Nullable ScheduledJob[] jobs = new @Nullable ScheduledJob[SMALLEST];
  private int size;

  int size() {
    return size;
  }

  @Nullable ScheduledJob find(long number) {
    int mask = jobs.length - 1;
    int at = place(number, mask);
    while (numbers[at] != number && jobs[at] != null) {
      at = (at + 1) & mask;
    }
    return jobs[at];
  }

  /** Adds a job that is not there. */
  void add(ScheduledJob job) {
    if (2 * ++size > jobs.length) {
      grow();
    }
    insert(job.number(), job);
  }

  /** Removes a job that is there. */
  void remove(ScheduledJob job) {
    int mask = jobs.length - 1;
    int hole = place(job.number(), mask);
    while (jobs[hole] != job) {
      hole = (hole + 1) & mask;
    }
    for (int at = (hole + 1) & mask; jobs[at] != null; at = (at + 1) & mask) {
      int home = place(numbers[at], mask);
      // it may go to the hole if that is on the way from its home to where it is
      if (((at - home) & mask) >= ((at - hole) & mask)) {
        jobs[hole] = jobs[at];
        numbers[hole] = numbers[at];
        hole = at;
      }
    }
    jobs[hole] = null;
    size--;
  }

  private void insert(long number, ScheduledJob job) {
    int mask = jobs.length - 1;
    int at = place(number, mask);
    while (jobs[at] != null) {
      at = (at + 1) & mask;
    }
    jobs[at] = job;
    numbers[at] = number;
  }

  private void grow() {
    @Nullable ScheduledJob[] former = jobs;
    long[] formerNumbers = numbers;
    jobs = new @Nullable ScheduledJob[2 * former.length];
    numbers = new long[jobs.length];
    for (int at = 0; at < former.length; at++) {
      ScheduledJob job = former[at];
      if (job != null) {
        insert(formerNumbers[at], job);
      }
    }
  }

  /** Spreads numbers that follow each other, as a removal looks at all up to the next gap. */
  private static int place(long number, int mask) {
    return (int) ((number * SCATTER) >>> Integer.SIZE) & mask;
  }
}
