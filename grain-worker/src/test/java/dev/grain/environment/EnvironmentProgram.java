package dev.grain.environment;

import dev.grain.message.EnvironmentKind;
import dev.grain.node.prepare.Progress;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Another process that makes an environment by a script, and uses it until its input ends. */
final class EnvironmentProgram {
  private static final String STARTED = "started";

  private EnvironmentProgram() {}

  /** Prints that it has started, and then the path of the environment. */
  @SuppressWarnings("SystemOut")
  public static void main(String[] arguments) throws Exception {
    System.out.println(STARTED);
    try (PreparedEnvironment prepared =
        new Fixture(Path.of(arguments[0]))
            .environments()
            .prepare(
                Fixture.travelling(EnvironmentKind.SCRIPT, "setup.sh", arguments[1]),
                null,
                Progress.NONE)) {
      System.out.println(prepared.path());
      int _ = System.in.read();
    }
  }

  static Process start(Path folder, String script) throws IOException {
    return new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                EnvironmentProgram.class.getName(),
                folder.toString(),
                script))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  static void awaitStarted(Process process) throws IOException {
    String line = process.inputReader().readLine();
    if (!STARTED.equals(line)) {
      throw new IOException("It has printed " + line);
    }
  }

  static String awaitPath(Process process) throws IOException {
    BufferedReader reader = process.inputReader();
    return String.valueOf(reader.readLine());
  }
}
