package dev.grain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A user's program in a process of its own: plain javac and java, class path, no flag. */
final class PlainProgramTest {
  private static final Path JDK = Path.of(System.getProperty("java.home"), "bin");

  private static final String PROGRAM =
      """
      import static dev.grain.resource.Resources.cpu;
      import dev.grain.*;
      import java.util.List;

      public class Main {
        record Molecule(String name, int atoms) {}

        static double energy(Molecule molecule) { return molecule.atoms() * 1.5; }

        public static void main(String[] arguments) {
          List<Double> energies = Grain.runCombine(() -> {
            var wg = Grain.openWaitGroup();
            try (wg) {
              for (int atoms = 1; atoms <= 3; atoms++) {
                wg.submit(cpu(1), Main::energy, new Molecule("m" + atoms, atoms));
              }
              wg.start(() -> 42.0);
            }
            return wg.results(Double.class);
          });
          System.out.println(energies);
        }
      }
      """;

  private static final String BLOCKED =
      """
      import static dev.grain.resource.Resources.cpu;
      import dev.grain.*;

      public class Main {
        static void block() throws InterruptedException {
          System.err.println("started");
          Thread.currentThread().join();
        }

        public static void main(String[] arguments) {
          Grain.runCombine(() -> {
            try (var wg = Grain.openWaitGroup()) {
              wg.submit(cpu(1), Main::block);
              wg.submit(cpu(1), Main::block);
              wg.submit(cpu(1), Main::block);
            }
          }, RunOptions.defaults().local(cpu(2)));
        }
      }
      """;

  private static final String FORGETFUL =
      """
      import static dev.grain.resource.Resources.cpu;
      import dev.grain.*;

      public class Main {
        public static void main(String[] arguments) {
          GrainExecutor grain = GrainExecutor.open();
          grain.submit(cpu(1), () -> Thread.currentThread().join());
        }
      }
      """;
  private static final String IGNORING =
      "Grain: ended while these jobs were still running, as they ignore the interrupt: ";

  @TempDir private Path folder;

  private record Ended(int code, String out, String error) {}

  /** Flags of a JVM for languages with other digits, and with another lower case of I. */
  private static Stream<String> languages() {
    return Stream.of(
        "-Duser.language=en",
        "-Duser.language=tr",
        "-Duser.language=ar -Duser.country=EG -Duser.extensions=nu-arab");
  }

  private Process start(String... command) throws IOException {
    List<String> line = new ArrayList<>(List.of(command));
    line.set(0, JDK.resolve(command[0]).toString());
    ProcessBuilder builder =
        new ProcessBuilder(line)
            .directory(folder.toFile())
            .redirectOutput(folder.resolve("out").toFile())
            .redirectError(folder.resolve("err").toFile());
    builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
    return builder.start();
  }

  private Ended end(Process process) throws IOException, InterruptedException {
    try {
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Ended(
        process.exitValue(),
        Files.readString(folder.resolve("out"), StandardCharsets.UTF_8).strip(),
        Files.readString(folder.resolve("err"), StandardCharsets.UTF_8).strip());
  }

  /** The class path of this test, which holds in any folder. */
  private static String classPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  @Test
  void program_compiledAndRunWithoutFlags_printsOnlyItsOwn() throws Exception {
    Files.writeString(folder.resolve("Main.java"), PROGRAM);
    assertThat(end(start("javac", "-cp", classPath(), "Main.java")))
        .isEqualTo(new Ended(0, "", ""));

    Ended ended = end(start("java", "-cp", classPath() + File.pathSeparator + ".", "Main"));

    assertThat(ended).isEqualTo(new Ended(0, "[1.5, 3.0, 4.5, 42.0]", ""));
  }

  @Test
  void program_runFromItsSource_printsOnlyItsOwn() throws Exception {
    Files.writeString(folder.resolve("Main.java"), PROGRAM);

    Ended ended = end(start("java", "-cp", classPath(), "Main.java"));

    assertThat(ended).isEqualTo(new Ended(0, "[1.5, 3.0, 4.5, 42.0]", ""));
  }

  @Test
  void program_withLogbackAndNoConfiguration_printsNoDebuggingOfNetty() throws Exception {
    Files.writeString(folder.resolve("Main.java"), PROGRAM);

    Ended ended = end(start("java", "-cp", classPathWithLogback(), "Main.java"));

    assertThat(ended).isEqualTo(new Ended(0, "[1.5, 3.0, 4.5, 42.0]", ""));
  }

  /** In place of the SLF4J provider of the tests, which logs nothing. */
  private static String classPathWithLogback() {
    return Stream.of(classPath(), System.getProperty("grain.test.logback"))
        .flatMap(path -> Stream.of(path.split(File.pathSeparator)))
        .filter(entry -> !entry.contains("slf4j-nop"))
        .collect(Collectors.joining(File.pathSeparator));
  }

  /**
   * Runs the program, and sends it an interrupt signal once two of its jobs have printed a line.
   */
  private Ended interrupted(String program, String flags) throws Exception {
    Files.writeString(folder.resolve("Main.java"), program);
    Files.writeString(folder.resolve("flags"), flags);
    Process process = start("java", "@flags", "-cp", classPath(), "Main.java");
    try {
      Path error = folder.resolve("err");
      while (process.isAlive() && Files.readString(error).lines().count() < 2) {
        Thread.onSpinWait();
      }
      new ProcessBuilder("kill", "-INT", String.valueOf(process.pid()))
          .inheritIO()
          .start()
          .waitFor();
    } catch (Throwable e) {
      process.destroyForcibly();
      throw e;
    }
    return end(process);
  }

  @ParameterizedTest
  @MethodSource("languages")
  void interruptSignal_cancelsSaysWhatWasUnfinishedAndEnds(String language) throws Exception {
    Ended ended = interrupted(BLOCKED, language);

    assertThat(ended.code()).isEqualTo(130);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.error())
        .contains("Grain: ended with 3 jobs unfinished: 2 running, 1 waiting.")
        .doesNotContain("ignore the interrupt");
  }

