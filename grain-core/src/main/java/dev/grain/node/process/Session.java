package dev.grain.node.process;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Starts programs as the leaders of sessions of their own, where the machine can do that. */
final class Session {
  private static final @Nullable String SETSID =
      Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
          .filter(folder -> !folder.isEmpty())
          .map(folder -> Path.of(folder, "setsid"))
          .filter(Files::isExecutable)
          .map(Path::toString)
          .findFirst()
          .orElse(null);

  private Session() {}

  /** Returns the words that start the program so. */
  static List<String> command(List<String> words) {
    if (SETSID == null) {
      return words;
    }
    List<String> more = new ArrayList<>();
    more.add(SETSID);
    more.addAll(words);
    return more;
  }
}
