package dev.grain.cli.run;

import dev.grain.cli.Arguments;
import dev.grain.cli.CommandLines;
import dev.grain.client.GrainClient;
import dev.grain.client.HeadLocation;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/** The command that runs a command as a job, or one job for each input. */
@CommandLine.Command(
    name = "grain run",
    sortOptions = false,
    customSynopsis = {
      "grain run [OPTION...] [--] COMMAND [ARGUMENT...]",
      "       grain run [OPTION...] [--] COMMAND [ARGUMENT...] ::: INPUT... [::: INPUT...]"
    },
    description = {
      "Runs a command as a job, or one job for each input, on this machine or on workers.",
      "",
      "  grain run gzip -k ::: *.log                     a job for each file",
      "  grain run --lines ids.txt -- ./job --id {}      a job for each line; - is stdin",
      "  grain run --range 0..99 --cpus 4 --output out -- ./simulate {} {cpu.count}",
      "  grain run --sweep lr=0.01,0.02 --sweep n=1..5 -- ./train {lr} {n}",
      "  grain run --shell 'grep -c error {} | sort' ::: *.log",
      "  grain run --resume done.journal --keep-going --lines ids.txt -- ./job {}",
      "  grain run --workers node1:4242,node2:4242 --lines ids.txt -- ./job {}",
      "  grain run --detach --name nightly -- ./train    leave the job to a head; see grain list",
      "",
      "Placeholders: {} is the input, {1} {2} are the inputs of several sources, {.} is the input"
          + " without its extension, {/} without its folder, {/.} without both, and {//} is its"
          + " folder. {#} is the number of the job; {cpu.count}, {cpu.ids}, {memory.bytes},"
          + " {gpu.ids} and {attempt} describe the job. Without a placeholder, the input is the"
          + " last argument. To pass braces, double them: {{1}}."
    },
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all jobs succeeded",
      "1:a job or the run itself failed",
      "2:the command line is wrong",
      "130:stopped by Ctrl-C; 143 by SIGTERM, 129 by SIGHUP",
      "141:the reader of the output closed the pipe"
    })
final class RunCommand implements Callable<Integer> {
  /** For how long a head is called that does not answer, as one that is started again. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Console console;
  private final boolean ownsProcess;

  @Mixin private final RunFlags flags = new RunFlags();

  // set before the command line is parsed
  private List<List<String>> given = List.of();

  private RunCommand(Console console, boolean ownsProcess) {
    this.console = console;
    this.ownsProcess = ownsProcess;
  }

  /**
   * Runs the command in this process, with its streams and signals.
   *
   * @param arguments the words behind {@code grain run}
   * @return the exit code
   */
  static int run(String... arguments) {
    return run(Console.ofProcess(), true, System.out, System.err, arguments);
  }

  /** Returns the command as picocli describes it. */
  static CommandLine model() {
    return new CommandLine(new RunCommand(Console.of(System.in, System.out, System.err), false));
  }

  /** Runs the command with other streams; signals do what they did. */
  static int run(InputStream in, PrintStream out, PrintStream err, String... arguments) {
    return run(Console.of(in, out, err), false, out, err, arguments);
  }

  private static int run(
      Console console, boolean ownsProcess, PrintStream out, PrintStream err, String... arguments) {
    RunCommand run = new RunCommand(console, ownsProcess);
    CommandLine line = CommandLines.of(run, out, err, ParallelFlags::advice);
    Arguments split = Arguments.of(Arrays.asList(arguments), line.getCommandSpec());
    List<List<String>> parts = GivenSources.split(split.command());
    run.given = parts.subList(1, parts.size());
    return line.execute(new Arguments(split.options(), parts.getFirst()).words());
  }

  @Override
  public Integer call() {
    flags.ensureConsistent(!given.isEmpty());
    if (flags.detach.detach && !flags.dryRun) {
      return detach();
    }
    Planning planning = planning(!flags.workers.isEmpty());
    Inputs inputs = planning.inputs();
    Template template = planning.template(inputs);
    return flags.dryRun
        ? new DryRun(template, inputs, console).run()
        : new Session(planning.plan(template, inputs), console, ownsProcess).run();
  }

  private Planning planning(boolean remote) {
    return new Planning(flags, given, console.in(), remote);
  }

  private int detach() {
    DetachFlags detach = flags.detach;
    HeadLocation head;
    try {
      Map<String, String> variables = System.getenv();
      head =
          detach.head == null
              ? new OwnHead(variables, console).find()
              : HeadLocation.named(detach.head, variables);
    } catch (IllegalArgumentException e) {
      throw flags.mistake("--head: " + e.getMessage());
    } catch (IOException | IllegalStateException e) {
      console.say(String.valueOf(e.getMessage()));
      return Session.FAILED;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Session.FAILED;
    }
    try (GrainClient client = GrainClient.of(head, PATIENCE)) {
      DetachedRun run = new DetachedRun(client, detach, flags.json, flags.quiet, console);
      if (detach.jobFile != null) {
        return run.run(detach.jobFile);
      }
      Planning planning = planning(head.source() != HeadLocation.Source.OWN);
      Inputs inputs = planning.inputs();
      return run.run(planning.template(inputs), inputs, planning.detached());
    }
  }
}
