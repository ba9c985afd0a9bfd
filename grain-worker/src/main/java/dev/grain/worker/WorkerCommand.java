package dev.grain.worker;

import static java.util.Objects.requireNonNullElse;
import static java.util.Objects.requireNonNullElseGet;

import dev.grain.Enforce;
import dev.grain.node.confine.EnforcementSettings;
import dev.grain.prepare.PreparationCache;
import dev.grain.resource.internal.Offer;
import dev.grain.text.Durations;
import dev.grain.text.MemoryUnit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;

/**
 * The command {@code grain-worker}: turns its flags into {@link WorkerOptions} and runs on them.
 */
final class WorkerCommand implements Callable<Integer> {
  /** An end that is further away is none. */
  private static final Duration LONGEST = Duration.ofDays(10_000);

  private static final String[] FOOTER = {
    "  XDG_CONFIG_HOME   the configuration directory; default: ~/.config",
    "  XDG_CACHE_HOME    the cache directory; default: ~/.cache",
    "  SLURM_JOB_END_TIME  set by Slurm; the default of --until",
    "  GRAIN_JAVA_OPTS   additional JVM flags; they override those of the launcher",
    "  JAVA_HOME         the Java 25 to run on",
    "",
    "Examples:",
    "  grain-worker                             listens on port 4242",
    "  grain-worker --port 0 --once             listens on any free port, for one run",
    "  grain-worker --head login1:4300          connects to the program there",
    "  grain-worker --cpus 8 --memory 24GiB --resource TEMPERATURE_SENSOR=1",
    "  grain-worker --respawn                   restarts after a crash",
    "  grain-worker --config worker.yaml        reads its flags from a file",
    "",
    "When the worker is ready, it prints one line to standard output:",
    "  grain-worker NAME ready on HOST:PORT: ...",
    "Log messages go to standard error, or to the file of --log-file.",
    "",
    "The line also shows how the cores and memory of jobs are enforced. Control",
    "groups work best. To use them, delegate a control group to the worker:",
    "  systemd-run --user --scope -p Delegate=yes bin/grain-worker",
    "In the unit of a service, set Delegate=yes. In a container, make",
    "/sys/fs/cgroup writable. Without control groups, processes are pinned by their",
    "CPU affinity, which they can change, and their memory is sampled a few times a",
    "second.",
    "",
    "SIGTERM, SIGINT and SIGHUP drain the worker: it takes no new jobs, lets running",
    "jobs end within the limit of --drain, returns the others, and ends. A second",
    "signal, at least a second later, ends it at once. It also drains when a job runs",
    "out of memory, and in time to end by --until.",
    "",
    "Retries of failed jobs are set in the program: JobOptions.retries and backoff.",
    "Jobs of a worker that is lost, and jobs that a worker cannot start, run",
    "elsewhere in any case.",
  };

  /** Runs a worker to its end. */
  @FunctionalInterface
  interface Life {
    /** Returns the exit code. */
    int run(WorkerOptions options) throws InterruptedException;
  }

  private final Supplier<Host> hosts;
  private final Life life;

  private final CommandSpec spec = CommandSpec.wrapWithoutInspection(this);
  private final WorkerFlags flags = new WorkerFlags();

  /**
   * Prepares the command.
   *
   * @param hosts asked once the command line is known to be right
   */
  private WorkerCommand(Supplier<Host> hosts, Life life) {
    this.hosts = hosts;
    this.life = life;
  }

  /** Returns the command with what belongs to it: messages, exit codes. */
  static CommandLine commandLine(Supplier<Host> hosts, Life life) {
    WorkerCommand command = new WorkerCommand(hosts, life);
    command.declare();
    return new CommandLine(command.spec)
        .setParameterExceptionHandler(new Mistakes())
        .setExecutionStrategy(command::execute);
  }

  private void declare() {
    spec.name("grain-worker").versionProvider(new Version());
    spec.usageMessage()
        .description("Runs jobs of programs that use Grain on this machine.")
        .sortOptions(false)
        .autoWidth(true)
        .exitCodeListHeading("%nExit codes:%n")
        .exitCodeList(ExitCode.meanings())
        .footerHeading("%nEnvironment:%n")
        .footer(FOOTER);
    flags.addTo(spec);
    spec.addOption(
        OptionSpec.builder("-h", "--help")
            .usageHelp(true)
            .description("Show this help message and exit.")
            .build());
    spec.addOption(
        OptionSpec.builder("-V", "--version")
            .versionHelp(true)
            .description("Print version information and exit.")
            .build());
  }

  private int execute(ParseResult given) {
    Path config = flags.config();
    if (config == null || given.isUsageHelpRequested() || given.isVersionHelpRequested()) {
      return new RunLast().execute(given);
    }
    return new RunLast().execute(ConfigArguments.parse(given, config));
  }

