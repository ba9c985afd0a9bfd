package dev.grain.cli.run;

import dev.grain.Enforce;
import dev.grain.cli.Converters;
import dev.grain.cli.HelpFlag;
import dev.grain.cli.PlaceFlags;
import dev.grain.cli.ResourceFlags;
import dev.grain.cli.SweptValues;
import dev.grain.wire.Address;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The flags of {@code grain run}. Picocli sets them once, before anybody reads them. */
final class RunFlags {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  // ---- where inputs come from

  @Option(
      names = {"--lines", "-a", "--arg-file"},
      paramLabel = "FILE",
      description = "Run a job for each line of the file; - reads standard input.")
  List<String> lines = new ArrayList<>();

  @Option(
      names = "--range",
      paramLabel = "A..B[:STEP]",
      description = "Run a job for each whole number from A to B.")
  List<String> ranges = new ArrayList<>();

  @Option(
      names = "--sweep",
      paramLabel = "NAME=V,...",
      description =
          "Run a job for each value, which is passed as {NAME}. "
              + SweptValues.FORMS
              + " Several sweeps produce all combinations.")
  List<String> sweeps = new ArrayList<>();

  @Option(
      names = "--colsep",
      paramLabel = "REGEX",
      description = "Split each line into columns, which are passed as {1}, {2}, ...")
  @Nullable String columns;

  @Option(
      names = {"-0", "--null"},
      description = "Lines end with a NUL character, as in the output of find -print0.")
  private boolean nul;

  @Option(
      names = {"-d", "--delimiter"},
      paramLabel = "CHAR",
      description = "Lines end with this character.")
  private @Nullable String delimiter;

  @Option(
      names = {"-r", "--no-run-if-empty"},
      description = "Skip blank lines.")
  boolean skipsEmpty;

  // ---- what a job gets

  @Mixin final ResourceFlags resources = new ResourceFlags();

  @Option(
      names = {"-j", "--jobs", "-P", "--max-procs"},
      paramLabel = "N",
      description =
          "Run at most N jobs at once: a number, a share of the cores such as 50%%, the number of"
              + " cores plus or minus N such as +2 or -1, or 0 for up to 1000. Jobs then hold no"
              + " cores, unless --cpus is given.")
  @Nullable String atOnce;

  @Option(
      names = "--grace",
      paramLabel = "TIME",
      converter = Converters.Time.class,
      description = "The time between SIGTERM and SIGKILL when a job is stopped. Default: 10s.")
  @Nullable Duration grace;

  @Option(
      names = "--retries",
      paramLabel = "N",
      converter = Converters.WholeNumber.class,
      description = "Run a failed job up to N times more.")
  int retries;

  @Option(
      names = "--shell",
      arity = "0..1",
      paramLabel = "SHELL",
      description = "Run the command as a script in sh, or in this shell. Inputs are quoted.")
  @Nullable String shell;

  @Mixin final PlaceFlags place = new PlaceFlags();

  @Option(
      names = "--stdin",
      paramLabel = "FILE",
      description = "The file that jobs read as standard input. Default: empty.")
  @Nullable Path stdin;

  // ---- failures

  @Option(
      names = {"--keep-going"},
      description =
          "Run all jobs even if some fail. By default, the first failure stops the others.")
  private boolean keepGoing;

  @Option(
      names = "--halt",
      paramLabel = "WHEN",
      converter = Halt.Converter.class,
      description =
          "When to stop, as in GNU parallel: never, now,fail=3, soon,fail=1,"
              + " now,success=1 and so on.")
  private @Nullable Halt halt;

  @Option(
      names = "--resume",
      paramLabel = "FILE",
      description = "Record the jobs that succeed in this file, and do not run them again.")
  @Nullable Path resume;

  // ---- where jobs run

  @Option(
      names = "--workers",
      paramLabel = "HOST:PORT",
      split = ",",
      description = "Run the jobs on these workers.")
  List<String> workers = new ArrayList<>();

  @Option(
      names = "--key",
      paramLabel = "FILE",
      description =
          "The cluster key file. Default: grain/cluster.key in your configuration directory.")
  @Nullable Path key;

  @Option(
      names = "--insecure",
      description = "Use plain text, for workers that run with --insecure.")
  boolean insecure;

  @Mixin final DetachFlags detach = new DetachFlags();

  // ---- what is shown

  @Option(
      names = {"-k", "--keep-order"},
      description = "Print the output of jobs in the order of the inputs.")
  boolean keepsOrder;

  @Option(names = "--group", description = "Print the output of a job when the job has ended.")
  boolean grouped;

  @Option(names = "--tag", description = "Prefix each line with the input and a tab.")
  boolean tagged;

  @Option(
      names = {"--output", "-o"},
      paramLabel = "FOLDER",
      description =
          "Write output to files there, such as 000012.out and 000012.err, and a table of"
              + " all jobs to jobs.tsv, instead of printing it.")
  @Nullable Path output;

  @Option(names = "--json", description = "Print a JSON object for each job, one per line.")
  boolean json;

  @Option(
      names = "--joblog",
      paramLabel = "FILE",
      description = "Write a line for each job, in the format of GNU parallel.")
  @Nullable Path joblog;

