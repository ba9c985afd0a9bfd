package dev.grain.posix;

import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;

/**
 * The signals by which somebody asks this process to end: SIGHUP, SIGINT and SIGTERM. One that the
 * process was started to ignore stays ignored.
 *
 * <p>The JDK's class for signals is used by reflection, as javac warns of it wherever it is named.
 */
public final class EndSignals {
  /** What is added to the number of a signal to make an exit code. */
  public static final int EXIT = 128;

  private static final int INTERRUPT = 2;

  private static final Map<String, Integer> NUMBERS =
      Map.of("HUP", 1, "INT", INTERRUPT, "TERM", 15);

  private EndSignals() {}

  /**
   * Takes over the signals: a Ctrl-C after the first one ends the process at once, by the exit code
   * that shells have for it. Others may come again, as programs send them twice: {@code timeout}
   * does, and batch systems.
   *
   * @param first run at the first signal, with its number, in a thread of its own
   */
  public static void onFirst(IntConsumer first) {
    AtomicBoolean told = new AtomicBoolean();
    onEach(number -> {
      if (told.compareAndSet(false, true)) {
        first.accept(number);
      } else if (number == INTERRUPT) {
        Runtime.getRuntime().halt(EXIT + number);
      }
    });
  }

  /**
   * Takes over the signals.
   *
   * @param action run at each of them, with its number, in a thread of its own
   */
  public static void onEach(IntConsumer action) {
    NUMBERS.forEach((name, number) -> handle(name, () -> action.accept(number)));
  }

  private static void handle(String name, Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object proxy =
          Proxy.newProxyInstance(
              EndSignals.class.getClassLoader(),
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
