package dev.grain.node.process;

import dev.grain.concurrent.Uninterruptibly;
import dev.grain.folder.Folders;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs programs that prepare something for jobs, such as installers, for threads that may wait.
 *
 * <p>Nothing of a program outlives its call: when that returns or throws, all processes that the
 * program has started are killed, and its temporary files are removed. The same happens when this
 * process is killed, on systems that show their processes.
 */
public final class Tool {
  private static final int TAIL = 16 * 1024;
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(2);

  private Tool() {}

  /**
   * How a program has ended.
   *
   * @param exitCode 128 and its number for a signal; that of a signal if the time was over
   * @param output the end of what it has printed to both streams
   * @param timedOut whether it was killed as its time was over
   */
  public record End(int exitCode, String output, boolean timedOut) {}

  /**
   * Runs a program to its end. It has no input, and a folder of its own for temporary files.
   *
   * @param words the program, by an absolute path, and its arguments
   * @param environment all variables
   * @param folder where it runs
   * @param limit after which it is killed
   * @throws IOException if it could not be started
   * @throws InterruptedException if the calling thread was interrupted; the program was killed
   */
  public static End run(
      List<String> words, Map<String, String> environment, Path folder, Duration limit)
      throws IOException, InterruptedException {
    Mark mark = Mark.unique();
    Path temporary = Files.createTempDirectory(temporary(environment), "grain-tool-");
    Watchdog watchdog = null;
    try {
      watchdog =
          ProcessTable.isAvailable()
              ? Watchdog.start(mark.name() + "=" + mark.value(), temporary, List.of())
              : null;
      ProcessBuilder builder =
          new ProcessBuilder(Session.command(words))
              .directory(folder.toFile())
              .redirectErrorStream(true);
      builder.environment().clear();
      builder.environment().putAll(environment);
      builder.environment().put(mark.name(), mark.value());
      builder.environment().put("TMPDIR", temporary.toString());
      return end(builder.start(), mark, limit);
    } finally {
      if (watchdog != null) {
        watchdog.close(true);
      }
      Folders.deleteQuietly(temporary);
    }
  }

  private static Path temporary(Map<String, String> environment) {
    String wanted = environment.getOrDefault("TMPDIR", "");
    return !wanted.isEmpty() && Files.isDirectory(Path.of(wanted))
        ? Path.of(wanted).toAbsolutePath()
        : Path.of(System.getProperty("java.io.tmpdir")).toAbsolutePath();
  }

  private static End end(Process process, Mark mark, Duration limit)
      throws IOException, InterruptedException {
    Output output = new Output(process.getInputStream());
    boolean ended = false;
    try {
      process.getOutputStream().close();
      output.thread.start();
      ended = process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS);
    } finally {
      if (!ended) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
      mark.killAll();
    }
    int code = process.waitFor();
    // only a process that hides from this one can still have it open
    Uninterruptibly.await(
        PATIENCE, left -> output.thread.join(Duration.ofNanos(Math.max(1, left))));
    return new End(code, output.end(), !ended);
  }

  /** Keeps the end of what a program prints. */
  private static final class Output {
    private final InputStream in;
    private final Thread thread;
    // both guarded by this
    private final byte[] tail = new byte[TAIL];
    private long length;

    Output(InputStream in) {
      this.in = in;
      this.thread = Thread.ofPlatform().daemon().name("grain-tool-output").unstarted(this::read);
    }

    private void read() {
      byte[] buffer = new byte[TAIL];
      try {
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
          add(buffer, count);
        }
      } catch (IOException e) {
        // it was killed
      }
    }

    private synchronized void add(byte[] buffer, int count) {
      for (int index = 0; index < count; index++) {
        tail[(int) (length++ % TAIL)] = buffer[index];
      }
    }

    synchronized String end() {
      if (length <= TAIL) {
        return new String(tail, 0, (int) length, StandardCharsets.UTF_8);
      }
      int start = (int) (length % TAIL);
      byte[] end = Arrays.copyOfRange(tail, start, start + TAIL);
      System.arraycopy(tail, 0, end, TAIL - start, start);
      return new String(end, StandardCharsets.UTF_8);
    }
  }
}
