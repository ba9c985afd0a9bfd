package dev.grain.schedule;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Ranks by lot: the jobs of a line hold as many tickets together as its next one has priority, and
 * the line whose job is next is drawn in proportion, among those whose jobs fit.
 *
 * <p>Implementation note. The first job of each queue of a line has a rank, which is a time on a
 * clock that the lines share: the last rank of its line, or the time now, whichever is later, and
 * beyond that a time of exponential distribution with as many ends per unit as there are tickets.
 * The first of several such times belongs to each with the probability of its share of the tickets,
 * and as the distribution has no memory, those that are left need not be drawn again. So the least
 * rank wins, as in every other order, and the indexes need not know of the raffle. The time is the
 * highest rank that has gone to a node. A job that has not fitted for a while has a rank before the
 * time, so its line goes first once when it does fit, and does not catch up on the rest.
 *
 * <p>A line that has several queues, as its jobs ask for different things, has a rank in each of
 * them, drawn one beyond the other. So it starts no more jobs for that, and loses nothing while
 * some of its queues do not fit.
 */
final class Raffle implements Ranks {
  // so that no priority moves the time so far that those of others do not show any more
  private static final double FEWEST_TICKETS = 1e-3;
  private static final double MOST_TICKETS = 1e6;

  private final SplittableRandom random;
  private final Map<Object, Line.Draw> named = new HashMap<>();
  private long unended;
  private double time;

  Raffle(long seed) {
    this.random = new SplittableRandom(seed);
  }

  /** Returns how many tickets a priority stands for. */
  static double tickets(double priority) {
    return Math.clamp(priority, FEWEST_TICKETS, MOST_TICKETS);
  }

  @Override
  public Line enter(ScheduledJob job) {
    Object name = job.line();
    Line.Draw line =
        name == null ? new Line.Draw(null) : named.computeIfAbsent(name, Line.Draw::new);
    line.unended++;
    unended++;
    return line;
  }

  @Override
  public long rank(ScheduledJob job, Line line, long now) {
    return UNRANKED;
  }

  @Override
  public long draw(ScheduledJob job, Line line) {
    Line.Draw drawn = of(line);
    double from = Math.max(drawn.clock, time);
    double wait = -StrictMath.log1p(-random.nextDouble()) / tickets(job.priority());
    drawn.clock = Math.max(from + wait, Math.nextUp(from));
    // those of numbers that are not negative have the order of the numbers
    return Double.doubleToLongBits(drawn.clock);
  }

  @Override
  public long moved(long rank, Line from, Line to) {
    return rank < 0 ? rank : UNRANKED;
  }

  @Override
  public long afterFailure(long rank) {
    return UNRANKED;
  }

  @Override
  public void onTaken(ScheduledJob job) {
    if (job.rank >= 0) {
      time = Math.max(time, Double.longBitsToDouble(job.rank));
    }
  }

  @Override
  public void leave(Line line) {
    Line.Draw left = of(line);
    if (--left.unended == 0 && left.name != null) {
      named.remove(left.name);
    }
    if (--unended == 0) {
      time = 0;
    }
  }

  private static Line.Draw of(Line line) {
    return switch (line) {
      case Line.Draw draw -> draw;
      case Line.Level _ -> throw new IllegalStateException(line + " has no tickets");
    };
  }
}
