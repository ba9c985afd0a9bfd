package dev.grain.service;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Starts a head in a process that outlives this one and its terminal. */
final class Background {
  private static final Path NEW_SESSION = Path.of("/usr/bin/setsid");

  private Background() {}

  /**
   * Starts it, and waits until it is ready.
   *
   * @param log the file at whose end it logs
   * @param config the file with its settings; null for the usual one
   * @return the line by which it says that it is ready; null if it has ended
   */
  static @Nullable String start(Path log, @Nullable Path config) throws IOException {
    List<String> command = new ArrayList<>();
    if (Files.isExecutable(NEW_SESSION)) {
      // what the terminal sends is not for it
      command.add(NEW_SESSION.toString());
    }
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path", "")));
    command.addAll(List.of(HeadTool.class.getName(), "start"));
    if (config != null) {
      command.addAll(List.of("--config", config.toAbsolutePath().toString()));
    }
    Process process =
        new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    process.getOutputStream().close();
    try (BufferedReader out = process.inputReader()) {
      return out.readLine();
    }
  }
}
