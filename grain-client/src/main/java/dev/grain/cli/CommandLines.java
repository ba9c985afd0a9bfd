package dev.grain.cli;

import dev.grain.minion.QueueException;
import dev.grain.text.Spelling;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** How command lines are read, and what is said about those that are wrong. */
public final class CommandLines {
  /** The exit code of a command line that is wrong. */
  public static final int USAGE = 2;

  /** That of a command that has failed. */
  public static final int FAILED = 1;

  private static final int WIDTH = 100;

  private CommandLines() {}

  /** Returns the command line of a command, with these streams. */
  public static CommandLine of(Object command, PrintStream out, PrintStream err) {
    return of(command, out, err, _ -> null);
  }

  /**
   * Returns the command line of a command, with these streams.
   *
   * @param advice returns what to use in place of an option that is not known; null if there is
   *     nothing to say
   */
  public static CommandLine of(
      Object command, PrintStream out, PrintStream err, Function<String, @Nullable String> advice) {
    // a command's own @names and quotes are the command's
    return new CommandLine(command)
        .setExpandAtFiles(false)
        .setUsageHelpWidth(WIDTH)
        .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
        .setParameterExceptionHandler((mistake, _) -> onMistake(mistake, advice))
        .setExecutionExceptionHandler((e, line, _) -> onFailure(e, line));
  }

  private static int onMistake(
      ParameterException mistake, Function<String, @Nullable String> advice) {
    CommandLine line = mistake.getCommandLine();
    String name = line.getCommandSpec().qualifiedName();
    line.getErr().println(name + ": " + words(mistake, line, advice));
    line.getErr().println("'" + name + " --help' prints examples and lists the options.");
    return USAGE;
  }

  private static int onFailure(Exception e, CommandLine line) throws Exception {
    String name = line.getCommandSpec().qualifiedName();
    return switch (e) {
      case Mistake _, IllegalArgumentException _, UnsupportedOperationException _ -> {
        line.getErr().println(name + ": " + e.getMessage());
        yield USAGE;
      }
      case QueueException _, IllegalStateException _ -> {
        line.getErr().println(name + ": " + e.getMessage());
        yield FAILED;
      }
      default -> throw e;
    };
  }

  /** Returns what is wrong, and what to use instead if that is known. */
  private static String words(
      ParameterException mistake, CommandLine line, Function<String, @Nullable String> advice) {
    if (!(mistake instanceof UnmatchedArgumentException unknown)) {
      return String.valueOf(mistake.getMessage());
    }
    String written = unknown.getUnmatched().getFirst();
    if (unknown.isUnknownOption()) {
      String advised = advice.apply(written);
      return "Unknown option: '%s'%s"
          .formatted(
              written,
              advised == null
                  ? instead(written, line.getCommandSpec().optionsMap().keySet(), true)
                  : "; " + advised);
    }
    return line.getSubcommands().isEmpty()
        ? "there is an argument too many, '%s'".formatted(written)
        : "there is no command '%s'%s"
            .formatted(written, instead(written, line.getSubcommands().keySet(), false));
  }

  private static String instead(String written, Set<String> known, boolean option) {
    String near =
        option ? Spelling.nearestOption(written, known) : Spelling.nearest(written, known);
    return near != null ? "; did you mean " + near + "?" : option ? "" : "; " + commands(known);
  }

  /** Returns which subcommands there are, as the end of a sentence. */
  public static String commands(CommandLine line) {
    return commands(line.getSubcommands().keySet());
  }

  private static String commands(Set<String> known) {
    return "use one of " + String.join(", ", known);
  }
}
