package dev.grain.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A child JVM with the class path of this one, which receives commands as lines and answers with
 * lines. It ends when it is closed, and when this JVM ends: its own main reads its input to the end
 * and then ends, and for those that do not there is {@link Tether}.
 */
final class Jvm implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final String name;
  private final Process process;
  private final Path errors;
  private final PrintStream input;
  private final BufferedReader output;

  private Jvm(String name, Process process, Path errors) {
    this.name = name;
    this.process = process;
    this.errors = errors;
    this.input = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    this.output = process.inputReader(StandardCharsets.UTF_8);
  }

  /**
   * Starts one.
   *
   * @param name what it is called if something goes wrong
   * @param flags of the JVM, after its class path
   */
  static Jvm start(String name, List<String> flags, Class<?> main, String... arguments)
      throws IOException {
    return start(name, flags, main.getName(), List.of(arguments));
  }

  /** Starts one whose main class is not visible here; see {@link #start}. */
  static Jvm start(String name, List<String> flags, String main, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(flags);
    command.add(main);
    command.addAll(arguments);
    Path errors = Leftovers.watch(Files.createTempFile("grain-bench", ".log"));
    Process process =
        Leftovers.watch(new ProcessBuilder(command).redirectError(errors.toFile()).start());
    return new Jvm(name, process, errors);
  }

  /** Sends it a line. */
  void tell(String line) {
    input.println(line);
  }

  /**
   * Returns what follows that word in the next line that starts with it, and leaves out the lines
   * before.
   *
   * @throws IllegalStateException if it ends before; with the end of what it has logged
   */
  String await(String word) throws IOException {
    String line = output.readLine();
    while (line != null) {
      if (line.equals(word)) {
        return "";
      }
      if (line.startsWith(word + " ")) {
        return line.substring(word.length() + 1);
      }
      line = output.readLine();
    }
    throw new IllegalStateException(
        "%s ended before it printed a line with '%s'; its log ends with:%n%s"
            .formatted(name, word, endOfLog()));
  }

  /** Sends it a line and returns its answer; see {@link #await}. */
  String ask(String line, String word) throws IOException {
    tell(line);
    return await(word);
  }

  /** Returns the time that it has computed so far, with all of its threads; in steps of 10 ms. */
  Duration cpu() {
    return process.info().totalCpuDuration().orElseThrow();
  }

  Process process() {
    return process;
  }

  private String endOfLog() throws IOException {
    List<String> lines = Files.readAllLines(errors);
    return String.join(
        System.lineSeparator(), lines.subList(Math.max(0, lines.size() - 30), lines.size()));
  }

  /** Ends its input, and kills it if that does not end it. Returns when it has ended. */
  @Override
  public void close() {
    input.close();
    try {
      if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    Leftovers.forget(process);
    Leftovers.delete(errors);
  }
}
