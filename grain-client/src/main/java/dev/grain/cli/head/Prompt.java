package dev.grain.cli.head;

import dev.grain.cli.Screens;
import java.io.Console;
import org.jspecify.annotations.Nullable;

/** Asks on the terminal of the process. */
final class Prompt implements Surroundings.Asking {
  Prompt() {}

  @SuppressWarnings("SystemConsoleNull") // JDK 25 is back to returning null
  private static @Nullable Console console() {
    return Screens.isInteractive() ? System.console() : null;
  }

  @Override
  public boolean isPossible() {
    return console() != null;
  }

  @Override
  public String line(String question) {
    Console console = console();
    String line = console == null ? null : console.readLine("%s", question);
    return line == null ? "" : line.strip();
  }

  @Override
  public String secret(String question) {
    Console console = console();
    char @Nullable [] secret = console == null ? null : console.readPassword("%s", question);
    return secret == null ? "" : new String(secret).strip();
  }
}
