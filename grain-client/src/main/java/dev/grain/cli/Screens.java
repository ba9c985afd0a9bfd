package dev.grain.cli;

import dev.grain.terminal.Terminal;
import java.io.IOException;
import java.util.Map;
import org.jline.terminal.Size;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;

/** What is known of the terminal. */
public final class Screens {
  private static final int IN = 0;

  private Screens() {}

  /** Returns whether somebody reads what is printed. */
  public static boolean isTerminal() {
    return Terminal.isTerminal(Terminal.OUT);
  }

  /** Returns whether somebody reads what is printed, and presses keys. */
  public static boolean isInteractive() {
    return isTerminal() && Terminal.isTerminal(IN);
  }

  /** Returns whether colors are wanted. */
  public static boolean isColored(Map<String, String> variables) {
    return isTerminal()
        && variables.getOrDefault("NO_COLOR", "").isEmpty()
        && !variables.getOrDefault("TERM", "").equals("dumb");
  }

  /** Returns how large the terminal is; null if there is none, or it does not tell. */
  public static @Nullable Size size() {
    if (!isTerminal()) {
      return null;
    }
    try (var terminal = TerminalBuilder.builder().system(true).dumb(true).build()) {
      Size size = terminal.getSize();
      return size.getColumns() > 0 && size.getRows() > 0 ? size : null;
    } catch (IOException e) {
      return null;
    }
  }
}
