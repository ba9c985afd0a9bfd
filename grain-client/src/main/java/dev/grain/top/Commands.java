package dev.grain.top;

import dev.grain.cli.CommandLines;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.BiFunction;

/** How the commands of this package are run. */
final class Commands {
  private Commands() {}

  /**
   * Runs a command in the working folder.
   *
   * @param command makes it, of the folder and the environment
   */
  static int run(BiFunction<Path, Map<String, String>, Object> command, String... arguments) {
    Path folder = Path.of("").toAbsolutePath();
    return CommandLines.of(command.apply(folder, System.getenv()), System.out, System.err)
        .execute(arguments);
  }
}
