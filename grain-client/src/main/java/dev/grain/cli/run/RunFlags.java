package dev.grain.cli.run;

import dev.grain.Code;
import dev.grain.Enforce;
import dev.grain.message.EnvironmentKind;
import dev.grain.wire.Address;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The flags of {@code grain run}. Picocli sets them once, before anybody reads them. */
final class RunFlags {
  /** Reads how strictly the requests of jobs are enforced. */
  private static final class EnforceMode implements ITypeConverter<Enforce> {
    @Override
    public Enforce convert(String value) {
      return Arrays.stream(Enforce.values())
          .filter(mode -> mode.name().equalsIgnoreCase(value))
          .findAny()
          .orElseThrow(() ->
              new TypeConversionException(
                  "'%s' is not a mode; use off, best or require".formatted(value)));
    }
  }

  private static final Pattern TIME =
      Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,3})?)(ms|s|m|h|d)?");

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  // ---- where inputs come from

  private static final Pattern VARIABLE = Pattern.compile("[^=\0]+");
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");

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
          "Run a job for each value, which is passed as {NAME}. V may be a range, A..B."
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

  @Option(
      names = "--cpus",
      paramLabel = "N",
      description = "Cores of each job, such as 4 or 0.5. Default: 1.")
  @Nullable Double cpus;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      description = "Memory of each job, such as 8GiB.")
  @Nullable String memory;

  @Option(
      names = "--enforce",
      paramLabel = "MODE",
      converter = EnforceMode.class,
      description =
          "Limit jobs to their cores and memory: off, best (by the best available mechanism) or"
              + " require (by control groups, or fail). Default: limit only memory, as with"
              + " best.")
  @Nullable Enforce enforce;

  @Option(names = "--gpus", paramLabel = "N", description = "GPUs of each job.")
  @Nullable Double gpus;

  @Option(
      names = {"-j", "--jobs", "-P", "--max-procs"},
      paramLabel = "N",
      description =
          "Run at most N jobs at once: a number, a share of the cores such as 50%%, the number of"
              + " cores plus or minus N such as +2 or -1, or 0 for up to 1000. Jobs then hold no"
              + " cores, unless --cpus is given.")
  @Nullable String atOnce;

  @Option(
      names = {"--time-limit", "--timeout"},
      paramLabel = "TIME",
      description = "Stop each attempt of a job after this time, such as 30s, 5m or 2h.")
  private @Nullable String timeLimit;

  @Option(
      names = "--grace",
      paramLabel = "TIME",
      description = "The time between SIGTERM and SIGKILL when a job is stopped. Default: 10s.")
  private @Nullable String grace;

  @Option(
      names = "--retries",
      paramLabel = "N",
      description = "Run a failed job up to N times more.")
  int retries;

  @Option(
      names = "--shell",
      arity = "0..1",
      paramLabel = "SHELL",
      description = "Run the command as a script in sh, or in this shell. Inputs are quoted.")
  @Nullable String shell;

  @Option(
      names = "--env",
      paramLabel = "NAME=VALUE|FILE",
      description =
          "Set an environment variable of the jobs, or install what a file defines before they"
              + " start: requirements.txt, environment.yml, pyproject.toml or a script, setup.sh."
              + " With --git, the file is in the repository.")
  List<String> environment = new ArrayList<>();

  @Option(
      names = "--git",
      paramLabel = "URL[@REF]",
      description =
          "Run the jobs in a checkout of this repository: of a branch, a tag as refs/tags/NAME, or"
              + " a commit. Default: the branch main.")
  @Nullable String git;

  @Option(
      names = "--path",
      paramLabel = "FOLDER",
      description = "Run the jobs in this folder of the repository.")
  @Nullable String pathInRepo;

  @Option(
      names = "--image",
      paramLabel = "NAME[:TAG]",
      description =
          "Run each job in a container of this image; NAME@sha256:... is also possible. Needs Docker"
              + " or Podman where jobs run. Without --workers and --git, jobs run in the current"
              + " directory, which containers have at the same path.")
  @Nullable String image;

  @Option(
      names = "--local-image",
      paramLabel = "NAME",
      description = "Like --image, but the engine has the image already, and it is never pulled.")
  @Nullable String localImage;

  @Option(
      names = "--mount",
      paramLabel = "HOST[:PATH][:ro]",
      description =
          "Give the containers this file or folder of the machine where jobs run, at PATH. Default:"
              + " at the same path. With :ro, they cannot change it.")
  List<String> mounts = new ArrayList<>();

  @Option(
      names = {"--working-dir", "--wd", "--workdir"},
      paramLabel = "FOLDER",
      description = "Run the jobs in this folder.")
  @Nullable Path folder;

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

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Print this text.")
  @SuppressWarnings("UnusedVariable") // picocli does what it stands for
  private boolean help;

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
    if (command.isEmpty() && !hasGiven && !hasSources()) {
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
    if (!workers.isEmpty() && enforce != null) {
      throw mistake(
          "--enforce is for jobs on this machine. Set it on the workers instead: grain-worker"
              + " --enforce=%s".formatted(enforce.name().toLowerCase(Locale.ROOT)));
    }
    if (pathInRepo != null && git == null) {
      throw mistake("--path needs --git, which is missing.");
    }
    if (image != null && localImage != null) {
      throw mistake("--image and --local-image exclude each other. Remove one of them.");
    }
    if (!mounts.isEmpty() && !inContainers()) {
      throw mistake("--mount needs --image, which is missing.");
    }
    String definition = definition();
    if (definition != null && inContainers()) {
      throw mistake(
          "--env %s installs packages on the machine, but the jobs run in containers. Use an image"
                  .formatted(definition)
              + " that contains them.");
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

  /** Returns the variables of the jobs. */
  Map<String, String> variables() {
    Map<String, String> variables = new LinkedHashMap<>();
    for (String each : environment) {
      int equals = each.indexOf('=');
      if (equals >= 0) {
        if (!VARIABLE.matcher(each.substring(0, equals)).matches()) {
          throw mistake("--env: '%s' is not NAME=VALUE".formatted(each));
        }
        variables.put(each.substring(0, equals), each.substring(equals + 1));
      }
    }
    return variables;
  }

  /** Returns the file that defines what is installed for the jobs; null for none. */
  @Nullable String definition() {
    List<String> files = environment.stream().filter(each -> each.indexOf('=') < 0).toList();
    if (files.size() > 1) {
      throw mistake(
          "--env: a job has one environment, but there are two files, %s and %s."
              .formatted(files.get(0), files.get(1)));
    }
    if (files.isEmpty()) {
      return null;
    }
    String file = files.getFirst();
    try {
      var _ = EnvironmentKind.ofFile(file.substring(file.lastIndexOf('/') + 1));
    } catch (IllegalArgumentException e) {
      throw mistake(
          "--env: '%s' is not NAME=VALUE, nor a file that defines an environment: requirements*.txt,"
                  .formatted(file)
              + " environment.yml, pyproject.toml or a script, *.sh");
    }
    return file;
  }

  /** Returns where the jobs have their code from; null for nowhere. */
  Code.@Nullable Git code() {
    if (git == null) {
      return null;
    }
    // the @ of a user is before the path
    int at = git.lastIndexOf('@');
    boolean named = at > Math.max(git.lastIndexOf('/'), git.lastIndexOf(':'));
    String reference = named ? git.substring(at + 1) : "";
    Code.Git code = Code.git(named ? git.substring(0, at) : git);
    if (named) {
      code = COMMIT.matcher(reference).matches() ? code.commit(reference) : code.branch(reference);
    }
    return pathInRepo == null ? code : code.pathInRepo(pathInRepo);
  }

  /** Returns what tells the jobs of these flags from those with other code, for the journal. */
  List<String> origin() {
    return Stream.of(git, pathInRepo, definition(), image, localImage)
        .filter(Objects::nonNull)
        .toList();
  }

  private boolean inContainers() {
    return image != null || localImage != null;
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

  /** Returns a limit of the time of jobs; null if there is none. */
  @Nullable Duration timeLimit() {
    return timeLimit == null ? null : time("--time-limit", timeLimit);
  }

  /** Returns the time between the signals that stop a job; null for the usual one. */
  @Nullable Duration grace() {
    return grace == null ? null : time("--grace", grace);
  }

  private Duration time(String option, String text) {
    Matcher matcher = TIME.matcher(text);
    if (!matcher.matches()) {
      throw mistake(
          "%s: '%s' is not a time; write a number and s, m or h, such as 30s"
              .formatted(option, text));
    }
    double number = Double.parseDouble(matcher.group(1));
    double seconds =
        switch (matcher.group(2)) {
          case "ms" -> number / 1000;
          case "m" -> number * 60;
          case "h" -> number * 3600;
          case "d" -> number * 86_400;
          case null, default -> number;
        };
    return Duration.ofMillis(Math.round(seconds * 1000));
  }
}
