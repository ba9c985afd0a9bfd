package dev.grain.worker;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The signals that end a worker.
 *
 * <p>Not by a shutdown hook: in one, jobs that still run could not use hooks of their own, and the
 * log is closed already. The JDK's class for signals is used by reflection, as javac warns of it
 * wherever it is named.
 */
final class Signals {
  private static final List<String> NAMES = List.of("TERM", "INT", "HUP");

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
    NAMES.forEach(name -> handle(name, signals::onSignal));
  }

  private static void handle(String name, Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object proxy =
          Proxy.newProxyInstance(
              Signals.class.getClassLoader(),
              new Class<?>[] {handler},
              (self, method, arguments) -> {
                action.run();
                return null;
              });
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("This Java cannot handle SIG" + name, e);
    }
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
