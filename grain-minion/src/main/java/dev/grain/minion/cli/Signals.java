package dev.grain.minion.cli;

import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/**
 * The signals by which somebody ends the command. The JDK's class for signals is used by
 * reflection, as javac warns of it wherever it is named.
 */
final class Signals {
  /** What is added to the number of a signal to make an exit code. */
  static final int EXIT = 128;

  private static final Map<String, Integer> NUMBERS = Map.of("HUP", 1, "INT", 2, "TERM", 15);

  private Signals() {}

  /**
   * Takes over the signals; one that this process was started to ignore stays ignored. A second
   * signal ends the process at once; what ends with it are the programs of its items.
   *
   * @param first run at the first signal, with its number, in a thread of its own
   */
  static void onFirst(IntConsumer first) {
    AtomicInteger seen = new AtomicInteger();
    NUMBERS.forEach((name, number) ->
        handle(
            name,
            () -> {
              if (seen.compareAndSet(0, number)) {
                first.accept(number);
              } else {
                Runtime.getRuntime().halt(EXIT + number);
              }
            }));
  }

  private static void handle(String name, Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object proxy =
          Proxy.newProxyInstance(
              Signals.class.getClassLoader(),
              new Class<?>[] {handler},
              (_, _, _) -> {
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
