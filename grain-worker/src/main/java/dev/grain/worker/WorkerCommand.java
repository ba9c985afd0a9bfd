package dev.grain.worker;

import dev.grain.resource.internal.Offer;
import dev.grain.wire.Address;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command {@code grain-worker}: turns its flags into {@link WorkerOptions} and runs on them.
 */
@Command(
    name = "grain-worker",
    description = "Offers this machine to programs that use Grain, and runs their jobs.",
    versionProvider = Version.class,
    mixinStandardHelpOptions = true,
    sortOptions = false,
    usageHelpAutoWidth = true,
    exitCodeListHeading = "%nExit codes:%n",
    footerHeading = "%nEnvironment:%n",
    footer = {
      "  XDG_CONFIG_HOME   the folder of configuration, if it is not ~/.config",
      "  XDG_CACHE_HOME    the folder of caches, if it is not ~/.cache",
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
      "signal, a second later or more, ends it at once.",
    })
final class WorkerCommand implements Callable<Integer> {
  private static final String DEFAULT_CACHE = "10GiB";
  private static final String DEFAULT_DRAIN = "30s";

  /** Runs a worker to its end. */
  @FunctionalInterface
  interface Life {
    /** Returns the exit code. */
    int run(WorkerOptions options) throws InterruptedException;
  }

  private final Supplier<Host> hosts;
  private final Life life;

  @Spec private CommandSpec spec;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      converter = Converters.Port.class,
      description =
          "Listens on this port for heads; 0 takes any free one. Without --port and --head: 4242.")
  private @Nullable Integer port;

  @Option(
      names = "--host",
      paramLabel = "HOST",
      description = "Listens on this name or address only. Default: on all of this machine.")
  private @Nullable String host;

  @Option(
      names = "--head",
      paramLabel = "HOST:PORT",
      converter = Converters.Where.class,
      description =
          "Dials the head that listens there, again and again until it is there, and waits for the "
              + "next one when a run ends. May be given several times.")
  private List<Address> heads = List.of();

  @Option(
      names = "--cpus",
      paramLabel = "N",
      description = "Offers this many cores. Default: those that this process may use.")
  private @Nullable Integer cpus;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      converter = Converters.Size.class,
      description =
          "Offers this much memory, for example 24GiB; the heap is a tenth larger. Default: 80%% of "
              + "what this process may use.")
  private @Nullable Long memory;

  @Option(
      names = "--resource",
      paramLabel = "NAME=AMOUNT",
      description = "Offers a kind of your own. May be given several times.")
  private List<String> resources = List.of();

  @Option(
      names = "--name",
      paramLabel = "NAME",
      converter = Converters.Name.class,
      description = "What it is called in messages and tables. Default: the name of the machine.")
  private @Nullable String name;

  @Option(
      names = "--key",
      paramLabel = "FILE",
      description =
          "The file of the cluster key. Default: grain/cluster.key in your folder of configuration, "
              + "which is made on first use.")
  private @Nullable Path key;

  @Option(
      names = "--insecure",
      description =
          "Talks plain text, without a key: whoever reaches the port can run programs here.")
  private boolean insecure;

  @Option(
      names = "--cache-dir",
      paramLabel = "FOLDER",
      description =
          "Where the code of programs is kept. Default: the folder grain among your caches.")
  private @Nullable Path cacheFolder;

  @Option(
      names = "--cache-size",
      paramLabel = "SIZE",
      defaultValue = DEFAULT_CACHE,
      converter = Converters.Size.class,
      description = "How much code is kept there at most. Default: ${DEFAULT-VALUE}.")
  private long cacheBytes;

  @Option(names = "--once", description = "Ends after the first run.")
  private boolean once;

  @Option(
      names = "--drain",
      paramLabel = "TIME",
      defaultValue = DEFAULT_DRAIN,
      converter = Converters.Time.class,
      description =
          "How long running jobs may take to end when the worker is told to end, for example 30s "
              + "or 5m. Default: ${DEFAULT-VALUE}.")
  private Duration drain;

  @Option(
      names = "--respawn",
      description =
          "Starts the worker again, on the same port, when it was killed, was out of memory, or a "
              + "job called System.exit; after 1 s, and up to 30 s if it does not last.")
  private boolean respawn;

  /**
   * Prepares the command.
   *
   * @param hosts asked once the command line is known to be right
   */
  @SuppressWarnings("NullAway.Init") // picocli sets the others
  WorkerCommand(Supplier<Host> hosts, Life life) {
    this.hosts = hosts;
    this.life = life;
  }

  /** Returns the command with what belongs to it: messages, exit codes. */
  static CommandLine commandLine(Supplier<Host> hosts, Life life) {
    CommandLine command = new CommandLine(new WorkerCommand(hosts, life));
    command.getCommandSpec().usageMessage().exitCodeList(ExitCode.meanings());
    return command.setParameterExceptionHandler(new Mistakes());
  }

  @Override
  public Integer call() throws InterruptedException {
    ensureConsistent();
    Host here = hosts.get();
    if (respawn && !here.respawning()) {
      throw mistake("--respawn is done by the launcher: start the worker by bin/grain-worker.");
    }
    OfferFlags flags = new OfferFlags(cpus, memory, resources);
    WorkerOptions options = options(here, offer(flags, here));
    String warning = flags.warningOn(here);
    if (warning != null) {
      spec.commandLine().getErr().println("grain-worker: " + warning);
    }
    return life.run(options);
  }

  private void ensureConsistent() {
    if (insecure && key != null) {
      throw mistake(
          "--key and --insecure exclude each other: with --insecure there is no key. Leave one "
              + "out.");
    }
    if (host != null && port == null && !heads.isEmpty()) {
      throw mistake("--host says where to listen; give --port too, or leave it out.");
    }
    if (respawn && Integer.valueOf(0).equals(port)) {
      throw mistake(
          "--respawn needs a port that stays: --port 0 would take another one each time.");
    }
  }

  private Offer offer(OfferFlags flags, Host here) {
    try {
      return flags.on(here);
    } catch (IllegalArgumentException e) {
      throw mistake(String.valueOf(e.getMessage()));
    }
  }

  private WorkerOptions options(Host here, Offer offer) {
    return new WorkerOptions(
        host,
        port == null && heads.isEmpty() ? Integer.valueOf(WorkerOptions.DEFAULT_PORT) : port,
        heads,
        offer,
        name == null ? here.name() : name,
        key,
        insecure,
        cacheFolder == null ? here.cacheFolder() : cacheFolder,
        cacheBytes,
        once,
        drain);
  }

  private ParameterException mistake(String sentence) {
    return new ParameterException(spec.commandLine(), sentence);
  }
}
