package dev.grain.code;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Finds the classes of what is decoded: by one loader, and what that one does not know by the
 * loaders of the functions that were encoded before. A program that a plug-in system has loaded
 * need not be what the thread's context class loader knows. Safe for all threads.
 */
final class ClassFinder {
  private final ClassLoader loader;
  // changed by any thread that encodes; rarely longer than one
  private final List<ClassLoader> others = new CopyOnWriteArrayList<>();

  /**
   * Makes a finder.
   *
   * @param loader is asked first
   */
  ClassFinder(ClassLoader loader) {
    this.loader = loader;
  }

  /** Returns the loader that is asked first. */
  ClassLoader loader() {
    return loader;
  }

  /** From now on asks the loader of that class as well. */
  void ask(Class<?> function) {
    ClassLoader of = function.getClassLoader();
    if (of != null && of != loader && !others.contains(of)) {
      add(of);
    }
  }

  private synchronized void add(ClassLoader other) {
    if (!others.contains(other)) {
      others.add(other);
    }
  }

  /**
   * Finds a class and does not initialize it.
   *
   * @throws ClassNotFoundException of the first loader, if none knows it
   */
  Class<?> find(String name) throws ClassNotFoundException {
    try {
      return Class.forName(name, false, loader);
    } catch (ClassNotFoundException e) {
      for (ClassLoader each : others) {
        try {
          return Class.forName(name, false, each);
        } catch (ClassNotFoundException unknown) {
          e.addSuppressed(unknown);
        }
      }
      throw e;
    }
  }

  /** Returns the loader for a proxy of these interfaces. */
  ClassLoader loaderOf(Class<?>[] interfaces) {
    for (Class<?> each : interfaces) {
      ClassLoader of = each.getClassLoader();
      if (of != null && others.contains(of)) {
        return of;
      }
    }
    return loader;
  }
}
