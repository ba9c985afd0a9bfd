package dev.grain.worker.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A JVM of a test, which talks by lines; killed when it is closed. Only for the test's thread. */
public final class OtherProcess implements AutoCloseable {
  private final Process process;
  private final Writer input;
  private final BufferedReader output;

  private OtherProcess(Process process) {
    this.process = process;
    this.input = process.outputWriter(StandardCharsets.UTF_8);
    this.output = process.inputReader(StandardCharsets.UTF_8);
  }

  /** Starts the main method of a class, with the class path of the test. */
  public static OtherProcess start(Class<?> main, String... arguments) throws IOException {
    return start(Path.of(System.getProperty("user.home")), main, arguments);
  }

  /** Does the same for a user with another home. */
  public static OtherProcess start(Path home, Class<?> main, String... arguments)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "-Duser.home=" + home,
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("HOME", home.toString());
    builder.environment().remove("XDG_CONFIG_HOME");
    return new OtherProcess(builder.start());
  }

  /** Sends it a line. */
  public void tell(String line) throws IOException {
    input.write(line + "\n");
    input.flush();
  }

  /** Waits for a line that begins so, and returns the rest of it. */
  public String await(String beginning) throws IOException {
    StringBuilder said = new StringBuilder();
    while (true) {
      String line = output.readLine();
      assertThat(line).as("It ended without \"%s\":%n%s", beginning, said).isNotNull();
      if (line.startsWith(beginning)) {
        return line.substring(beginning.length());
      }
      said.append(line).append('\n');
    }
  }

  /** Kills it, without any chance to clean up. */
  public void kill() {
    process.destroyForcibly().onExit().join();
  }

  @Override
  public void close() throws IOException {
    kill();
    input.close();
    output.close();
  }
}
