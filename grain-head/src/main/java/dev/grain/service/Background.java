package dev.grain.service;

import dev.grain.cli.ThisProgram;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Starts a head in a process that outlives this one and its terminal. */
final class Background {
  private Background() {}

  /**
   * Starts it, and waits until it is ready.
   *
   * @param log the file at whose end it logs
   * @param words of its command line
   * @return the line by which it says that it is ready; null if it has ended
   */
  static @Nullable String start(Path log, List<String> words) throws IOException {
    Process process =
        ThisProgram.apart(words.toArray(String[]::new))
            .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    process.getOutputStream().close();
    try (BufferedReader out = process.inputReader()) {
      return out.readLine();
    }
  }
}
