package dev.grain.cli.minion;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The flags of {@code grain minion}. Picocli sets them once, before anybody reads them. */
final class MinionFlags {
  @Option(
      names = {"-q", "--queue"},
      paramLabel = "ADDRESS",
      description =
          "The queue, such as file:sweeps or kafka://broker:9092/topic. Default: that of the"
              + " variables MINION_QUEUE or MINION_ENGINE, or of .minion.yml, or file:sweeps.")
  @Nullable String queue;

  @Option(
      names = {"-j", "--parallel"},
      paramLabel = "N",
      description = "Process up to N items at a time. Default: 1.")
  @Nullable Integer parallel;

  @Option(
      names = "--cpus",
      paramLabel = "N",
      description = "Cores for each item, such as 4 or 0.5. Default: 1.")
  @Nullable String cpus;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      description = "Memory for each item, such as 8GiB.")
  @Nullable String memory;

  @Option(names = "--gpus", paramLabel = "N", description = "GPUs for each item.")
  @Nullable String gpus;

  @Option(
      names = "--enforce",
      paramLabel = "MODE",
      description =
          "Limit items to their cores and memory: off, best or require. Default: limit only memory,"
              + " as with best.")
  @Nullable String enforce;

  @Option(
      names = {"--time-limit", "--timeout"},
      paramLabel = "TIME",
      description = "Stop an item after this time, such as 30s, 5m or 2h; it has failed then.")
  @Nullable String timeLimit;

  @Option(
      names = "--on-failure",
      paramLabel = "WHAT",
      description =
          "What becomes of an item that fails: ack (it counts as done, and is only reported), nack"
              + " (it is delivered again) or dead (it becomes a dead letter). Default: ack.")
  @Nullable String onFailure;

  @Option(
      names = "--max-deliveries",
      paramLabel = "N",
      description =
          "Make an item a dead letter when it was delivered N times without success. Deliveries to"
              + " minions that died count. Default: 5.")
  @Nullable Integer maxDeliveries;

  @Option(
      names = "--retry-delay",
      paramLabel = "TIME",
      description = "Deliver an item that has failed again after this time. Default: 1s.")
  @Nullable String retryDelay;

  @Option(
      names = "--follow",
      description = "Wait for further items when the queue is drained, instead of ending.")
  boolean follow;

  @Option(
      names = "--grace",
      paramLabel = "TIME",
      description = "On SIGTERM, wait this long for items that run. Default: 20s.")
  @Nullable String grace;

  @Option(
      names = "--lease",
      paramLabel = "TIME",
      description =
          "How long an item stays with a minion that gives no sign of life. Default: that of the"
              + " queue.")
  @Nullable String lease;

  @Option(
      names = "--decoder",
      paramLabel = "NAME",
      description =
          "Read items as text (identity) or as JSON (json), so that {key} stands for a part of an"
              + " object. Default: identity.")
  @Nullable String decoder;

  @Option(
      names = "--reporter",
      paramLabel = "NAME",
      description = "Where events go: null, stdout or json. Default: null.")
  @Nullable String reporter;

  @Option(
      names = "--reporter-folder",
      paramLabel = "FOLDER",
      description = "The folder of the reporter json. Default: minion-report.")
  @Nullable Path reporterFolder;

  @Option(
      names = "--shell",
      arity = "0..1",
      fallbackValue = "sh",
      paramLabel = "SHELL",
      description =
          "Join the words and the item with blanks, without quoting, and run the line in sh, or in"
              + " this shell.")
  @Nullable String shell;

  @Option(
      names = "--input-file",
      description =
          "Pass the item in a file, whose name is in GRAIN_INPUT_FILE, instead of an argument.")
  boolean inputFile;

  @Option(
      names = "--class",
      paramLabel = "CLASS[::METHOD]",
      description =
          "Call a static method of this class that has the annotation @Minionize, instead of running a"
              + " command.")
  @Nullable String className;

  @Option(
      names = {"--class-path", "--jar"},
      split = ":",
      paramLabel = "PATH",
      description = "Jars and folders with the class, separated by colons.")
  List<Path> classPath = new ArrayList<>();

  @Option(
      names = {"--dry-run", "--dryrun"},
      description =
          "Print the commands without running them. The items are acknowledged all the same.")
  boolean dryRun;

  @Option(names = "--quiet", description = "Print no summary at the end.")
  boolean quiet;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Print this text.")
  @SuppressWarnings("UnusedVariable") // picocli does what it stands for
  private boolean help;

  @Parameters(hidden = true)
  List<String> command = new ArrayList<>();

  MinionFlags() {}
}
