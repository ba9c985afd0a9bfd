package dev.grain.resource.internal;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Runs a short command and gives what it printed. */
@FunctionalInterface
interface ProbeCommands {
  /**
   * Runs the command and waits for it.
   *
   * @param limit after which it is killed
   * @return what it printed, or null if it could not be started, failed or took too long
   */
  @Nullable String run(List<String> command, Duration limit);

  /** Returns the commands of this machine. */
  static ProbeCommands ofThisMachine() {
    return ProbeCommands::runProcess;
  }

  private static @Nullable String runProcess(List<String> command, Duration limit) {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectError(Redirect.DISCARD).start();
    } catch (IOException e) {
      return null;
    }
    try {
      process.getOutputStream().close();
      return process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS) && process.exitValue() == 0
          ? printed(process.getInputStream())
          : null;
    } catch (IOException e) {
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  /** Reads what is there and no more: a child of the command may keep the pipe open. */
  private static String printed(InputStream output) throws IOException {
    return new String(output.readNBytes(output.available()), StandardCharsets.UTF_8);
  }
}
