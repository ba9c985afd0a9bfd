package dev.grain.worker;

import static java.util.Objects.requireNonNullElse;
import static java.util.Objects.requireNonNullElseGet;

import dev.grain.resource.internal.Offer;
import dev.grain.text.Durations;
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

/**
 * The command {@code grain-worker}: turns its flags into {@link WorkerOptions} and runs on them.
 */
final class WorkerCommand implements Callable<Integer> {
  /** An end that is further away is none. */
  private static final Duration LONGEST = Duration.ofDays(10_000);

  private static final String[] FOOTER = {
    "  XDG_CONFIG_HOME   the folder of configuration, if it is not ~/.config",
    "  XDG_CACHE_HOME    the folder of caches, if it is not ~/.cache",
    "  SLURM_JOB_END_TIME  the end of the allocation, set by Slurm: as --until",
    "  GRAIN_JAVA_OPTS   further flags for the JVM, after those of the launcher",
    "  JAVA_HOME         the Java 25 to run on",
    "",
    "Examples:",
    "  grain-worker                             listens on port 4242",
    "  grain-worker --port 0 --once             any free port; one run",
    "  grain-worker --head login1:4300          dials the program listening there",
    "  grain-worker --cpus 8 --memory 24GiB --resource TEMPERATURE_SENSOR=1",
    "  grain-worker --respawn                   starts again after a crash",
    "",
    "When it is ready it prints one line to standard output, and nothing else:",
    "  grain-worker NAME ready on HOST:PORT: ...",
    "Messages go to standard error.",
    "",
    "SIGTERM, SIGINT and SIGHUP drain it: it takes no new jobs, lets running ones",
    "end within the limit of --drain, hands the others back, and ends. Another",
    "signal, a second later or more, ends it at once. It drains as well when a job",
    "was out of memory, and in time before --until.",
    "",
    "Whether a job that has failed runs again, and after which time, its program",
    "says: JobOptions.retries and backoff. Jobs of a worker that is lost, or cannot",
    "start them, run elsewhere in any case.",
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
    return new CommandLine(command.spec).setParameterExceptionHandler(new Mistakes());
  }

  private void declare() {
    spec.name("grain-worker").versionProvider(new Version());
    spec.usageMessage()
        .description("Offers this machine to programs that use Grain, and runs their jobs.")
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

  @Override
  public Integer call() throws InterruptedException {
    ensureConsistent();
    Host here = hosts.get();
    if (flags.respawn() && !here.respawning()) {
      throw mistake("--respawn is done by the launcher: start the worker by bin/grain-worker.");
    }
    Instant end = end(here);
    OfferFlags offered = new OfferFlags(flags.cpus(), flags.memory(), flags.resources());
    WorkerOptions options = options(here, offer(offered, here), end);
    String warning = offered.warningOn(here);
    if (warning != null) {
      spec.commandLine().getErr().println("grain-worker: " + warning);
    }
    return life.run(options);
  }

  private void ensureConsistent() {
    if (flags.insecure() && flags.key() != null) {
      throw mistake(
          "--key and --insecure exclude each other: with --insecure there is no key. Leave one "
              + "out.");
    }
    if (flags.host() != null && flags.port() == null && !flags.heads().isEmpty()) {
      throw mistake("--host says where to listen; give --port too, or leave it out.");
    }
    if (flags.respawn() && Integer.valueOf(0).equals(flags.port())) {
      throw mistake(
          "--respawn needs a port that stays: --port 0 would take another one each time.");
    }
    if (flags.respawn() && flags.until() instanceof Until.After) {
      throw mistake(
          "--respawn would count --until from each start anew: give a time of the calendar, such as"
              + " 2026-03-01T18:30.");
    }
  }

  /** Returns when its time is over; null if nobody says. */
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
          "%s names a time that is over: %s. Name one to come."
              .formatted(where, Until.readable(end, ZoneId.systemDefault())));
    }
    if (!here.start().plus(flags.drain()).isBefore(end)) {
      throw mistake(
          "%s leaves it no time for jobs: it has to end by %s, and drains for %s before that. Shorten"
                  .formatted(
                      where,
                      Until.readable(end, ZoneId.systemDefault()),
                      Durations.readable(flags.drain()))
              + " --drain, or give it more time.");
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
        flags.check());
  }

  private ParameterException mistake(String sentence) {
    return new ParameterException(spec.commandLine(), sentence);
  }
}
