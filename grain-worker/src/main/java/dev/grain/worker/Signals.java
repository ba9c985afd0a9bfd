package dev.grain.worker;

import dev.grain.posix.EndSignals;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The signals that end a worker.
 *
 * <p>Not by a shutdown hook: in one, jobs that still run could not use hooks of their own, and the
 * log is closed already.
 */
final class Signals {
  /**
   * What comes so soon after the first is the same: sent to all processes of a group, it comes from
   * the parent, too, which passes on what it gets.
   */
  private static final long SAME = TimeUnit.SECONDS.toNanos(1);

  private final Runnable first;
  private final Runnable further;
  private final LongSupplier clock;
  // both guarded by this
  private boolean told;
  private long toldAt;

  Signals(Runnable first, Runnable further, LongSupplier clock) {
    this.first = first;
    this.further = further;
    this.clock = clock;
  }

  /**
   * Takes over the signals; one that this process was started to ignore stays ignored.
   *
   * @param first to be run at the first signal, in a thread of its own
   * @param further to be run at each one that comes a second or more after it
   */
  static void onEnd(Runnable first, Runnable further) {
    Signals signals = new Signals(first, further, System::nanoTime);
    EndSignals.onEach(_ -> signals.onSignal());
  }

  void onSignal() {
    Runnable action = next();
    if (action != null) {
      action.run();
    }
  }

  private synchronized @Nullable Runnable next() {
    if (!told) {
      told = true;
      toldAt = clock.getAsLong();
      return first;
    }
    return clock.getAsLong() - toldAt < SAME ? null : further;
  }
}
