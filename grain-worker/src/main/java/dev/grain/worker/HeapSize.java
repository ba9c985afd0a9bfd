package dev.grain.worker;

import dev.grain.resource.internal.Amounts;
import dev.grain.resource.internal.Detection;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How much heap a worker needs for the memory that it offers to jobs: a tenth more than that,
 * unless {@code --heap} is given.
 *
 * <p>Its {@link #main} is what the launcher runs to size the heap before the JVM of the worker
 * starts. Without a configuration file it uses the JDK and the detection only, so that it takes a
 * tenth of a second.
 */
final class HeapSize {
  /** The least memory that a worker offers, in bytes. */
  static final long LEAST_OFFER = 8L << 20;

  /** A worker needs as much for itself, if only to report that it offers too little. */
  private static final long LEAST = 32L << 20;

  private HeapSize() {}

  /**
   * Prints the JVM's flag for the heap, or an empty line if the memory of this machine is not
   * known; then {@code --respawn} if a configuration file has it, as that is done by the launcher.
   *
   * @param arguments the command line of the worker. Its mistakes are reported by the worker
   */
  static void main(String[] arguments) {
    Map<String, String> file = inFile(arguments);
    long heap = of(arguments, file, Detection.memoryLimit());
    System.out.println(heap > 0 ? "-Xmx" + (heap >> 10) + "k" : "");
    if ("true".equals(file.get("respawn"))) {
      System.out.println("--respawn");
    }
  }

  /**
   * Returns the bytes of heap for a command line, 0 if that is unknown.
   *
   * @param limit the bytes that the process may use, 0 if not known
   */
  static long of(String[] arguments, long limit) {
    return of(arguments, inFile(arguments), limit);
  }

  private static long of(String[] arguments, Map<String, String> file, long limit) {
    long own = declared("heap", arguments, file);
    if (own > 0) {
      return Math.max(own, LEAST);
    }
    long declared = declared("memory", arguments, file);
    return forOffer(declared > 0 ? declared : offeredOf(limit), limit);
  }

  private static long declared(String flag, String[] arguments, Map<String, String> file) {
    String onLine = onLine(flag, arguments);
    String size = onLine == null ? file.get(flag) : onLine;
    return size == null ? 0 : bytes(size);
  }

  private static @Nullable String onLine(String flag, String[] arguments) {
    for (int i = 0; i < arguments.length; i++) {
      String argument = arguments[i];
      if (argument.startsWith("--" + flag + "=")) {
        return argument.substring(flag.length() + 3);
      }
      if (argument.equals("--" + flag) && i + 1 < arguments.length) {
        return arguments[i + 1];
      }
    }
    return null;
  }

  /** Returns the first value of each key of the configuration file; none if there is no file. */
  private static Map<String, String> inFile(String[] arguments) {
    String file = onLine("config", arguments);
    Map<String, String> values = new HashMap<>();
    try {
      if (file != null) {
        ConfigFile.read(Path.of(file))
            .forEach(setting -> values.put(setting.key(), setting.values().getFirst()));
      }
    } catch (ConfigFile.Unreadable | InvalidPathException wrong) {
      return Map.of();
    }
    return values;
  }

  private static long bytes(String size) {
    try {
      return Amounts.ofMemory(size);
    } catch (IllegalArgumentException wrong) {
      return 0;
    }
  }

  /**
   * Returns the heap for that much offered memory. Where the limit is known, a tenth of it is left
   * for what is not heap: threads, classes, buffers. Returns 0 if nothing is known.
   */
  private static long forOffer(long offered, long limit) {
    long heap = offered + offered / 10;
    if (limit > 0) {
      heap = Math.min(heap, limit / 10 * 9);
    }
    return heap > 0 ? Math.max(heap, LEAST) : heap;
  }

  /** Returns what is offered by itself of the memory that the process may use: 80 % of it. */
  static long offeredOf(long limit) {
    return limit / 10 * 8;
  }

  /** Returns the most that is offered by itself with that heap. */
  static long offeredWith(long heap) {
    return heap / 11 * 10;
  }
}
