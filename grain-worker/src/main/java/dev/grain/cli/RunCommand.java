package dev.grain.cli;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.custom;
import static dev.grain.resource.Resources.gpu;
import static dev.grain.resource.Resources.memory;

import dev.grain.Enforce;
import dev.grain.JobOptions;
import dev.grain.Resource;
import dev.grain.RunOptions;
import dev.grain.resource.internal.Detection;
import dev.grain.resource.internal.Offer;
import dev.grain.text.Spelling;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command that runs a program as a job, or as many jobs with an input each. */
@CommandLine.Command(
    name = "grain run",
    sortOptions = false,
    customSynopsis = {
      "grain run [OPTION...] [--] COMMAND [ARGUMENT...]",
      "       grain run [OPTION...] [--] COMMAND [ARGUMENT...] ::: INPUT... [::: INPUT...]"
    },
    description = {
      "Runs a command, or one for each input, on the cores of this machine or on workers.",
      "",
      "  grain run gzip -k ::: *.log                     a job for each file",
      "  grain run --lines ids.txt -- ./job --id {}      a job for each line; - is stdin",
      "  grain run --range 0..99 --cpus 4 --output out -- ./simulate {} {cpu.count}",
      "  grain run --sweep lr=0.01,0.02 --sweep n=1..5 -- ./train {lr} {n}",
      "  grain run --shell 'grep -c error {} | sort' ::: *.log",
      "  grain run --resume done.journal --keep-going --lines ids.txt -- ./job {}",
      "  grain run --workers node1:4242,node2:4242 --lines ids.txt -- ./job {}",
      "",
      "{} stands for the input, {#} for the number of the job, {1} {2} for the inputs of several"
          + " sources, {.} {/} {//} {/.} for the input without its extension, without its folder,"
          + " its folder, and without both; {cpu.count}, {cpu.ids}, {memory.bytes}, {gpu.ids} and"
          + " {attempt} for what the job holds. Without a placeholder, the input is the last"
          + " argument. To pass the braces, double them: {{1}}."
    },
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all jobs have succeeded",
      "1:a job has failed, or the run itself",
      "2:the command line is wrong",
      "130:ended by Ctrl-C; 143 by SIGTERM, 129 by SIGHUP",
      "141:nobody reads the output any more"
    })
public final class RunCommand implements Callable<Integer> {
  /** Reads how strictly jobs are kept to what they hold. */
  private static final class EnforceMode implements ITypeConverter<Enforce> {
    @Override
    public Enforce convert(String value) {
      return Arrays.stream(Enforce.values())
          .filter(mode -> mode.name().equalsIgnoreCase(value))
          .findAny()
          .orElseThrow(() ->
              new TypeConversionException(
                  "'%s' is not known; write off, best or require".formatted(value)));
    }
  }

