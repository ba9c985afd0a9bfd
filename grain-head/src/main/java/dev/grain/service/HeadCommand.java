package dev.grain.service;

import dev.grain.cli.CommandLines;
import dev.grain.cli.Converters;
import dev.grain.cli.HelpFlag;
import dev.grain.client.HeadLocation;
import dev.grain.key.ClusterKey;
import dev.grain.posix.EndSignals;
import dev.grain.service.store.Database;
import dev.grain.service.store.Store;
import dev.grain.service.store.StoreException;
import dev.grain.wire.Address;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The commands around the process of a head: {@code grain head start} and so on. */
@Command(
    name = "grain head",
    sortOptions = false,
    description = {
      "Runs a head: it keeps jobs, and sends them to the workers that join it.",
      "",
      "  grain head start",
      "  grain head start --background --config /etc/grain/head.yaml",
      "  grain-worker --head HOST:15319",
      "  grain head backup /backup/head.db",
      "",
      "Jobs go on while the head is stopped, and it learns afterwards how they have ended.",
      "The settings are in head.yaml:",
      "",
      "  data: /var/lib/grain        the folder of all that it keeps",
      "  store: postgresql://grain@db:5432/grain    where its tables are, if not there",
      "  listen: 0.0.0.0:15319       where workers dial it",
      "  https: 0.0.0.0:15320        where people and programs call it, see docs/rest.md; the token of",
      "                              the first user is in admin.token in the data folder",
      "  key: /etc/grain/cluster.key the key that it shares with its workers",
      "  worker: true                start a worker on this machine, too",
      "  defaults: {cpu: 1, memory: 2GiB}    the request of jobs that make none",
      "  queue: raffle               or fifo, or strict",
      "  retention: {jobs: 90 d, audit: 365 d, blobs: 7 d}",
      "  limits: {orphans: 1 h, workers: 1 min}     how long workers keep the jobs of a head that",
      "                              is away, and it waits for workers that are away"
    },
    scope = ScopeType.INHERIT,
    parameterListHeading = "%n",
    optionListHeading = "%nOptions:%n",
    commandListHeading = "%nCommands:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done; of status: it runs",
      "1:the head cannot be used; of status: it does not run",
      "2:the command line or the file is wrong",
      "3:of start --background: it runs already"
    })
final class HeadCommand implements Runnable {
  private static final String FILE = "head.yaml";
  private static final int RUNS_ALREADY = 3;
  private static final String LOOPBACK = "127.0.0.1";
  private static final Duration IDLE = Duration.ofMinutes(10);

  private final Map<String, String> variables;

  @Spec private CommandSpec spec;

