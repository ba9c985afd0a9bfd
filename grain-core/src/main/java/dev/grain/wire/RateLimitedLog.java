package dev.grain.wire;

import dev.grain.wire.Connection.Down;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Logs at most one line per second and kind; the next one states how many were left out. */
final class RateLimitedLog {
  private static final long PAUSE = TimeUnit.SECONDS.toNanos(1);

  private final LongSupplier clock;
  private final Consumer<String> log;
  // only accessed by the loop
  private final Map<Down.Kind, Streak> kinds = new EnumMap<>(Down.Kind.class);

  /**
   * Makes a log.
   *
   * @param clock the time in nanoseconds
   * @param log gets the lines
   */
  RateLimitedLog(LongSupplier clock, Consumer<String> log) {
    this.clock = clock;
    this.log = log;
  }

  /** What is known of a kind. */
  private static final class Streak {
    private long last;
    private long leftOut;

    Streak(long last) {
      this.last = last;
    }
  }

  void log(Down why) {
    long now = clock.getAsLong();
    Streak kind = kinds.computeIfAbsent(why.kind(), _ -> new Streak(now - PAUSE));
    if (now - kind.last < PAUSE) {
      kind.leftOut++;
      return;
    }
    String more = kind.leftOut == 0 ? "" : " (and " + kind.leftOut + " more like this before)";
    kind.last = now;
    kind.leftOut = 0;
    log.accept("A connection was refused" + more + ": " + why.sentence());
  }
}