  private static final int USAGE = 2;
  private static final int WIDTH = 100;
  private static final String SLOTS = "PLACES";
  private static final int AS_MANY_AS_POSSIBLE = 1000;
  private static final Pattern RANGE =
      Pattern.compile("(-?[0-9]{1,18})\\.\\.(-?[0-9]{1,18})(?::([1-9][0-9]{0,17}))?");
  private static final Pattern AT_ONCE = Pattern.compile("([+-]?)([0-9]{1,6})(%?)");
  private static final Pattern TIME =
      Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,3})?)(ms|s|m|h|d)?");
  private static final Pattern NAME = Pattern.compile("[A-Za-z][\\w-]*");
  private static final Pattern VARIABLE = Pattern.compile("[^=\0]+");

  private final Console console;
  private final boolean ownsProcess;

  @Spec private CommandSpec spec;

  // ---- where inputs come from

  @Option(
      names = {"--lines", "-a", "--arg-file"},
      paramLabel = "FILE",
      description = "Run a job for each line of the file; - reads standard input.")
  private List<String> lines = new ArrayList<>();

  @Option(
      names = "--range",
      paramLabel = "A..B[:STEP]",
      description = "Run a job for each whole number from A to B.")
  private List<String> ranges = new ArrayList<>();

  @Option(
      names = "--sweep",
      paramLabel = "NAME=V,...",
      description =
          "Run a job for each value, which {NAME} stands for. V may be a range, A..B."
              + " Several sweeps give all combinations.")
  private List<String> sweeps = new ArrayList<>();

  @Option(
      names = "--colsep",
      paramLabel = "REGEX",
      description = "Split each line into columns, which {1}, {2}, ... stand for.")
  private @Nullable String columns;

  @Option(
      names = {"-0", "--null"},
      description = "Lines end with a NUL character, as those of find -print0.")
  private boolean nul;

  @Option(
      names = {"-d", "--delimiter"},
      paramLabel = "CHAR",
      description = "Lines end with this character.")
  private @Nullable String delimiter;

  @Option(
      names = {"-r", "--no-run-if-empty"},
      description = "Skip blank lines.")
  private boolean skipsEmpty;

  // ---- what a job gets

  @Option(
      names = "--cpus",
      paramLabel = "N",
      description = "Cores of each job, such as 4 or 0.5. Default: 1.")
  private @Nullable Double cpus;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      description = "Memory of each job, such as 8GiB.")
  private @Nullable String memory;

  @Option(
      names = "--enforce",
      paramLabel = "MODE",
      converter = EnforceMode.class,
      description =
          "Limit jobs to their cores and memory: off, best (with what this machine offers) or"
              + " require (with control groups; fails without them). Default: only memory is"
              + " limited, as with best.")
  private @Nullable Enforce enforce;

  @Option(names = "--gpus", paramLabel = "N", description = "GPUs of each job.")
  private @Nullable Double gpus;

  @Option(
      names = {"-j", "--jobs", "-P", "--max-procs"},
      paramLabel = "N",
      description =
          "Run at most N jobs at once: a number, a part of the cores such as 50%%, the number of"
              + " cores plus or minus N such as +2 or -1, or 0 for up to 1000. Jobs then hold no"
              + " cores, unless --cpus is given.")
  private @Nullable String atOnce;

  @Option(
      names = {"--time-limit", "--timeout"},
      paramLabel = "TIME",
      description = "Stop each attempt of a job after that time, such as 30s, 5m or 2h.")
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
  private int retries;

  @Option(
      names = "--shell",
      arity = "0..1",
      paramLabel = "SHELL",
      description =
          "Run the command as a script of sh, or of this shell. Inputs are quoted for it.")
  private @Nullable String shell;

  @Option(
      names = "--env",
      paramLabel = "NAME=VALUE",
      description = "Set an environment variable of the jobs.")
  private List<String> environment = new ArrayList<>();

  @Option(
      names = {"--working-dir", "--wd", "--workdir"},
      paramLabel = "FOLDER",
      description = "Run the jobs in this folder.")
  private @Nullable Path folder;

  @Option(
      names = "--stdin",
      paramLabel = "FILE",
      description = "What the jobs read as standard input. Default: nothing.")
  private @Nullable Path stdin;

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
  private @Nullable Path resume;

  // ---- where jobs run

  @Option(
      names = "--workers",
      paramLabel = "HOST:PORT",
      split = ",",
      description = "Run the jobs on these workers.")
  private List<String> workers = new ArrayList<>();

  @Option(
      names = "--key",
      paramLabel = "FILE",
      description =
          "The cluster key file. Default: grain/cluster.key in your configuration directory.")
  private @Nullable Path key;

  @Option(
      names = "--insecure",
      description = "Use plain text, for workers that run with --insecure.")
  private boolean insecure;

  // ---- what is shown

  @Option(
      names = {"-k", "--keep-order"},
      description = "Print the output of jobs in the order of the inputs.")
  private boolean keepsOrder;

  @Option(names = "--group", description = "Print the output of a job when the job has ended.")
  private boolean grouped;

  @Option(names = "--tag", description = "Print the input and a tab in front of each line.")
  private boolean tagged;

  @Option(
      names = {"--output", "-o"},
      paramLabel = "FOLDER",
      description =
          "Write output to files there, such as 000012.out and 000012.err, and a table of"
              + " all jobs to jobs.tsv, instead of printing it.")
  private @Nullable Path output;

  @Option(names = "--json", description = "Print a JSON object for each job, one in a line.")
  private boolean json;

  @Option(
      names = "--joblog",
      paramLabel = "FILE",
      description = "Write a line for each job, in the format of GNU parallel.")
  private @Nullable Path joblog;

  @Option(
      names = {"--dry-run", "--dryrun"},
      description = "Print the commands without running them.")
  private boolean dryRun;

  @Option(
      names = {"--quiet", "--silent"},
      description = "Show neither the progress line nor the table at the end.")
  private boolean quiet;

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
  private List<String> command = new ArrayList<>();

  private List<List<String>> given = List.of();

  @SuppressWarnings("NullAway.Init") // picocli sets the others
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
  public static int run(String... arguments) {
    return run(Console.ofProcess(), true, null, arguments);
  }

  /** Runs the command with other streams; signals do what they did. */
  static int run(InputStream in, PrintStream out, PrintStream err, String... arguments) {
    return run(Console.of(in, out, err), false, new PrintStream[] {out, err}, arguments);
  }

  private static int run(
      Console console, boolean ownsProcess, PrintStream @Nullable [] streams, String... arguments) {
    RunCommand run = new RunCommand(console, ownsProcess);
    CommandLine line = new CommandLine(run).setParameterExceptionHandler(RunCommand::onMistake);
    // a command's own @names and quotes are the command's
    line.setExpandAtFiles(false).setUsageHelpWidth(WIDTH);
    if (streams != null) {
      line.setOut(new PrintWriter(streams[0], true, StandardCharsets.UTF_8));
      line.setErr(new PrintWriter(streams[1], true, StandardCharsets.UTF_8));
    }
    Arguments split = Arguments.of(Arrays.asList(arguments), line.getCommandSpec());
    run.given = split.sources();
    List<String> words = new ArrayList<>(split.options());
    words.add("--");
    words.addAll(split.command());
    return line.execute(words.toArray(String[]::new));
  }

  private static int onMistake(ParameterException mistake, String[] arguments) {
    CommandLine line = mistake.getCommandLine();
    PrintWriter err = line.getErr();
    err.println("grain run: " + mistake.getMessage() + advice(mistake, line));
    err.println("'grain run --help' has examples and lists the options.");
    err.flush();
    return USAGE;
  }

  private static String advice(ParameterException mistake, CommandLine line) {
    if (!(mistake instanceof UnmatchedArgumentException unknown) || !unknown.isUnknownOption()) {
      return "";
    }
    String written = unknown.getUnmatched().getFirst();
    String ofParallel = ParallelFlags.advice(written);
    if (ofParallel != null) {
      return "; " + ofParallel;
    }
    int value = written.indexOf('=');
    String near =
        Spelling.nearest(
            value < 0 ? written : written.substring(0, value),
            line.getCommandSpec().optionsMap().keySet());
    return near == null ? "" : "; did you mean " + near + "?";
  }

  private ParameterException mistake(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  @Override
  public Integer call() {
    ensureConsistent();
    Inputs inputs = inputs();
    Template template = template(inputs);
    if (dryRun) {
      return new DryRun(template, inputs, console).run();
    }
    return new Session(plan(template, inputs), console, ownsProcess).run();
  }

  private void ensureConsistent() {
    if (command.isEmpty() && given.isEmpty() && !hasSources()) {
      throw mistake("there is no command. Write one, such as: grain run gzip {} ::: *.log");
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
      throw mistake("--key and --insecure are for --workers, which is missing.");
    }
    if (!workers.isEmpty() && enforce != null) {
      throw mistake(
          "--enforce is for jobs on this machine. Workers have a flag of their own: grain-worker"
              + " --enforce=%s".formatted(enforce.name().toLowerCase(Locale.ROOT)));
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

  private boolean hasSources() {
    return !lines.isEmpty() || !ranges.isEmpty() || !sweeps.isEmpty();
  }

  // ---------------------------------------------------------------- inputs

  private Inputs inputs() {
    List<Source> sources = new ArrayList<>();
    lines.forEach(file -> sources.add(new Source("", false, lines(file))));
    ranges.forEach(range -> sources.add(new Source("", false, range(range))));
    sweeps.forEach(sweep -> sources.add(sweep(sweep, sources)));
    given.forEach(words -> addGiven(words, sources));
    long ofStdin =
        sources.stream()
            .filter(each -> each.values() instanceof Source.Lines read && read.file() == null)
            .count();
    if (ofStdin > 1) {
      throw mistake("standard input can be read once only, but two sources are -.");
    }
    if (columns != null && sources.size() != 1) {
      throw mistake("--colsep needs exactly one source of inputs, such as --lines FILE.");
    }
    return new Inputs(sources, columns == null ? null : columnsPattern(columns));
  }

  private Pattern columnsPattern(String text) {
    try {
      return Pattern.compile(text);
    } catch (PatternSyntaxException e) {
      throw mistake(
          "--colsep: '%s' is no regular expression: %s".formatted(text, e.getDescription()));
    }
  }

  private Source.Lines lines(String file) {
    return new Source.Lines(
        file.equals("-") ? null : Path.of(file), delimiterByte(), skipsEmpty, console.in());
  }

  private byte delimiterByte() {
    if (delimiter == null) {
      return nul ? 0 : (byte) '\n';
    }
    String text = delimiter.replace("\\n", "\n").replace("\\t", "\t").replace("\\0", "\0");
    if (text.length() != 1 || text.charAt(0) > 127) {
      throw mistake(
          "--delimiter: '%s' is not one ASCII character; \\n, \\t and \\0 are known as well"
              .formatted(delimiter));
    }
    return (byte) text.charAt(0);
  }

  private Source.Range range(String text) {
    Source.Range range = toRange(text);
    if (range == null) {
      throw mistake(
          "--range: '%s' is not a range; write it like 0..99, or 0..99:5 for every fifth"
              .formatted(text));
    }
    return range;
  }

  private static Source.@Nullable Range toRange(String text) {
    Matcher matcher = RANGE.matcher(text);
    return matcher.matches()
        ? new Source.Range(
            Long.parseLong(matcher.group(1)),
            Long.parseLong(matcher.group(2)),
            matcher.group(3) == null ? 1 : Long.parseLong(matcher.group(3)))
        : null;
  }

  private Source sweep(String text, List<Source> others) {
    int equals = text.indexOf('=');
    String name = equals < 0 ? text : text.substring(0, equals);
    if (equals < 0 || !NAME.matcher(name).matches()) {
      throw mistake(
          "--sweep: '%s' is not NAME=VALUE,...; a name begins with a letter and has letters,"
                  .formatted(text)
              + " digits, _ and -");
    }
    if (others.stream().anyMatch(each -> each.name().equals(name))) {
      throw mistake("--sweep: %s is there twice. Write all its values in one.".formatted(name));
    }
    String values = text.substring(equals + 1);
    Source.Range range = toRange(values);
    return new Source(
        name,
        false,
        range == null ? new Source.Listed(Arrays.asList(values.split(",", -1))) : range);
  }

  private void addGiven(List<String> words, List<Source> sources) {
    String mark = words.getFirst();
    List<String> values = words.subList(1, words.size());
    boolean linked = mark.endsWith(Arguments.LINKED);
    if (linked && sources.isEmpty()) {
      throw mistake(mark + " needs a source before it to go along with.");
    }
    if (mark.startsWith(Arguments.FILES)) {
      if (values.isEmpty()) {
        throw mistake(mark + " needs a file.");
      }
      values.forEach(file -> sources.add(new Source("", linked, lines(file))));
    } else {
      sources.add(new Source("", linked, new Source.Listed(values)));
    }
  }

  // ---------------------------------------------------------------- the command

  private Template template(Inputs inputs) {
    Map<String, String> variables = new LinkedHashMap<>();
    for (String each : environment) {
      int equals = each.indexOf('=');
      if (equals < 0 || !VARIABLE.matcher(each.substring(0, equals)).matches()) {
        throw mistake("--env: '%s' is not NAME=VALUE".formatted(each));
      }
      variables.put(each.substring(0, equals), each.substring(equals + 1));
    }
    try {
      Path place = folder == null && workers.isEmpty() ? null : folder;
      return new Template(
          command,
          new Template.Setting(
              shell == null ? "" : shell,
              variables,
              place,
              stdin == null || !workers.isEmpty() ? stdin : stdin.toAbsolutePath()),
          inputs);
    } catch (IllegalArgumentException e) {
      throw mistake(String.valueOf(e.getMessage()));
    }
  }

  // ---------------------------------------------------------------- jobs

  private Plan plan(Template template, Inputs inputs) {
    boolean remote = !workers.isEmpty();
    try {
      int places = atOnce == null ? 0 : places(atOnce);
      return new Plan(
          template,
          inputs,
          jobOptions(remote, places),
          runOptions(remote, places),
          remote,
          // here, each job asks for one of the places
          remote ? places : 0,
          halt != null ? halt : keepGoing ? Halt.NEVER : Halt.AT_FIRST_FAILURE,
          resume,
          display());
    } catch (IllegalArgumentException e) {
      throw mistake(String.valueOf(e.getMessage()));
    }
  }

  private Plan.Display display() {
    Plan.Order order =
        keepsOrder
            ? Plan.Order.BY_NUMBER
            : grouped || retries > 0 ? Plan.Order.GROUPED : Plan.Order.LINES;
    return new Plan.Display(
        order, tagged, json, quiet, output == null ? null : output.toAbsolutePath(), joblog);
  }

  private int places(String text) {
    Matcher matcher = AT_ONCE.matcher(text);
    if (!matcher.matches()) {
      throw mistake("--jobs: '%s' is not a number, such as 8, 50%%, +2 or -1".formatted(text));
    }
    int number = Integer.parseInt(matcher.group(2));
    int cores = Runtime.getRuntime().availableProcessors();
    if (!matcher.group(3).isEmpty()) {
      number = (int) Math.min(Integer.MAX_VALUE, (long) cores * number / 100);
      return Math.max(1, signed(matcher.group(1), number, cores));
    }
    return number == 0 && matcher.group(1).isEmpty()
        ? AS_MANY_AS_POSSIBLE
        : Math.max(1, signed(matcher.group(1), number, cores));
  }

  private static int signed(String sign, int number, int cores) {
    return switch (sign) {
      case "+" -> cores + number;
      case "-" -> cores - number;
      default -> number;
    };
  }

  private JobOptions jobOptions(boolean remote, int places) {
    boolean takesPlace = places > 0 && !remote;
    Resource request = takesPlace && cpus == null ? custom(SLOTS, 1) : cpu(cpus == null ? 1 : cpus);
    if (takesPlace && cpus != null) {
      request = request.and(custom(SLOTS, 1));
    }
    if (memory != null) {
      request = request.and(memory(memory));
    }
    if (gpus != null) {
      request = request.and(gpu(gpus));
    }
    JobOptions options = JobOptions.of(request).retries(retries);
    return timeLimit == null ? options : options.timeout(time("--time-limit", timeLimit));
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

  private RunOptions runOptions(boolean remote, int places) {
    RunOptions options = RunOptions.defaults().progress(!quiet);
    if (grace != null) {
      options = options.cancelGrace(time("--grace", grace));
    }
    if (resume != null) {
      options = options.journal(resume);
    }
    if (remote) {
      options = options.workers(workers);
      options = key == null ? options : options.key(key);
      return insecure ? options.insecure() : options;
    }
    options = options.local(offer(places));
    return enforce == null ? options : options.enforce(enforce);
  }

  /** Returns what this machine has; programs take their memory from it and not from the heap. */
  private static Resource offer(int places) {
    Offer machine = Detection.detect();
    Resource offer = cpu(Math.max(1, machine.coreCount())).and(memory(machine.memory()));
    if (!machine.gpus().isEmpty()) {
      offer = offer.and(gpu(machine.gpus().size()));
    }
    return places == 0 ? offer : offer.and(custom(SLOTS, places));
  }
}
