package dev.grain.worker;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The signals by which somebody tells a worker to end.
 *
 * <p>Not by a shutdown hook: in one, jobs that still run could not use hooks of their own, and the
 * log is closed already. The JDK's class for signals is used by reflection, as javac warns of it
 * wherever it is named.
 */
final class Signals {
  private static final List<String> NAMES = List.of("TERM", "INT", "HUP");

  private Signals() {}

  /**
   * Takes over the signals; one that this process was told to ignore stays ignored.
   *
   * @param first to be run at the first signal, in a thread of its own
   * @param further to be run at each one after it
   */
  static void onEnd(Runnable first, Runnable further) {
    AtomicBoolean told = new AtomicBoolean();
    for (String name : NAMES) {
      handle(name, () -> (told.compareAndSet(false, true) ? first : further).run());
    }
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
}
