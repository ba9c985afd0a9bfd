package dev.grain.schedule;

/**
 * Ranks by priority and age, fixed when a job comes. The jobs of one priority are in the order in
 * which they came.
 *
 * <p>Implementation note: a rank is an arrival less a lead that grows with the priority, so that
 * nothing has to be changed while jobs wait. Ranks of one priority are always unique. Those of
 * different ones differ in their lowest bits; should they not, it is undecided which goes first.
 */
abstract sealed class Seniority implements Ranks {
  /** In the middle of the ranks that are not negative. */
  private static final long MIDDLE = 1L << 62;

  private Line.Level recent = new Line.Level(ScheduledJob.USUAL_PRIORITY, 0);

  /** Returns how much the priority takes off a rank; 0 for the usual one. */
  abstract long lead(double priority);

  /** Returns the arrival of the next job, in the unit of leads: always more than before. */
  abstract long nextArrival(long now);

  /** Makes a rank, around 0, of an arrival less a lead. */
  abstract long place(long lessLead, double priority);

  /** Returns what {@link #place} has made a rank of. */
  abstract long lessLead(long rank);

  @Override
  public final Line enter(ScheduledJob job) {
    double priority = job.priority();
    if (Double.compare(recent.priority(), priority) != 0) {
      recent = new Line.Level(priority, lead(priority));
    }
    return recent;
  }

  @Override
  public final long rank(ScheduledJob job, Line line, long now) {
    Line.Level level = of(line);
    return MIDDLE + place(nextArrival(now) - level.lead(), level.priority());
  }

  @Override
  public final long draw(ScheduledJob job, Line line) {
    throw new IllegalStateException(job + " has no rank");
  }

  @Override
  public final long moved(long rank, Line from, Line to) {
    long own = rank < 0 ? rank - Long.MIN_VALUE : rank;
    long moved =
        place(lessLead(own - MIDDLE) + of(from).lead() - of(to).lead(), of(to).priority()) + MIDDLE;
    return rank < 0 ? Ranks.beforeAll(moved) : moved;
  }

  private static Line.Level of(Line line) {
    return switch (line) {
      case Line.Level level -> level;
      case Line.Draw _ -> throw new IllegalStateException(line + " takes part in a raffle");
    };
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

    /** Arrivals count units of 1,024 ns. */
    private static final int UNIT_BITS = 10;

    private static final int PRIORITY_BITS = 10;

    private long origin;
    private long last;

    @Override
    long lead(double priority) {
      // not of the quotient, which may be too small for a number
      double log = StrictMath.log(priority) - StrictMath.log(ScheduledJob.USUAL_PRIORITY);
      return Math.round(log / StrictMath.log(2) * (DOUBLING >> UNIT_BITS));
    }

    @Override
    long nextArrival(long now) {
      if (last == 0) {
        origin = now;
      }
      last = Math.max(last + 1, (now - origin) >> UNIT_BITS);
      return last;
    }

    @Override
    long place(long lessLead, double priority) {
      int hash = Double.hashCode(priority) * 0x9E3779B9;
      return (lessLead << PRIORITY_BITS) + (hash >>> (Integer.SIZE - PRIORITY_BITS));
    }

    @Override
    long lessLead(long rank) {
      return rank >> PRIORITY_BITS;
    }
  }

  /**
   * By priority alone, then by age. Priorities are compared as numbers of single precision, which
   * distinguishes whole numbers up to 16 million.
   */
  static final class Numbered extends Seniority {
    /** A number leads the next lower one by two to the power of this many jobs. */
    private static final int LEAD_BITS = 31;

    private long last;

    @Override
    long lead(double priority) {
      return (bits(priority) - bits(ScheduledJob.USUAL_PRIORITY)) << LEAD_BITS;
    }

    /** Those of numbers that are not negative have the order of the numbers. */
    private static long bits(double priority) {
      return Float.floatToIntBits((float) priority);
    }

    @Override
    long nextArrival(long now) {
      return last++;
    }

    @Override
    long place(long lessLead, double priority) {
      return lessLead;
    }

    @Override
    long lessLead(long rank) {
      return rank;
    }
  }
}
