package dev.grain.schedule;

import org.jspecify.annotations.Nullable;

/** Jobs that compete for slots as one; those of them that ask for the same form a class. */
sealed interface Line {
  /**
   * The jobs of one priority, where the priority and the age give the rank.
   *
   * @param lead how much it takes off the rank
   */
  record Level(double priority, long lead) implements Line {
    /** Compares by the priority, from which the lead follows. */
    @Override
    public boolean equals(@Nullable Object other) {
      return this == other
          || (other instanceof Level level && Double.compare(priority, level.priority) == 0);
    }

    @Override
    public int hashCode() {
      return Double.hashCode(priority);
    }
  }

  /** The jobs that hold tickets of a raffle together. Written by Raffle. */
  final class Draw implements Line {
    /** What names it; null for the line of a single job. */
    final @Nullable Object name;

    /** The rank that was drawn last for one of its jobs. */
    double clock;

    /** How many of its jobs have not ended. */
    int unended;

    Draw(@Nullable Object name) {
      this.name = name;
    }
  }
}
