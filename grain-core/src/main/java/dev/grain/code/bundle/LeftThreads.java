package dev.grain.code.bundle;

import java.util.List;
import java.util.stream.Stream;

/** Threads that the code of a program has started and not ended, such as those of a static pool. */
final class LeftThreads {
  private static final int NAMED = 5;

  private LeftThreads() {}

  /**
   * Returns the names of the live platform threads that have the loader as context class loader.
   */
  static List<String> of(ClassLoader loader) {
    return all()
        .filter(each -> each.isAlive() && each.getContextClassLoader() == loader)
        // Grain's own keep what their last job had
        .filter(each -> each.getClass().getClassLoader() != LeftThreads.class.getClassLoader())
        .map(Thread::getName)
        .sorted()
        .toList();
  }

  private static Stream<Thread> all() {
    ThreadGroup root = Thread.currentThread().getThreadGroup();
    while (root.getParent() != null) {
      root = root.getParent();
    }
    Thread[] threads = new Thread[2 * root.activeCount() + 16];
    return Stream.of(threads).limit(root.enumerate(threads));
  }

  /** Returns the message about them. */
  static String sentence(List<String> names) {
    int more = names.size() - NAMED;
    return "Threads of a program that has left still run here, with all its classes: %s%s. End them in"
            .formatted(
                String.join(", ", names.subList(0, Math.min(NAMED, names.size()))),
                more > 0 ? " and %s more".formatted(more) : "")
        + " the job that starts them, for example by try-with-resources around an executor.";
  }
}
