package dev.grain.worker;

import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.spi.ToolProvider;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program {@code grain}, as {@code bin/grain} starts it. */
@Command(
    name = "grain",
    description = "Runs programs, and manages the workers of a cluster.",
    subcommands = {KeyCommand.class, WorkersCommand.class},
    versionProvider = Version.class,
    mixinStandardHelpOptions = true)
final class GrainCommand implements Runnable {
  /** How long the shutdown hooks of jobs may take. */
  private static final Duration HOOKS = Duration.ofSeconds(5);

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets it
  private GrainCommand() {}

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "missing command: run, worker, workers or key");
  }

  /**
   * Runs the command, and ends the JVM with its exit code: jobs may have left threads behind, and
   * shutdown hooks, which have a while.
   */
  static void main(String[] arguments) {
    int code = run(arguments);
    Thread.ofPlatform().daemon().name("grain-end").start(() -> endAfterHooks(code));
    System.exit(code);
  }

  private static void endAfterHooks(int code) {
    try {
      Thread.sleep(HOOKS);
    } catch (InterruptedException e) {
      // by a hook, which is no reason to stay
    }
    Runtime.getRuntime().halt(code);
  }

  private static int run(String[] arguments) {
    // not a subcommand: its name is grain-worker, which people start it by
    if (arguments.length > 0 && arguments[0].equals("worker")) {
      return WorkerCommand.commandLine(Host::here, WorkerRun::run)
          .execute(Arrays.copyOfRange(arguments, 1, arguments.length));
    }
    // what further artifacts bring has the name of its command
    Optional<ToolProvider> tool =
        arguments.length == 0 ? Optional.empty() : ToolProvider.findFirst("grain-" + arguments[0]);
    if (tool.isPresent()) {
      return tool.get()
          .run(System.out, System.err, Arrays.copyOfRange(arguments, 1, arguments.length));
    }
    return commandLine().execute(arguments);
  }

  /** Returns the commands beside the worker. */
  static CommandLine commandLine() {
    return new CommandLine(new GrainCommand()).setParameterExceptionHandler(new Mistakes());
  }
}
