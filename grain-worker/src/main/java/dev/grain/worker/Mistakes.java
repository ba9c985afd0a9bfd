package dev.grain.worker;

import dev.grain.text.Spelling;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says in one line what is wrong with a command line, and names what was probably meant. */
final class Mistakes implements IParameterExceptionHandler {
  @Override
  public int handleParseException(ParameterException mistake, String[] arguments) {
    CommandLine command = mistake.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    PrintWriter err = command.getErr();
    err.println(name + ": " + mistake.getMessage() + nearest(mistake));
    err.println("'" + name + " --help' lists the options.");
    err.flush();
    return ExitCode.USAGE.number();
  }

  private static String nearest(ParameterException mistake) {
    String best =
        mistake instanceof UnmatchedArgumentException unknown
            ? nearest(unknown, mistake.getCommandLine())
            : null;
    return best == null ? "" : "; did you mean " + best + "?";
  }

  private static @Nullable String nearest(UnmatchedArgumentException unknown, CommandLine command) {
    String written = unknown.getUnmatched().getFirst();
    return unknown.isUnknownOption()
        ? Spelling.nearestOption(written, command.getCommandSpec().optionsMap().keySet())
        : Spelling.nearest(written, command.getSubcommands().keySet());
  }
}
