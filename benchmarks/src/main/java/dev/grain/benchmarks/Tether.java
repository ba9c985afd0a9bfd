package dev.grain.benchmarks;

import java.io.IOException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Arrays;

/**
 * Runs the main of another class in this JVM, and ends the JVM when its input ends: for programs
 * that would outlive the one that started them.
 */
final class Tether {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private Tether() {}

  static void main(String[] arguments) throws Exception {
    endWithInput();
    Method main = Class.forName(arguments[0]).getDeclaredMethod("main", String[].class);
    main.setAccessible(true);
    main.invoke(null, (Object) Arrays.copyOfRange(arguments, 1, arguments.length));
  }

  /** Starts to read the input of this JVM, and ends the JVM when the input has ended. */
  static void endWithInput() {
    Thread.ofPlatform().name("bench-tether").daemon().start(Tether::awaitEnd);
  }

  private static void awaitEnd() {
    try {
      while (System.in.read() >= 0) {
        // nobody sends it anything
      }
    } catch (IOException e) {
      // no more to come
    }
    end();
  }

  /** Ends with shutdown hooks, as profilers write their results by them, but not at any price. */
  private static void end() {
    try {
      Thread.ofPlatform().daemon().start(() -> System.exit(0)).join(PATIENCE);
    } catch (InterruptedException e) {
      // nobody does that
    }
    Runtime.getRuntime().halt(0);
  }
}