  @Override
  public Integer call() throws InterruptedException {
    ensureConsistent();
    Host here = hosts.get();
    if (flags.purge()) {
      return purge(requireNonNullElseGet(flags.cacheFolder(), here::cacheFolder));
    }
    if (flags.respawn() && !here.respawning()) {
      throw mistake(
          "--respawn works only with the launcher: start the worker by bin/grain-worker.");
    }
    Instant end = end(here);
    OfferFlags offered =
        new OfferFlags(flags.cpus(), flags.memory(), flags.heap() != null, flags.resources());
    WorkerOptions options = options(here, offer(offered, here), end);
    String warning = offered.warningOn(here);
    if (warning != null) {
      spec.commandLine().getErr().println("grain-worker: " + warning);
    }
    return life.run(options);
  }

  private int purge(Path cache) {
    if (flags.cacheFolder() != null && Files.notExists(cache)) {
      throw mistake("--purge: the folder %s of --cache-dir does not exist.".formatted(cache));
    }
    if (Files.exists(cache) && !Files.isDirectory(cache)) {
      throw mistake(
          "--purge: %s is a file, and not a folder. Name the folder of the cache by --cache-dir."
              .formatted(cache));
    }
    try {
      long bytes = new PreparationCache(cache).purge();
      spec.commandLine()
          .getOut()
          .println(
              "grain-worker: removed %s of checkouts, environments and images of %s"
                  .formatted(MemoryUnit.readable(bytes), cache));
      return 0;
    } catch (IOException e) {
      throw mistake("--purge: the cache cannot be emptied (%s).".formatted(e));
    }
  }

  private void ensureConsistent() {
    if (flags.insecure() && flags.key() != null) {
      throw mistake("--key and --insecure exclude each other. Remove one of them.");
    }
    if (flags.host() != null && flags.port() == null && !flags.heads().isEmpty()) {
      throw mistake("--host is an address to listen on. Add --port, or remove --host.");
    }
    Integer most = flags.maxProcesses();
    if (most != null && most < 1) {
      throw mistake("--max-processes %s: a job needs at least 1 process.".formatted(most));
    }
    if (most != null && flags.enforce() == Enforce.OFF) {
      throw mistake("--max-processes has no effect with --enforce=off. Remove one of them.");
    }
    if (flags.respawn() && Integer.valueOf(0).equals(flags.port())) {
      throw mistake(
          "--respawn needs a fixed port: --port 0 would take another port after each "
              + "restart.");
    }
    if (flags.respawn() && flags.until() instanceof Until.After) {
      throw mistake(
          "--respawn would count --until from each restart. Give a date and time, such as "
              + "2026-03-01T18:30.");
    }
  }

  /** Returns when its time is over; null if it is unlimited. */
  private @Nullable Instant end(Host here) {
    Until said = flags.until();
    String where = "--until";
    if (said == null) {
      said = Until.ofSlurm(here.environment().get(Until.SLURM));
      where = Until.SLURM;
    }
    if (said == null) {
      return null;
    }
    Instant end = said.from(here.start());
    if (end.isBefore(here.start())) {
      throw mistake(
          "%s is in the past: %s. Give a time in the future."
              .formatted(where, Until.readable(end, ZoneId.systemDefault())));
    }
    if (!here.start().plus(flags.drain()).isBefore(end)) {
      throw mistake(
          "%s leaves no time for jobs: the worker has to end by %s, and drains for %s before that. Shorten"
                  .formatted(
                      where,
                      Until.readable(end, ZoneId.systemDefault()),
                      Durations.readable(flags.drain()))
              + " --drain, or give more time.");
    }
    return end.isAfter(here.start().plus(LONGEST)) ? null : end;
  }

  private Offer offer(OfferFlags offered, Host here) {
    try {
      return offered.on(here);
    } catch (IllegalArgumentException e) {
      throw mistake(String.valueOf(e.getMessage()));
    }
  }

  private WorkerOptions options(Host here, Offer offer, @Nullable Instant end) {
    return new WorkerOptions(
        flags.host(),
        flags.heads().isEmpty()
            ? requireNonNullElse(flags.port(), WorkerOptions.DEFAULT_PORT)
            : flags.port(),
        flags.heads(),
        offer,
        requireNonNullElse(flags.name(), here.name()),
        flags.key(),
        flags.insecure(),
        requireNonNullElseGet(flags.cacheFolder(), here::cacheFolder),
        flags.cacheBytes(),
        flags.once(),
        flags.drain(),
        flags.grace(),
        end,
        enforcement(),
        flags.pin(),
        flags.log(),
        flags.check());
  }

  private EnforcementSettings enforcement() {
    EnforcementSettings settings = EnforcementSettings.of(flags.enforce());
    Integer most = flags.maxProcesses();
    return most == null ? settings : settings.withMaxProcesses(most);
  }

  private ParameterException mistake(String sentence) {
    return new ParameterException(spec.commandLine(), sentence);
  }
}
