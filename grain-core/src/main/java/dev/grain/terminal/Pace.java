package dev.grain.terminal;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** How fast jobs end, from what was seen at some moments. Not safe for several threads. */
final class Pace {
  /** How long a moment counts for the rate. */
  private static final long RECENT = Duration.ofSeconds(15).toNanos();

  /** How long no job may have been added for the time left to mean anything. */
  private static final long SETTLED = Duration.ofSeconds(3).toNanos();

  /** How many jobs must have ended for a number to mean anything. */
  private static final long ENOUGH = 3;

  private static final double SECOND = 1e9;

  /** What was seen at a moment, in nanoseconds. */
  private record Moment(long time, long ended, long open) {
    long known() {
      return ended + open;
    }
  }

  // oldest first
  private final Deque<Moment> recent = new ArrayDeque<>();
  private @Nullable Moment first;
  // when the number of known jobs changed last
  private long grown;

  /**
   * Takes note of a moment.
   *
   * @param time in nanoseconds, not before the last one
   * @param ended how many jobs have ended since the start
   * @param open how many have not
   */
  void see(long time, long ended, long open) {
    Moment now = new Moment(time, ended, open);
    if (first == null) {
      first = now;
    }
    if (recent.isEmpty() || recent.getLast().known() != now.known()) {
      grown = time;
    }
    recent.add(now);
    while (time - recent.getFirst().time() > RECENT) {
      recent.removeFirst();
    }
  }

  /** Forgets everything. */
  void clear() {
    recent.clear();
    first = null;
  }

  /** Returns how long ago the first moment was, in nanoseconds. */
  long seen() {
    return first == null ? 0 : recent.getLast().time() - first.time();
  }

  /** Returns how many jobs end in a second: lately, or else on average; 0 if nobody can know. */
  double rate() {
    if (first == null) {
      return 0;
    }
    double lately = rate(recent.getFirst(), recent.getLast());
    return lately > 0 ? lately : rate(first, recent.getLast());
  }

  private static double rate(Moment from, Moment to) {
    long ended = to.ended() - from.ended();
    return ended < ENOUGH ? 0 : ended / ((to.time() - from.time()) / SECOND);
  }

  /**
   * Returns in how many seconds the jobs will have ended at this rate; 0 if nobody can know,
   * because too few have ended or new ones keep coming.
   */
  double secondsLeft() {
    double rate = rate();
    if (rate == 0 || recent.getLast().time() - grown < SETTLED) {
      return 0;
    }
    return recent.getLast().open() / rate;
  }
}