  /** The jobs are given up after the cancel grace if that is short, and not before it otherwise. */
  @ParameterizedTest
  @ValueSource(strings = {".cancelGrace(java.time.Duration.ofMillis(50))", ""})
  void interruptSignal_whereAJobIgnoresIt_namesTheJobAndEnds(String grace) throws Exception {
    Ended ended =
        interrupted(
            BLOCKED
                .replace("Thread.currentThread().join();", "while (true) Thread.onSpinWait();")
                .replace("wg.submit(cpu(1)", "wg.submit(JobOptions.of(cpu(1)).named(\"stubborn\")")
                .replace("local(cpu(2))", "local(cpu(2))" + grace),
            "");

    assertThat(ended.code()).isEqualTo(130);
    assertThat(ended.error())
        .contains("Grain: ended with 3 jobs unfinished: 2 running, 1 waiting.")
        .contains(IGNORING);
    // in the order in which they are found, which is any
    String named = ended.error().substring(ended.error().indexOf(IGNORING) + IGNORING.length());
    assertThat(named.split(", ")).containsExactlyInAnyOrder("job 1 (stubborn)", "job 2 (stubborn)");
  }

  private Ended run(String program) throws Exception {
    Files.writeString(folder.resolve("Main.java"), program);
    return end(start("java", "-cp", classPath(), "Main.java"));
  }

  @Test
  void endOfTheMain_withAnExecutorThatIsNotClosed_saysWhatWasUnfinished() throws Exception {
    Ended ended = run(FORGETFUL);

    assertThat(ended.code()).isZero();
    assertThat(ended.error())
        .startsWith("Grain: ended with 1 job unfinished: ")
        .endsWith(" waiting; close the GrainExecutor, which waits for its jobs.");
  }

  @Test
  void endOfTheMain_withAnExecutorThatIsNotClosed_saysNothingIfAllResultsWereDelivered()
      throws Exception {
    Ended ended =
        run(FORGETFUL.replace("Thread.currentThread().join()", "7").replace("7);", "7).result();"));

    assertThat(ended).isEqualTo(new Ended(0, "", ""));
  }

  @Test
  void lambda_typedIntoJshell_runsAsAJob() throws Exception {
    Files.writeString(
        folder.resolve("session.jsh"),
        """
        import dev.grain.*
        import static dev.grain.resource.Resources.cpu
        record Point(int x, int y) {}
        int twice(int n) { return 2 * n; }
        int base = 40
        int sum = Grain.runCombine(() -> { int mine = base; return Grain.exec(cpu(1), n -> n + mine, 2); })
        Point turned = Grain.runCombine(() -> Grain.exec(cpu(1), p -> new Point(p.y(), twice(p.x())), new Point(1, 2)))
        System.out.println(sum + " " + turned)
        /exit
        """);
    Ended ended =
        end(
            start(
                "jshell",
                "-J-Djava.util.prefs.userRoot=" + folder,
                "--class-path",
                classPath(),
                "-s",
                "session.jsh"));

    assertThat(ended.code()).isZero();
    assertThat(ended.out()).isEqualTo("42 Point[x=2, y=2]");
    assertThat(ended.error().lines().filter(line -> !line.contains("java.util.prefs")))
        .allMatch(line -> line.contains("user preferences"));
  }
}
