package dev.grain.terminal;

import java.io.Console;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What is known of the terminal that the error stream of this process goes to.
 *
 * @param columns how many characters fit into a line
 * @param colors whether it is to show colours
 * @param unicode whether it shows more than ASCII
 */
public record Terminal(int columns, boolean colors, boolean unicode) {
  /** The width if it is unknown: querying the terminal takes native code or a process. */
  private static final int USUAL_COLUMNS = 80;

  private static final int MIN_COLUMNS = 20;
  private static final int MAX_COLUMNS = 1000;
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,4}");
  private static final Pattern DEVICE = Pattern.compile("/dev/(pts/[0-9]+|tty.*|console)");

  public static final int OUT = 1;
  static final int ERROR = 2;

  /** Returns the terminal; empty if there is none, or none that can take back what it shows. */
  static Optional<Terminal> detect() {
    return isTerminal(ERROR) ? of(System.getenv(), errorCharset()) : Optional.empty();
  }

  /** Returns the terminal as the environment describes it. */
  static Optional<Terminal> of(Map<String, String> environment, Charset charset) {
    String type = environment.getOrDefault("TERM", "");
    boolean watched = !isSet(environment, "CI");
    if (type.isEmpty() || type.equals("dumb") || !watched) {
      return Optional.empty();
    }
    return Optional.of(
        new Terminal(
            columns(environment.getOrDefault("COLUMNS", "")),
            !isSet(environment, "NO_COLOR"),
            charset.equals(StandardCharsets.UTF_8)));
  }

  private static boolean isSet(Map<String, String> environment, String name) {
    String value = environment.getOrDefault(name, "");
    return !value.isEmpty() && !value.equals("false");
  }

  private static int columns(String text) {
    int columns = NUMBER.matcher(text).matches() ? Integer.parseInt(text) : 0;
    return columns == 0 ? USUAL_COLUMNS : Math.clamp(columns, MIN_COLUMNS, MAX_COLUMNS);
  }

  @SuppressWarnings("SystemConsoleNull") // JDK 25 is back to returning null
  private static boolean isConsole() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  /** Says whether one of the standard streams of this process goes to a terminal. */
  public static boolean isTerminal(int descriptor) {
    try {
      Path target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor));
      return DEVICE.matcher(target.toString()).matches();
    } catch (IOException | UnsupportedOperationException e) {
      // no such folder on this system: the JDK knows of input and output together
      return isConsole();
    }
  }

  static Charset errorCharset() {
    String name = System.getProperty("stderr.encoding", "");
    return !name.isEmpty() && Charset.isSupported(name)
        ? Charset.forName(name)
        : Charset.defaultCharset();
  }
}
