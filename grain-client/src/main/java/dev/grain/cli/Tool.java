package dev.grain.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.spi.ToolProvider;
import picocli.CommandLine;

/**
 * A command as the program {@code grain} finds it: by the name {@code grain-} and that of the
 * command. It has the streams of the process, as the programs that it starts do.
 */
public abstract class Tool implements ToolProvider {
  private final String command;

  /**
   * Makes the tool of a command.
   *
   * @param command its name
   */
  protected Tool(String command) {
    this.command = command;
  }

  /**
   * Runs the command.
   *
   * @param arguments what follows its name
   * @return the exit code
   */
  protected abstract int run(String... arguments);

  /** Returns the command as picocli describes it, for completion and man pages. */
  public abstract CommandLine model();

  /** Returns the name of the command. */
  public final String command() {
    return command;
  }

  @Override
  public final String name() {
    return "grain-" + command;
  }

  @Override
  public final int run(PrintWriter out, PrintWriter err, String... arguments) {
    return run(arguments);
  }

  @Override
  public final int run(PrintStream out, PrintStream err, String... arguments) {
    return run(arguments);
  }
}
