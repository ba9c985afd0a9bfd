package dev.grain.cli.head;

import dev.grain.cli.CommandLines;
import dev.grain.cli.HelpFlag;
import dev.grain.client.GrainClient;
import dev.grain.client.GrainClientException;
import dev.grain.client.HeadLocation;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** What the commands have in common that call a head. For one thread. */
@Command(
    sortOptions = false,
    parameterListHeading = "%n",
    optionListHeading = "%nOptions:%n",
    commandListHeading = "%nCommands:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:the head refused it, or has no such job",
      "2:the command line is wrong",
      "3:there is no head, or it cannot be reached, or is not the one that is trusted"
    })
abstract class ClientCommand {
  /** The exit code if there is no head that could be called. */
  static final int NO_HEAD = 3;

  /** People wait for it, and can repeat the command. */
  static final Duration USUAL_PATIENCE = Duration.ofSeconds(2);

  private static final Set<String> NOT_CALLED =
      Set.of(
          GrainClientException.UNREACHABLE,
          GrainClientException.UNTRUSTED,
          GrainClientException.UNEXPECTED);

  final Surroundings around;

  @Spec CommandSpec spec;

  @Mixin final HeadFlags flags = new HeadFlags();

  @Mixin
  @SuppressWarnings("UnusedVariable") // picocli does what it stands for
  private final HelpFlag help = new HelpFlag();

  @SuppressWarnings("NullAway.Init") // picocli sets the others
  ClientCommand(Surroundings around) {
    this.around = around;
  }

  /** Does something with a head, and returns the exit code. */
  interface Action {
    int run(GrainClient client);
  }

  /** Does something with one of several things, by its name. */
  interface OnEach {
    void run(String name);
  }

  final PrintWriter out() {
    return spec.commandLine().getOut();
  }

  /** Prints a line on standard output. */
  final void print(Object line) {
    out().println(line);
  }

  /** Prints a line for people on the error stream. */
  final void tell(String line) {
    spec.commandLine().getErr().println(line);
  }

  /** Prints what went wrong. */
  final void complain(String message) {
    ParseResult parsed = spec.commandLine().getParseResult();
    while (parsed.hasSubcommand()) {
      parsed = parsed.subcommand();
    }
    tell(parsed.commandSpec().qualifiedName() + ": " + message);
  }

  /** Returns what is told if the command line ends before its command. */
  final ParameterException missing() {
    return new ParameterException(
        spec.commandLine(), "the command is missing; " + CommandLines.commands(spec.commandLine()));
  }

  /** Calls the head, and tells what went wrong. */
  final int call(Action action) {
    return call(USUAL_PATIENCE, action);
  }

  /**
   * Calls the head, and tells what went wrong.
   *
   * @param patience for how long it is waited for
   */
  final int call(Duration patience, Action action) {
    HeadLocation head;
    try {
      head = flags.location(around.variables());
    } catch (HeadFlags.NoHeadException e) {
      complain(String.valueOf(e.getMessage()));
      return NO_HEAD;
    }
    try (GrainClient client = GrainClient.of(head, patience)) {
      return action.run(client);
    } catch (GrainClientException e) {
      return fail(e, head);
    }
  }

  /** Does something with each of several jobs, even if that fails for some. */
  final int eachJob(GrainClient client, List<String> ids, OnEach action) {
    return each(client, ids, action, " 'grain list' lists the jobs that you may see.");
  }

  /**
   * Does something with each of several things, even if that fails for some.
   *
   * @param whereToLook is told about one that there is not
   */
  final int each(GrainClient client, List<String> names, OnEach action, String whereToLook) {
    int code = 0;
    for (String name : names) {
      try {
        action.run(name);
      } catch (GrainClientException e) {
        if (isNotCalled(e)) {
          throw e;
        }
        complain(
            name + ": " + (e.is("not-found") ? "there is none." + whereToLook : e.getMessage()));
        code = CommandLines.FAILED;
      }
    }
    return code;
  }

  private int fail(GrainClientException e, HeadLocation head) {
    complain(words(e, head));
    return isNotCalled(e) ? NO_HEAD : CommandLines.FAILED;
  }

  /** Returns whether the head has not even understood who calls. */
  static boolean isNotCalled(GrainClientException e) {
    return NOT_CALLED.contains(e.type()) || e.is("unauthenticated");
  }

  private static String words(GrainClientException e, HeadLocation head) {
    if (e.is("unauthenticated")) {
      return "The head at %s does not accept the token: it has been revoked, has expired, or is that of another head. Log in again by 'grain login %s', or name another token by --token-file or GRAIN_TOKEN."
          .formatted(head.url(), head.url());
    }
    if (e.is(GrainClientException.UNREACHABLE) && head.source() == HeadLocation.Source.OWN) {
      return "The head that this user ran here does not answer at %s any more. Start it by 'grain head start'."
          .formatted(head.url());
    }
    return String.valueOf(e.getMessage());
  }
}
