package dev.grain.top;

import dev.grain.cli.CommandLines;
import dev.grain.cli.HelpFlag;
import dev.grain.cli.Screens;
import dev.grain.minion.report.Report;
import dev.grain.minion.report.ReportReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jline.terminal.Size;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code minion-status}. */
@Command(
    name = "minion-status",
    sortOptions = false,
    description = {
      "Prints what minions have done and do: rates, distributions, the busiest nodes, a summary.",
      "It reads the folder that minions with MINION_REPORTER=json write to, while they work or"
          + " afterwards, and nothing else. The folder is found as minions find it: by the variable"
          + " REPORTER_JSON_DIRECTORY, which may be in the file .env, or reporterFolder in"
          + " .minion.yml; otherwise, it is minion-report.",
      "",
      "  MINION_REPORTER=json minionize sleep",
      "  minion-status",
      "  minion-status --watch /scratch/minion-report",
      "  minion-status --json | jq .summary.rate"
    },
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the statistics were printed",
      "1:there are none, or the folder cannot be read",
      "2:the command line or the configuration is wrong"
    })
final class StatusCommand implements Callable<Integer> {
  private static final int WIDTH = 100;
  private static final int LEAST_WIDTH = 40;
  private static final int MOST_WIDTH = 200;
  private static final int JSON_STEPS = 100;
  private static final long PAUSE_MILLIS = 1000;

  /** Clears the terminal. */
  private static final String CLEAR = "\u001b[H\u001b[2J";

  private final PrintStream out;
  private final PrintStream err;
  private final Path working;
  private final Map<String, String> variables;
  private final InstantSource clock;

  private @Nullable String complaint;

  @Option(
      names = {"-w", "--watch"},
      description = "Print again each second, until Ctrl-C; in a terminal, what fits of the end.")
  private boolean watch;

  @Option(names = "--json", description = "Print a JSON object; with --watch, one per line.")
  private boolean json;

  @Parameters(
      arity = "0..1",
      paramLabel = "FOLDER",
      description = "The folder that the minions report to.")
  private @Nullable Path folder;

  @Mixin
  @SuppressWarnings("UnusedVariable") // picocli does what it stands for
  private final HelpFlag help = new HelpFlag();

  /**
   * Makes the command.
   *
   * @param working the folder from which others are named
   */
  StatusCommand(
      PrintStream out,
      PrintStream err,
      Path working,
      Map<String, String> variables,
      InstantSource clock) {
    this.out = out;
    this.err = err;
    this.working = working;
    this.variables = variables;
    this.clock = clock;
  }

  @Override
  public Integer call() throws InterruptedException {
    Path named = ReportFolder.of(folder, working, variables);
    ReportReader reader = ReportReader.of(working.resolve(named), _ -> {}, clock);
    boolean refreshing = watch && !json && Screens.isTerminal();
    int code = print(reader, named, refreshing);
    while (watch && !out.checkError()) {
      Thread.sleep(PAUSE_MILLIS);
      code = print(reader, named, refreshing);
    }
    return code;
  }

  /**
   * Prints what there is.
   *
   * @param refreshing whether the terminal has nothing else
   */
  private int print(ReportReader reader, Path named, boolean refreshing) {
    Size size = Screens.size();
    int width = Math.clamp(size == null ? WIDTH : size.getColumns(), LEAST_WIDTH, MOST_WIDTH);
    Report report;
    try {
      report = reader.read(json ? JSON_STEPS : StatusPage.steps(width));
    } catch (IOException e) {
      return complain(words(e, named));
    }
    if (json) {
      out.println(report.toJson());
      out.flush();
      return report.isEmpty() ? 1 : 0;
    }
    if (report.isEmpty()) {
      return complain(noStat(report, named));
    }
    List<String> lines =
        StatusPage.of(
            report,
            named.toString(),
            Letters.of(variables),
            width,
            Screens.isColored(variables),
            ZoneId.systemDefault());
    if (refreshing && size != null) {
      // the summary is at the end
      out.print(CLEAR);
      lines
          .subList(Math.max(0, lines.size() - size.getRows() + 1), lines.size())
          .forEach(out::println);
    } else {
      lines.forEach(out::println);
    }
    out.flush();
    return 0;
  }

  /** Says why there is nothing, but not each second. */
  private int complain(String words) {
    if (!words.equals(complaint)) {
      err.println("minion-status: " + words);
    }
    complaint = words;
    return CommandLines.FAILED;
  }

  static String noStat(Report report, Path named) {
    return report.unreadable().count() == 0
        ? "json reports no stat: the folder %s has no event of a minion yet.".formatted(named)
        : "json reports no stat: nothing in the folder %s is an event of a minion. %s."
            .formatted(named, String.join("; ", report.unreadable().first()));
  }

  static String words(IOException e, Path named) {
    return switch (e) {
      case NoSuchFileException _ ->
          ("json reports no stat: there is no folder %s. Start minions with MINION_REPORTER=json,"
                  + " or name the folder of their reports.")
              .formatted(named);
      case NotDirectoryException _ ->
          "%s is not a folder. Name the folder that the minions report to.".formatted(named);
      default -> "The folder %s cannot be read: %s.".formatted(named, e);
    };
  }
}
