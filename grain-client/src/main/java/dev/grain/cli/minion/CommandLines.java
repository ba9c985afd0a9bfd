package dev.grain.cli.minion;

import dev.grain.minion.QueueException;
import dev.grain.text.Spelling;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What the command lines of this package have in common. */
final class CommandLines {
  /** The exit code of a command line that is wrong. */
  static final int USAGE = 2;

  /** That of a command that has failed. */
  static final int FAILED = 1;

  private static final int WIDTH = 100;

  private CommandLines() {}

  /** Returns the command line of a command, with these streams. */
  static CommandLine of(Object command, PrintStream out, PrintStream err) {
    return new CommandLine(command)
        .setExpandAtFiles(false)
        .setUsageHelpWidth(WIDTH)
        .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
        .setParameterExceptionHandler(CommandLines::onMistake)
        .setExecutionExceptionHandler((e, line, _) -> onFailure(e, line));
  }

  private static int onMistake(ParameterException mistake, String[] arguments) {
    CommandLine line = mistake.getCommandLine();
    String name = line.getCommandSpec().qualifiedName();
    line.getErr().println(name + ": " + mistake.getMessage() + nearest(mistake, line));
    line.getErr().println("'" + name + " --help' lists the options.");
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

  private static String nearest(ParameterException mistake, CommandLine line) {
    if (!(mistake instanceof UnmatchedArgumentException unknown)) {
      return "";
    }
    String written = unknown.getUnmatched().getFirst();
    int value = written.indexOf('=');
    @Nullable String near =
        unknown.isUnknownOption()
            ? Spelling.nearest(
                value < 0 ? written : written.substring(0, value),
                line.getCommandSpec().optionsMap().keySet())
            : Spelling.nearest(written, line.getSubcommands().keySet());
    return near == null ? "" : "; did you mean " + near + "?";
  }
}
