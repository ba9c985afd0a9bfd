package dev.grain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A user's program with a journal in the folder of its classes, started several times. */
final class JournaledProgramTest {
  private static final Path JDK = Path.of(System.getProperty("java.home"), "bin");

  private static final String PROGRAM =
      """
      import static dev.grain.resource.Resources.cpu;
      import dev.grain.*;
      import java.nio.file.Path;
      import java.util.*;

      public class Main {
        enum Colour { RED, GREEN, BLUE }
        record Molecule(String name, Map<Colour, Set<String>> atoms) {}

        static double energy(Molecule molecule) {
          System.out.println("ran " + molecule.name());
          return molecule.name().length() * 1.5;
        }

        public static void main(String[] arguments) {
          double sum = Grain.runCombine(() -> {
            var wg = Grain.openWaitGroup();
            try (wg) {
              for (String name : List.of("a", "bb", "ccc")) {
                var atoms = Map.of(
                    Colour.RED, Set.of(name, "x", "y"), Colour.GREEN, new HashSet<>(Set.of("z")),
                    Colour.BLUE, Set.<String>of());
                wg.submit(cpu(1), Main::energy, new Molecule(name, new HashMap<>(atoms)));
              }
            }
            return wg.results(Double.class).stream().mapToDouble(each -> each).sum();
          }, RunOptions.defaults().journal(Path.of("run.journal")).echo(true));
          System.out.println("sum " + sum);
        }
      }
      """;

  @TempDir private Path folder;

  private List<String> run(String... command) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(Arrays.asList(command));
    line.set(0, JDK.resolve(command[0]).toString());
    ProcessBuilder builder =
        new ProcessBuilder(line).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
    Process process = builder.start();
    try (var out = process.inputReader(StandardCharsets.UTF_8)) {
      List<String> lines = out.lines().sorted().toList();
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue()).as(lines.toString()).isZero();
      return lines.stream().map(text -> text.replaceAll("^\\[.*] ", "")).toList();
    } finally {
      process.destroyForcibly();
    }
  }

  /** The class path of this test, which holds in any folder. */
  private static String classPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  @Test
  void program_startedAgain_runsOnlyWhatHasChanged() throws Exception {
    Path source = folder.resolve("Main.java");
    Files.writeString(source, PROGRAM);
    String classPath = classPath() + File.pathSeparator + ".";
    assertThat(run("javac", "-cp", classPath, "Main.java")).isEmpty();

    assertThat(run("java", "-cp", classPath, "Main"))
        .hasSize(4)
        .filteredOn(line -> line.contains("ran "))
        .hasSize(3);
    assertThat(run("java", "-cp", classPath, "Main")).containsExactly("sum 9.0");
    assertThat(run("java", "-cp", classPath, "Main")).containsExactly("sum 9.0");

    Files.writeString(source, PROGRAM.replace("1.5", "2.5"));
    assertThat(run("javac", "-cp", classPath, "Main.java")).isEmpty();
    assertThat(run("java", "-cp", classPath, "Main")).hasSize(4).contains("sum 15.0");
    assertThat(run("java", "-cp", classPath, "Main")).containsExactly("sum 15.0");
  }

  @Test
  void program_runFromItsSource_isKnownAgain() throws Exception {
    Path source = folder.resolve("Main.java");
    Files.writeString(source, PROGRAM);
    assertThat(run("java", "-cp", classPath(), "Main.java")).hasSize(4).contains("sum 9.0");
    assertThat(run("java", "-cp", classPath(), "Main.java")).containsExactly("sum 9.0");
    Files.writeString(source, PROGRAM.replace("1.5", "2.5"));
    assertThat(run("java", "-cp", classPath(), "Main.java")).hasSize(4).contains("sum 15.0");
  }
}
