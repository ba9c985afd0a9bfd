package dev.grain.environment;

import dev.grain.node.prepare.PreparationException;
import dev.grain.node.process.Tool;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What environments are made with.
 *
 * @param variables the environment variables of this process
 * @param home the folder of its user
 */
record Machine(Map<String, String> variables, Path home) {
  /** How long a tool may take to tell its version. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  static Machine ofThisProcess() {
    return new Machine(Map.copyOf(System.getenv()), Path.of(System.getProperty("user.home")));
  }

  /** Returns the path of a program on the PATH, or with an absolute path; null if there is none. */
  @Nullable Path find(String program) {
    try {
      if (Path.of(program).isAbsolute()) {
        Path path = Path.of(program);
        return isProgram(path) ? path : null;
      }
      for (String folder : path().split(File.pathSeparator, -1)) {
        Path path = Path.of(folder).resolve(program).toAbsolutePath();
        if (!folder.isEmpty() && isProgram(path)) {
          return path;
        }
      }
    } catch (InvalidPathException e) {
      // so there is none
    }
    return null;
  }

  private static boolean isProgram(Path path) {
    return Files.isExecutable(path) && !Files.isDirectory(path);
  }

  String path() {
    return variables.getOrDefault("PATH", "");
  }

  /**
   * Asks a tool for something, and returns what it has printed.
   *
   * @param removed variables that the tool does not get
   */
  String ask(List<String> words, String... removed)
      throws PreparationException, InterruptedException {
    Map<String, String> environment = new HashMap<>(variables);
    environment.keySet().removeAll(List.of(removed));
    String command = String.join(" ", words);
    try {
      Tool.End end = Tool.run(words, environment, home.getRoot(), PATIENCE);
      if (end.exitCode() == 0 && !end.timedOut()) {
        return end.output();
      }
      throw PreparationException.here(
          "\"%s\" %s on this worker%s"
              .formatted(
                  command,
                  end.timedOut() ? "did not end" : "exited with code " + end.exitCode(),
                  Build.tail(end.output())));
    } catch (IOException e) {
      throw PreparationException.here(
          "\"%s\" could not be run on this worker (%s).".formatted(command, e.getMessage()));
    }
  }
}
