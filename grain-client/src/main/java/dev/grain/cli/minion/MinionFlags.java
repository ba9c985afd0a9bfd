package dev.grain.cli.minion;

import dev.grain.cli.Converters;
import dev.grain.cli.HelpFlag;
import dev.grain.cli.PlaceFlags;
import dev.grain.cli.ResourceFlags;
import dev.grain.minion.OnFailure;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
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
      converter = Converters.WholeNumber.class,
      description = "Process up to N items at a time. Default: 1.")
  @Nullable Integer parallel;

  @Mixin final ResourceFlags resources = new ResourceFlags();

  @Mixin final PlaceFlags place = new PlaceFlags();

  @Option(
      names = "--on-failure",
      paramLabel = "WHAT",
      converter = Policy.class,
      description =
          "What becomes of an item that fails: ack (it counts as done, and is only reported), nack"
              + " (it is delivered again) or dead (it becomes a dead letter). Default: ack.")
  @Nullable OnFailure onFailure;

  @Option(
      names = "--max-deliveries",
      paramLabel = "N",
      converter = Converters.WholeNumber.class,
      description =
          "Make an item a dead letter when it was delivered N times without success. Deliveries to"
              + " minions that died count. Default: 5.")
  @Nullable Integer maxDeliveries;

  @Option(
      names = "--retry-delay",
      paramLabel = "TIME",
      converter = Converters.Time.class,
      description = "Deliver an item that has failed again after this time. Default: 1s.")
  @Nullable Duration retryDelay;

  @Option(
      names = "--follow",
      description = "Wait for further items when the queue is drained, instead of ending.")
  boolean follow;

  @Option(
      names = "--grace",
      paramLabel = "TIME",
      converter = Converters.Time.class,
      description = "On SIGTERM, wait this long for items that run. Default: 20s.")
  @Nullable Duration grace;

  @Option(
      names = "--lease",
      paramLabel = "TIME",
      converter = Converters.Time.class,
      description =
          "How long an item stays with a minion that gives no sign of life. Default: that of the"
              + " queue.")
  @Nullable Duration lease;

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
      paramLabel = "SHELL",
      description =
          "Join the words and the item with blanks, without quoting, and run the line in sh, or in"
              + " this shell, as in --shell=bash.")
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

  @Mixin final HelpFlag help = new HelpFlag();

  @Parameters(hidden = true)
  List<String> command = new ArrayList<>();

  MinionFlags() {}

  /** Reads what becomes of an item that fails. */
  private static final class Policy extends Converters.Choice<OnFailure> {
    Policy() {
      super(OnFailure.values(), "is not possible; use ack, nack or dead");
    }
  }
}
