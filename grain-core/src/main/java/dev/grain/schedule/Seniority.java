package dev.grain.schedule;

/**
 * Ranks by priority and age, fixed when a job comes. The jobs of one priority are in the order in
 * which they came.
 *
 * <p>Implementation note: a rank is an age less a lead that grows with the priority, so that
 * nothing has to be changed while jobs wait. Ranks of one priority are unique for certain, those of
 * different ones by their lowest bits.
 */
abstract sealed class Seniority implements Ranks {
  /** In the middle of the ranks that are not negative. */
  private static final long MIDDLE = 1L << 62;

  private Line.Level last = new Line.Level(ScheduledJob.USUAL_PRIORITY, 0);

  /** Returns how much the priority takes off a rank; 0 for the usual one. */
  abstract long lead(double priority);

  /** Returns the age of the next job, in the unit of leads, and always more than before. */
  abstract long nextAge(long now);

  /** Returns the rank of what is that far behind others of the same rank. */
  abstract long place(long age, double priority);

  @Override
  public final Line enter(ScheduledJob job) {
    double priority = job.priority();
    if (Double.compare(last.priority(), priority) != 0) {
      last = new Line.Level(priority, lead(priority));
    }
    return last;
  }

  @Override
  public final long rank(ScheduledJob job, Line line, long now) {
    return switch (line) {
      case Line.Level level -> MIDDLE + place(nextAge(now) - level.lead(), level.priority());
      case Line.Draw _ -> throw new IllegalStateException(job + " takes part in a raffle");
    };
  }

  @Override
  public final long draw(ScheduledJob job, Line line) {
    throw new IllegalStateException(job + " has no rank");
  }

  @Override
  public final long afterFailure(long rank) {
    return rank;
  }

  @Override
  public final void onTaken(ScheduledJob job) {}

  @Override
  public final void leave(Line line) {}

  /**
   * By priority with ageing: a doubling of the priority is worth {@link #DOUBLING} of waiting. So
   * jobs of a higher priority pass one only as long as it has waited no longer than they lead.
   */
  static final class Aged extends Seniority {
    /** An hour in nanoseconds. */
    static final long DOUBLING = 3_600_000_000_000L;

    /** Ages count units of 1,024 ns. */
    private static final int UNIT_BITS = 10;

    private static final int PRIORITY_BITS = 10;

    private long origin;
    private long age;

    @Override
    long lead(double priority) {
      double doublings = StrictMath.log(priority / ScheduledJob.USUAL_PRIORITY) / StrictMath.log(2);
      return Math.round(doublings * (DOUBLING >> UNIT_BITS));
    }

    @Override
    long nextAge(long now) {
      if (age == 0) {
        origin = now;
      }
      age = Math.max(age + 1, (now - origin) >> UNIT_BITS);
      return age;
    }

    @Override
    long place(long age, double priority) {
      int hash = Double.hashCode(priority) * 0x9E3779B9;
      return (age << PRIORITY_BITS) + (hash >>> (Integer.SIZE - PRIORITY_BITS));
    }
  }

  /**
   * By priority alone, then by age. Priorities are compared as numbers of single precision, which
   * tells whole numbers up to 16 million apart.
   */
  static final class Numbered extends Seniority {
    /** So many later jobs a priority leads by the next lower one. */
    private static final int LEAD_BITS = 31;

    private long age;

    @Override
    long lead(double priority) {
      return (bits(priority) - bits(ScheduledJob.USUAL_PRIORITY)) << LEAD_BITS;
    }

    /** Those of numbers that are not negative have the order of the numbers. */
    private static long bits(double priority) {
      return Float.floatToIntBits((float) priority);
    }

    @Override
    long nextAge(long now) {
      return age++;
    }

    @Override
    long place(long age, double priority) {
      return age;
    }
  }
}
