package dev.grain.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** The program {@code grain bench}: asks the questions that are named. */
@Command(
    name = "grain bench",
    description = "Measures Grain beside what one would write by hand, and prints the ratios.",
    sortOptions = false,
    usageHelpAutoWidth = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:every question was answered",
      "1:a result was wrong, or something could not be measured",
      "2:the command line is wrong"
    })
final class Bench implements Callable<Integer> {
  private static final String ALL = "all";

  /** A program of its own, because it takes minutes and has flags of its own. */
  private static final String HELP_OF_KILLS =
      "%nAlso, with flags of its own and not part of 'all':%n"
          + "  minion-kills does every item get done when minions are killed? See minion-kills --help";

  private final List<Question> questions;
  private final PrintStream out;

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "NAME",
      arity = "1..*",
      description = "What to ask, or 'all': one of those listed below.")
  private List<String> names = List.of();

  @Option(names = "--quick", description = "Takes fewer rounds and sizes: under a minute each.")
  private boolean quick;

  @Option(names = "--peers", description = "Measures Hazelcast and Ignite beside, where they can.")
  private boolean peers;

  @Option(
      names = "--launcher-flags",
      description = "Gives every JVM the flags of bin/grain-worker; without, JVMs are bare.")
  private boolean launcherFlags;

  @Option(
      names = "--report",
      arity = "0..1",
      fallbackValue = "",
      paramLabel = "FOLDER",
      description = {
        "Writes performance.md with charts into the folder; if none is named into docs,",
        "or for a part of the questions or a quick run into benchmarks/target/report."
      })
  private @Nullable String report;

  @Option(names = "--help", usageHelp = true, description = "Prints this text.")
  @SuppressWarnings("UnusedVariable") // picocli reads it
  private boolean help;

  @Option(names = "--only", split = ",", hidden = true, description = "Measures these systems.")
  private List<String> only = List.of();

  @Option(names = "--variant", split = ",", hidden = true, description = "Measures these variants.")
  private List<String> variants = List.of();

  @Option(names = "--rounds", hidden = true, description = "Measures this many rounds.")
  private int rounds;

  @Option(names = "--jobs", hidden = true, description = "Has this many jobs in a round.")
  private int jobs;

  @Option(
      names = "--head-flags",
      split = " ",
      hidden = true,
      description = "Further flags for heads.")
  private List<String> headFlags = List.of();

  @Option(
      names = "--worker-flags",
      split = " ",
      hidden = true,
      description = "Further flags for workers.")
  private List<String> workerFlags = List.of();

  @SuppressWarnings("NullAway.Init") // picocli sets the others
  private Bench(List<Question> questions, PrintStream out) {
    this.questions = List.copyOf(questions);
    this.out = out;
  }

  static void main(String[] arguments) {
    String[] kills = MinionKills.arguments(arguments);
    System.exit(
        kills == null
            ? commandLine(all(), System.out).execute(arguments)
            : MinionKills.commandLine(System.out).execute(kills));
  }

  /** Returns every question, in the order in which {@code all} asks them. */
  private static List<Question> all() {
    return List.of(
        new Throughput(),
        new Latency(),
        new Efficiency(),
        new Bulk(),
        new Queue(),
        new Journal(),
        new Commands(),
        new Isolated(),
        new Minions(),
        new SharedHead(),
        new Scheduling(),
        new Start(),
        new Pieces());
  }

  /** Returns the command for these questions; it prints what it finds to the stream. */
  static CommandLine commandLine(List<Question> questions, PrintStream out) {
    CommandLine command = new CommandLine(new Bench(questions, out));
    command
        .getCommandSpec()
        .usageMessage()
        .footerHeading("%nQuestions:%n")
        .footer(
            Stream.concat(questions.stream().map(Bench::helpOf), Stream.of(HELP_OF_KILLS))
                .toArray(String[]::new));
    return command.setExecutionExceptionHandler(Bench::failed);
  }

  /** Says what went wrong, if it was not that the user has ended it all. */
  private static int failed(Exception failure, CommandLine command, ParseResult parsed) {
    if (!Leftovers.areRemoved()) {
      failure.printStackTrace(command.getErr());
    }
    return CommandLine.ExitCode.SOFTWARE;
  }

  private static String helpOf(Question question) {
    return "  %-12s %s".formatted(question.name(), question.asks()).replace("%", "%%");
  }

  @Override
  public Integer call() throws Exception {
    List<Question> asked = asked();
    Settings settings =
        new Settings(
            quick,
            peers,
            launcherFlags,
            new Settings.Probe(only, variants, rounds, jobs, headFlags, workerFlags));
    Report found = new Report(out);
    for (Question question : asked) {
      found.question(question);
      question.answer(settings, found);
    }
    if (report != null) {
      write(found, report);
    }
    return found.isWrong() ? CommandLine.ExitCode.SOFTWARE : CommandLine.ExitCode.OK;
  }

  private void write(Report found, String named) throws IOException, InterruptedException {
    Path checkout = checkout();
    Path usual =
        quick || !names.contains(ALL) ? Path.of("benchmarks", "target", "report") : Path.of("docs");
    Path folder = named.isEmpty() ? checkout.resolve(usual) : Path.of(named);
    Path written = WrittenReport.write(folder, found, Setting.here(checkout), quick);
    out.println("The report is in " + written);
  }

  /** Returns the folder that the sources are in, from where these classes are. */
  static Path checkout() {
    Path classes;
    try {
      classes = Path.of(Bench.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException("These classes come from no file", e);
    }
    Path folder = classes;
    while (folder != null && Files.notExists(folder.resolve("docs").resolve("guide.md"))) {
      folder = folder.getParent();
    }
    if (folder == null) {
      throw new IllegalStateException(
          "There is no checkout around %s; name a folder by --report=FOLDER".formatted(classes));
    }
    return folder;
  }

  private List<Question> asked() {
    if (names.contains(ALL)) {
      return questions;
    }
    List<Question> asked = new ArrayList<>();
    for (String name : names) {
      asked.add(named(name));
    }
    return asked;
  }

  private Question named(String name) {
    return questions.stream()
        .filter(question -> question.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new ParameterException(spec.commandLine(), unknown(name)));
  }

  private String unknown(String name) {
    return "There is no question '%s'; ask %s, or all of them by '%s'."
        .formatted(
            name, questions.stream().map(Question::name).collect(Collectors.joining(", ")), ALL);
  }
}
