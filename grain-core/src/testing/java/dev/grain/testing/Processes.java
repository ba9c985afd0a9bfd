package dev.grain.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/**
 * What tests see of processes that are not their own children, by {@code /proc} and by what these
 * write to files. Waiting ends when the thread is interrupted, as it is when the time of a test
 * class is over.
 */
public final class Processes {
  private static final long PAUSE_NANOS = 1_000_000;

  private Processes() {}

  /** Something to wait for. */
  @FunctionalInterface
  private interface Condition {
    boolean holds() throws IOException;
  }

  /** Returns whether a process runs; one that nobody has waited for does not. */
  public static boolean isAlive(String pid) {
    try {
      // the name before may have any bytes in it, even parentheses
      String line = Files.readString(Path.of("/proc", pid, "stat"), StandardCharsets.ISO_8859_1);
      char state = line.charAt(line.lastIndexOf(')') + 2);
      return state != 'Z' && state != 'X';
    } catch (IOException gone) {
      // before it was opened or while it was read, which are different errors
      return false;
    }
  }

  /** Waits until a process does not run any more. */
  public static void awaitEnd(String pid) throws IOException, InterruptedException {
    await(() -> !isAlive(pid));
  }

  /** Waits until a file has a whole line, and returns it. */
  public static String awaitLine(Path file) throws IOException, InterruptedException {
    await(() -> Files.exists(file) && Files.readString(file).endsWith("\n"));
    return Files.readString(file).strip();
  }

  /** Waits until there is no file or folder of that name any more. */
  public static void awaitGone(Path file) throws IOException, InterruptedException {
    await(() -> Files.notExists(file));
  }

  private static void await(Condition condition) throws IOException, InterruptedException {
    while (!condition.holds()) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }
}
