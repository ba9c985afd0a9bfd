package dev.grain.worker;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program {@code grain}, as {@code bin/grain} starts it. */
@Command(
    name = "grain",
    description = "Looks after the workers of a cluster.",
    subcommands = KeyCommand.class,
    versionProvider = Version.class,
    mixinStandardHelpOptions = true)
final class Main implements Runnable {
  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets it
  private Main() {}

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "say what to do: key");
  }

  /** Runs the command, and ends the JVM with its exit code. */
  static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  /** Returns the command with what belongs to it. */
  static CommandLine commandLine() {
    return new CommandLine(new Main()).setParameterExceptionHandler(new Mistakes());
  }
}
