package dev.grain.node.isolated;

import dev.grain.node.prepare.PreparationException;
import dev.grain.node.process.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The Javas of this machine that functions ask for. Each is asked once what it is, until its
 * program changes. For all threads.
 */
final class JavaHomes {
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final String ADVICE =
      " Install Java 25 or later there, or pass its home to Isolation.jvm.";

  // those that can run functions, by their program, with its age
  private final Map<Path, FileTime> good = new ConcurrentHashMap<>();

  /**
   * Returns the program that starts JVMs.
   *
   * @param home where the user says that there is a Java
   * @throws PreparationException if there is none that can run functions
   */
  Path program(Path home) throws PreparationException, IOException, InterruptedException {
    Path program = home.resolve("bin").resolve(isWindows() ? "java.exe" : "java");
    if (!Files.isExecutable(program)) {
      throw PreparationException.everywhere(
          "%s is no home of a Java on this machine, as there is no program %s."
                  .formatted(home, program)
              + ADVICE);
    }
    FileTime age = Files.getLastModifiedTime(program);
    if (!age.equals(good.get(program))) {
      ensureUsable(home, program);
      good.put(program, age);
    }
    return program;
  }

  private static boolean isWindows() {
    return System.getProperty("os.name").startsWith("Windows");
  }

  private static void ensureUsable(Path home, Path program)
      throws PreparationException, IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of(program.toString()));
    words.addAll(JavaReport.QUESTION);
    Tool.End end = Tool.run(words, System.getenv(), home, LIMIT);
    if (end.timedOut()) {
      throw PreparationException.everywhere(
          "%s does not say within a minute which Java it is.".formatted(program) + ADVICE);
    }
    String objection = JavaReport.objection(end.output());
    if (objection != null) {
      throw PreparationException.everywhere("%s %s.".formatted(home, objection) + ADVICE);
    }
  }
}
