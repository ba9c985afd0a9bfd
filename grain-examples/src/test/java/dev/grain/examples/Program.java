package dev.grain.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs the main of a class as a user does: in a JVM of its own, without any option.
 *
 * @param status what the JVM ended with
 * @param out the lines on its output
 * @param error the lines on its error stream
 */
record Program(int status, List<String> out, List<String> error) {
  /** Runs a program that must end well and print nothing on the error stream. */
  static List<String> run(Class<?> main, String... arguments) {
    return run(main, Map.of(), arguments);
  }

  /** Runs such a program with these environment variables. */
  static List<String> run(Class<?> main, Map<String, String> variables, String... arguments) {
    Program program = start(main, variables, arguments);
    assertThat(program.error()).isEmpty();
    assertThat(program.status()).isZero();
    return program.out();
  }

  /** Runs a program. */
  static Program start(Class<?> main, String... arguments) {
    return start(main, Map.of(), arguments);
  }

  /** Runs a program with these environment variables. */
  static Program start(Class<?> main, Map<String, String> variables, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    try {
      Path out = Files.createTempFile("grain-example", ".out");
      Path error = Files.createTempFile("grain-example", ".error");
      try {
        ProcessBuilder builder = new ProcessBuilder(command);
        // The JVM itself would print to standard error that it reads this.
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        builder.environment().putAll(variables);
        Process process =
            builder.redirectOutput(out.toFile()).redirectError(error.toFile()).start();
        try {
          boolean ended = process.waitFor(4, TimeUnit.MINUTES);
          assertThat(ended).as("%s ended", main.getName()).isTrue();
        } finally {
          process.destroyForcibly();
        }
        return new Program(process.exitValue(), Files.readAllLines(out), Files.readAllLines(error));
      } finally {
        Files.delete(out);
        Files.delete(error);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