  @Option(
      names = {"--dry-run", "--dryrun"},
      description = "Print the commands without running them.")
  boolean dryRun;

  @Option(
      names = {"--quiet", "--silent"},
      description = "Show neither the progress line nor the table at the end.")
  boolean quiet;

  @Mixin final HelpFlag help = new HelpFlag();

  @Option(
      names = {
        "-q",
        "--quote",
        "--bar",
        "--eta",
        "--progress",
        "--lb",
        "--line-buffer",
        "--linebuffer",
        "--will-cite",
        "--no-notice",
        "--no-group"
      },
      hidden = true)
  private boolean ignored;

  @Parameters(hidden = true)
  List<String> command = new ArrayList<>();

  @SuppressWarnings("NullAway.Init") // picocli sets the others
  RunFlags() {}

  /** Returns the error of a command line that is wrong. */
  ParameterException mistake(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  /**
   * Ensures that the flags make sense together.
   *
   * @param hasGiven whether the command line has inputs itself
   * @throws ParameterException if they do not
   */
  void ensureConsistent(boolean hasGiven) {
    if (detach.jobFile != null && (!command.isEmpty() || hasGiven || hasSources())) {
      throw mistake("--job-file has the commands, so there can be neither a command nor inputs.");
    }
    if (command.isEmpty() && detach.jobFile == null && !hasGiven && !hasSources()) {
      throw mistake("the command is missing. Add it, as in: grain run gzip {} ::: *.log");
    }
    if (!command.isEmpty() && command.getFirst().isEmpty()) {
      throw mistake("the command is empty. Name the program to start.");
    }
    if (keepGoing && halt != null) {
      throw mistake("--keep-going and --halt exclude each other. Remove one of them.");
    }
    if (insecure && key != null) {
      throw mistake("--key and --insecure exclude each other. Remove one of them.");
    }
    if (workers.isEmpty() && (insecure || key != null)) {
      throw mistake("--key and --insecure need --workers, which is missing.");
    }
    workers.forEach(this::ensureAddress);
    ensureDetached();
    Enforce enforce = resources.enforce();
    if (!workers.isEmpty() && enforce != null) {
      throw mistake(
          "--enforce is for jobs on this machine. Set it on the workers instead: grain-worker"
              + " --enforce=%s".formatted(enforce.name().toLowerCase(Locale.ROOT)));
    }
    try {
      place.ensureConsistent();
    } catch (IllegalArgumentException e) {
      throw mistake(String.valueOf(e.getMessage()));
    }
    if (nul && delimiter != null) {
      throw mistake("--null and --delimiter exclude each other. Remove one of them.");
    }
    if (retries < 0) {
      throw mistake("--retries is negative: " + retries);
    }
    if (json && tagged) {
      throw mistake("--json and --tag exclude each other: the input is in each object.");
    }
  }

  private void ensureDetached() {
    List<String> others = detach.detach ? onlyOfWaiting() : detach.given();
    if (!others.isEmpty() && !detach.detach) {
      throw mistake("%s needs --detach, which is missing.".formatted(others.getFirst()));
    }
    if (!others.isEmpty()) {
      throw mistake(
          "%s is for runs that wait for their jobs, which --detach does not. Remove one of them."
              .formatted(others.getFirst()));
    }
  }

  /** Returns the flags that are given, and mean nothing when jobs are left to a head. */
  private List<String> onlyOfWaiting() {
    Map<String, Boolean> all = new LinkedHashMap<>();
    all.put("--workers", !workers.isEmpty());
    all.put("--jobs", atOnce != null);
    all.put("--grace", grace != null);
    all.put("--enforce", resources.enforce() != null);
    all.put("--keep-going", keepGoing);
    all.put("--halt", halt != null);
    all.put("--resume", resume != null);
    all.put("--keep-order", keepsOrder);
    all.put("--group", grouped);
    all.put("--tag", tagged);
    all.put("--output", output != null);
    all.put("--joblog", joblog != null);
    return DetachFlags.namesOf(all);
  }

  private void ensureAddress(String worker) {
    try {
      Address.parse(worker);
    } catch (IllegalArgumentException e) {
      throw mistake("--workers: " + e.getMessage());
    }
  }

  private boolean hasSources() {
    return !lines.isEmpty() || !ranges.isEmpty() || !sweeps.isEmpty();
  }

  /** Returns the byte that ends a line of input. */
  byte delimiterByte() {
    if (delimiter == null) {
      return nul ? 0 : (byte) '\n';
    }
    String text = delimiter.replace("\\n", "\n").replace("\\t", "\t").replace("\\0", "\0");
    if (text.length() != 1 || text.charAt(0) > 127) {
      throw mistake(
          "--delimiter: '%s' is not one ASCII character; \\n, \\t and \\0 are also accepted"
              .formatted(delimiter));
    }
    return (byte) text.charAt(0);
  }

  /** Returns when the run stops before its jobs are done. */
  Halt halt() {
    return halt != null ? halt : keepGoing ? Halt.NEVER : Halt.AT_FIRST_FAILURE;
  }
}
