package dev.grain.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A process of the launcher or of a tool; closing it ends what is left of it. */
final class Launcher implements AutoCloseable {
  private final Process process;
  private final BufferedReader out;
  private final Path errors;

  private Launcher(Process process, Path errors) {
    this.process = process;
    this.out = process.inputReader();
    this.errors = errors;
  }

  /** Skips the test, visibly, where a tool of the launcher or of the test is missing. */
  static void assumeTools(String... tools) {
    for (String tool : tools) {
      assumeTrue(
          Stream.of("/bin", "/usr/bin", "/usr/local/bin")
              .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool))),
          tool + " is not installed");
    }
  }

  /**
   * Skips the test, visibly, where this process was started to ignore SIGHUP or SIGINT, as by
   * {@code nohup}: then its children ignore it as well.
   */
  static void assumeHeard(String signal) throws IOException {
    long bit = signal.equals("HUP") ? 1 : signal.equals("INT") ? 2 : 0;
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("SigIgn:")) {
        long ignored = Long.parseUnsignedLong(line.substring(7).strip(), 16);
        assumeTrue((ignored & bit) == 0, "SIG" + signal + " is ignored here");
      }
    }
  }

  /**
   * Starts a command.
   *
   * @param scratch an existing folder, for what it prints as errors
   * @param environment in addition to that of the test
   */
  static Launcher start(Path scratch, Map<String, String> environment, List<String> command)
      throws IOException {
    Path errors = Files.createTempFile(scratch, "errors", ".txt");
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
    List.of("GRAIN_JAVA_OPTS", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS")
        .forEach(builder.environment()::remove);
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    return new Launcher(process, errors);
  }

  Process process() {
    return process;
  }

  /** Waits for the next line that it prints; null at the end. */
  @Nullable String line() throws IOException {
    return out.readLine();
  }

  /** Returns the further lines that it prints until it ends. */
  List<String> lines() throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line = line(); line != null; line = line()) {
      lines.add(line);
    }
    return lines;
  }

  /** Sends it a signal, such as {@code TERM}. */
  void signal(String name) throws IOException, InterruptedException {
    String command = "kill -" + name + " " + process.pid();
    assertThat(new ProcessBuilder("bash", "-c", command).start().waitFor()).isZero();
  }

  /** Waits for its end. */
  int exitCode() throws InterruptedException {
    return process.waitFor();
  }

  /** Returns what it has printed as errors. */
  String errors() throws IOException {
    return Files.readString(errors, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    all.add(process.toHandle());
    all.forEach(ProcessHandle::destroyForcibly);
    all.forEach(each -> each.onExit().join());
  }
}
