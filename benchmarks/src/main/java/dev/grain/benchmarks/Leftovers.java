package dev.grain.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The processes and files that must not outlive this JVM: they go when it ends early, such as by
 * Ctrl-C. For all threads.
 */
final class Leftovers {
  private static final Set<Process> PROCESSES = ConcurrentHashMap.newKeySet();
  private static final Set<Path> FILES = ConcurrentHashMap.newKeySet();

  // set by the hook, read by all threads
  private static volatile boolean removed;

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(Leftovers::remove, "bench-leftovers"));
  }

  private Leftovers() {}

  /** Returns whether this JVM is ending, and they go. */
  static boolean areRemoved() {
    return removed;
  }

  static Process watch(Process process) {
    PROCESSES.add(process);
    return process;
  }

  /** Watches a file, or a folder with all that will be in it. */
  static Path watch(Path file) {
    FILES.add(file);
    return file;
  }

  /** Stops to watch a process that has ended. */
  static void forget(Process process) {
    PROCESSES.remove(process);
  }

  /** Deletes a file, or a folder with all that is in it, and stops to watch it. */
  static void delete(Path file) {
    try (Stream<Path> files = Files.walk(file)) {
      for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    } catch (IOException e) {
      // gone already, or the system's cleaning of temporary files has it
    }
    FILES.remove(file);
  }

  /** Files go after those who might still write them. */
  private static void remove() {
    removed = true;
    PROCESSES.forEach(Process::destroyForcibly);
    PROCESSES.forEach(process -> process.onExit().join());
    FILES.forEach(Leftovers::delete);
  }
}
