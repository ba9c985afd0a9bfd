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

  private @Nullable ScheduledJob[] table = new @Nullable ScheduledJob[SMALLEST];
  private int size;

  int size() {
    return size;
  }

  @Nullable ScheduledJob find(long number) {
    int mask = table.length - 1;
    for (int at = place(number, mask); ; at = (at + 1) & mask) {
      ScheduledJob job = table[at];
      if (job == null || job.number() == number) {
        return job;
      }
    }
  }

  /** Adds a job that is not there. */
  void add(ScheduledJob job) {
    if (2 * ++size > table.length) {
      resize(2 * table.length);
    }
    insert(job);
  }

  /** Removes a job that is there. */
  void remove(ScheduledJob job) {
    int mask = table.length - 1;
    int hole = place(job.number(), mask);
    while (table[hole] != job) {
      hole = (hole + 1) & mask;
    }
    for (int at = (hole + 1) & mask; ; at = (at + 1) & mask) {
      ScheduledJob other = table[at];
      if (other == null) {
        break;
      }
      int home = place(other.number(), mask);
      // it may go to the hole if that is on the way from its home to where it is
      if (((at - home) & mask) >= ((at - hole) & mask)) {
        table[hole] = other;
        hole = at;
      }
    }
    table[hole] = null;
    size--;
    if (table.length > SMALLEST && 8 * size < table.length) {
      resize(table.length / 2);
    }
  }

  private void insert(ScheduledJob job) {
    int mask = table.length - 1;
    int at = place(job.number(), mask);
    while (table[at] != null) {
      at = (at + 1) & mask;
    }
    table[at] = job;
  }

  private void resize(int length) {
    @Nullable ScheduledJob[] former = table;
    table = new @Nullable ScheduledJob[length];
    for (ScheduledJob job : former) {
      if (job != null) {
        insert(job);
      }
    }
  }

  /**
   * Spreads numbers that follow each other: side by side they would form one run, all of which each
   * removal had to look at. The factor is 2 to the power of 64 by the golden ratio; Knuth, The Art
   * of Computer Programming, volume 3, section 6.4.
   */
  private static int place(long number, int mask) {
    return (int) ((number * 0x9E3779B97F4A7C15L) >>> 32) & mask;
  }
}