  @Mixin
  @SuppressWarnings("UnusedVariable") // picocli does what it stands for
  private final HelpFlag help = new HelpFlag();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description =
          "The file with the settings. Default: grain/head.yaml in the folder for configuration, such as ~/.config, if it exists.")
  private @Nullable Path config;

  @SuppressWarnings("NullAway.Init") // picocli sets the others
  private HeadCommand(Map<String, String> variables) {
    this.variables = variables;
  }

  /** Returns the command as picocli describes it. */
  static CommandLine model() {
    return new CommandLine(new HeadCommand(Map.of()));
  }

  /** Runs the command, and returns the exit code. */
  static int run(
      PrintStream out, PrintStream err, Map<String, String> variables, String... arguments) {
    return CommandLines.of(new HeadCommand(variables), out, err).execute(arguments);
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "the command is missing; " + CommandLines.commands(spec.commandLine()));
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  private HeadSettings settings() {
    HeadSettings usual = HeadSettings.of(HeadLocation.ownFolder(variables));
    Path usualFile = ClusterKey.defaultPath().resolveSibling(FILE);
    if (config != null) {
      return HeadFile.read(config, usual, variables);
    }
    return Files.exists(usualFile) ? HeadFile.read(usualFile, usual, variables) : usual;
  }

  private static Database database(HeadSettings settings) {
    Database database = settings.database();
    return database == null ? new Database.Embedded(settings.data()) : database;
  }

  /** Does something, and passes errors on as the command line tells them. */
  private static int tell(Doing doing) {
    try {
      return doing.run();
    } catch (HeadException | StoreException e) {
      throw new IllegalStateException(e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("The command was interrupted.", e);
    }
  }

  private interface Doing {
    int run() throws InterruptedException;
  }

  // ---------------------------------------------------------------- start and stop

  @Command(
      name = "start",
      description = {
        "Starts the head, and ends with it. SIGTERM ends it; jobs that run go on.",
        "When it is ready, it prints one line:",
        "  grain-head ready on HOST:PORT: ..."
      })
  int start(
      @Option(
              names = "--background",
              description =
                  "Return when the head is ready. It goes on by itself, and logs to head.log in its data folder.")
          boolean background,
      @Option(
              names = "--local",
              description =
                  "Start a head for this machine alone: it can only be reached from here, has a worker beside it, which ends with it, and ends itself when it is idle. 'grain run --detach' starts one if there is no head.")
          boolean local,
      @Option(
              names = "--idle",
              paramLabel = "TIME",
              converter = Converters.Time.class,
              description =
                  "End when there were neither jobs nor calls for this long. Default: never; 10m with --local.")
          @Nullable Duration idle) {
    HeadSettings settings = local ? local(settings()) : settings();
    return tell(() -> {
      if (!background) {
        return startHere(idle == null ? settings : settings.withIdle(idle));
      }
      List<String> words = new ArrayList<>(List.of("head", "start"));
      if (local) {
        words.add("--local");
      }
      if (idle != null) {
        words.addAll(List.of("--idle", idle.toMillis() + "ms"));
      }
      if (config != null) {
        words.addAll(List.of("--config", config.toAbsolutePath().toString()));
      }
      return startApart(settings, words);
    });
  }

  /** Returns the settings of a head that only this machine reaches. */
  private static HeadSettings local(HeadSettings settings) {
    Address any = new Address(LOOPBACK, 0);
    Address wire = WorkerBeside.dials(settings.data()).filter(HeadCommand::isFree).orElse(any);
    Defaults defaults = settings.defaults();
    return settings
        .withListen(wire)
        .withHttps(any)
        .withWorker(defaults.equals(Defaults.USUAL) ? Defaults.ofThisMachine() : defaults)
        .withIdle(IDLE);
  }

  /** Returns whether a head can listen where its worker, which has survived it, dials. */
  private static boolean isFree(Address address) {
    if (!address.host().equals(LOOPBACK)) {
      return false;
    }
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(address.host(), address.port()));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private int startHere(HeadSettings settings) throws InterruptedException {
    CompletableFuture<@Nullable Throwable> end = new CompletableFuture<>();
    EndSignals.onFirst(_ -> end.complete(null));
    try (HeadProcess head = HeadProcess.start(settings)) {
      var _ = head.broken().thenAccept(end::complete);
      out()
          .println(
              "grain-head ready on %s: %s jobs that have not ended; data in %s; https://%s with the key %s"
                  .formatted(
                      head.address(),
                      head.loaded(),
                      settings.data(),
                      head.https(),
                      head.fingerprint()));
      Throwable broken = await(end, head, settings.idle());
      if (broken != null) {
        throw new HeadException(
            "The head ends because of an error: %s. What was acknowledged is stored; start it again."
                .formatted(broken),
            broken);
      }
    }
    return 0;
  }

  /** Returns why it must end; null if it was told to, or has nothing to do. */
  private static @Nullable Throwable await(
      CompletableFuture<@Nullable Throwable> end, HeadProcess head, @Nullable Duration idle)
      throws InterruptedException {
    if (idle == null) {
      return end.join();
    }
    // often enough for a while that is short, and seldom enough for one that is long
    long turn = Math.clamp(idle.toMillis() / 4, 10, 15_000);
    while (true) {
      try {
        return end.get(turn, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        if (head.isIdle(idle)) {
          return null;
        }
      } catch (ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private int startApart(HeadSettings settings, List<String> words) throws InterruptedException {
    if (runsAlready(settings.data())) {
      return RUNS_ALREADY;
    }
    Path log = settings.data().resolve("head.log");
    try {
      Files.createDirectories(settings.data());
      long before = Files.exists(log) ? Files.size(log) : 0;
      String ready = Background.start(log, words);
      if (ready == null) {
        if (runsAlready(settings.data())) {
          return RUNS_ALREADY;
        }
        byte[] all = Files.readAllBytes(log);
        throw new HeadException(
            new String(all, (int) before, all.length - (int) before, StandardCharsets.UTF_8)
                .strip());
      }
      out().println(ready);
      return 0;
    } catch (IOException e) {
      throw new HeadException(
          "The head cannot be started in the background: %s.".formatted(e.getMessage()), e);
    }
  }

  private boolean runsAlready(Path data) {
    OptionalLong holder = DataFolder.holder(data);
    if (holder.isPresent()) {
      spec.commandLine()
          .getErr()
          .println(
              "grain head start: The head runs already, as the process %s."
                  .formatted(holder.getAsLong()));
    }
    return holder.isPresent();
  }

  @Command(name = "stop", description = "Stops the head, and returns when it has ended.")
  int stop() {
    return tell(() -> {
      Path data = settings().data();
      OptionalLong holder = DataFolder.holder(data);
      if (holder.isEmpty()) {
        throw new HeadException("No head runs with the data in %s.".formatted(data));
      }
      ProcessHandle process =
          ProcessHandle.of(holder.getAsLong())
              .orElseThrow(() ->
                  new HeadException(
                      "The head with the data in %s runs on another machine. Stop it there."
                          .formatted(data)));
      if (!process.destroy()) {
        throw new HeadException(
            "The head, process %s, cannot be stopped by this user.".formatted(process.pid()));
      }
      process.onExit().join();
      out().println("The head, process %s, has ended.".formatted(process.pid()));
      return 0;
    });
  }

  @Command(name = "status", description = "Prints whether the head runs.")
  int status() {
    return tell(() -> {
      Path data = settings().data();
      OptionalLong holder = DataFolder.holder(data);
      if (holder.isEmpty()) {
        out()
            .println(
                "No head runs with the data in %s. Start it by 'grain head start'."
                    .formatted(data));
        return 1;
      }
      List<String> published = DataFolder.published(data);
      out()
          .println(
              "The head runs as the process %s, with the data in %s; %s."
                  .formatted(
                      holder.getAsLong(),
                      data,
                      published.isEmpty()
                          ? "it is starting"
                          : "workers dial %s, and it serves %s"
                              .formatted(published.getFirst(), published.getLast())));
      return 0;
    });
  }

  // ---------------------------------------------------------------- what is stored

  @Command(
      name = "backup",
      description = {
        "Copies the tables of the head to a file, as they are at one moment, while it runs or not.",
        "Copy the folder blobs of its data after that: files in it never change."
      })
  int backup(
      @Parameters(paramLabel = "FILE", description = "A file that does not exist.") Path file) {
    return tell(() -> {
      Store.backup(database(settings()), file);
      out().println("The tables of the head are in %s.".formatted(file));
      return 0;
    });
  }

  @Command(
      name = "verify",
      description = "Checks the tables of the head for damage, while it runs or not.")
  int verify() {
    return tell(() -> {
      List<String> wrong = Store.verify(database(settings()));
      if (!wrong.isEmpty()) {
        throw new HeadException(
            "The database of the head is damaged. Restore a backup. What is wrong:\n"
                + String.join("\n", wrong));
      }
      out().println("The database of the head is in order.");
      return 0;
    });
  }

  @Command(
      name = "reset-admin",
      description = {
        "Makes a new token of an admin, for when all others are lost. The head must be stopped.",
        "The token is in the file admin.token in its data folder."
      })
  int resetAdmin() {
    return tell(() -> {
      HeadSettings settings = settings();
      try (DataFolder _ = DataFolder.take(settings.data());
          Store store = Store.open(database(settings))) {
        Path file = FirstAdmin.reset(store, settings.data(), Instant.now());
        out().println("A new token of an admin is in %s.".formatted(file));
        return 0;
      } catch (IOException e) {
        throw new HeadException("The token cannot be written: %s.".formatted(e.getMessage()), e);
      }
    });
  }
}
