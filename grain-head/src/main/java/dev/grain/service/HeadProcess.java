package dev.grain.service;

import dev.grain.key.ClusterKey;
import dev.grain.key.Security;
import dev.grain.key.ServerKey;
import dev.grain.service.api.JobService;
import dev.grain.service.api.NodeService;
import dev.grain.service.blob.BlobRetention;
import dev.grain.service.blob.Blobs;
import dev.grain.service.http.HttpServer;
import dev.grain.service.http.HttpSettings;
import dev.grain.service.http.Services;
import dev.grain.service.log.LogRetention;
import dev.grain.service.log.Logs;
import dev.grain.service.store.Database;
import dev.grain.service.store.Jobs;
import dev.grain.service.store.Store;
import dev.grain.wire.Address;
import dev.grain.wire.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A life of a head: its store and its blobs, the jobs in them, and the port that workers dial.
 *
 * <p>It begins with the jobs that have not ended; workers join after that. When it is closed, or
 * its process dies, workers go on with their jobs, and the next life learns from them what has
 * become of these.
 */
public final class HeadProcess implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("dev.grain.head");

  private final HeadSettings settings;
  private final Clock clock;
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final CompletableFuture<Throwable> broken = new CompletableFuture<>();
  private final DataFolder folder;
  private final Store store;
  private final Blobs blobs;
  private final Logs logs;
  private final HeadJobs jobs;
  private final Engine engine;
  private final Endpoint.Listening listening;
  private final Https https;
  private final int loaded;

  /**
   * Starts it.
   *
   * @throws HeadException if that is not possible
   * @throws dev.grain.service.store.StoreException if the store or the blobs cannot be used
   */
  @SuppressWarnings("this-escape") // nobody has it before the constructor ends
  private HeadProcess(HeadSettings settings, Clock clock) throws InterruptedException {
    this.settings = settings;
    this.clock = clock;
    boolean complete = false;
    try {
      Path data = settings.data();
      this.folder = open(DataFolder.take(data));
      Security security = security(settings.key());
      Database database = settings.database();
      this.store = open(Store.open(database == null ? new Database.Embedded(data) : database));
      this.blobs = Blobs.open(data.resolve("blobs"), Blobs.RESERVE, clock);
      this.logs = open(logs(data.resolve("logs")));
      Ledger ledger = new Ledger(store, new Results(blobs), logs, clock, broken::complete);
      this.engine =
          open(new Engine(store.headId(), settings, security, ledger, clock, broken::complete));
      this.jobs = new HeadJobs(store, engine.client(), ledger, settings.defaults(), clock);
      this.loaded = jobs.load();
      engine.awaitTaken();
      this.listening = listen();
      this.https = serve();
      open(cleaning());
      if (settings.worker()) {
        open(workerBeside());
      }
      folder.publish("https://" + callable(https()), address().toString());
      complete = true;
    } catch (IOException e) {
      throw new HeadException(String.valueOf(e.getMessage()), e);
    } finally {
      if (!complete) {
        close();
      }
    }
  }

  /**
   * Starts a head.
   *
   * @throws HeadException if that is not possible
   * @throws dev.grain.service.store.StoreException if the store or the blobs cannot be used
   */
  public static HeadProcess start(HeadSettings settings) throws InterruptedException {
    return new HeadProcess(settings, Clock.systemUTC());
  }

  private <T extends AutoCloseable> T open(T resource) {
    opened.push(resource);
    return resource;
  }

  private Logs logs(Path folder) {
    try {
      return Logs.open(folder, Blobs.RESERVE, store.read(handle -> new Jobs(handle).lastNumber()));
    } catch (IOException e) {
      throw new HeadException(
          "What jobs print cannot be kept in %s: %s. Let this user write there."
              .formatted(folder, e),
          e);
    }
  }

  private static Security security(@Nullable Path key) {
    try {
      return Security.tls(
          key == null ? ClusterKey.loadOrCreate(ClusterKey.defaultPath()) : ClusterKey.load(key));
    } catch (IOException e) {
      throw new HeadException(String.valueOf(e.getMessage()), e);
    }
  }

  private Endpoint.Listening listen() {
    try {
      return engine.listen(settings.listen());
    } catch (IOException e) {
      throw new HeadException(String.valueOf(e.getMessage()), e);
    }
  }

  private record Https(HttpServer server, ServerKey key) {}

  private Https serve() {
    try {
      FirstAdmin.ensure(store, settings.data(), clock.instant());
      String host = InetAddress.getLocalHost().getHostName();
      ServerKey key =
          ServerKey.loadOrCreate(settings.data(), List.of("localhost", "127.0.0.1", host));
      Address address = settings.https();
      HttpSettings http = new HttpSettings(address.host(), address.port(), Optional.of(key));
      Services services = new Services(store, blobs, logs, jobs, engine);
      return new Https(open(HttpServer.start(http, services)), key);
    } catch (IOException e) {
      throw new HeadException(String.valueOf(e.getMessage()), e);
    }
  }

  private WorkerBeside workerBeside() throws IOException {
    return WorkerBeside.start(settings.data(), callable(address()), settings.key());
  }

  /** Returns how an address that is listened on is called on this machine. */
  private static Address callable(Address address) {
    boolean everywhere = address.host().equals("0.0.0.0") || address.host().equals("::");
    return everywhere ? new Address("127.0.0.1", address.port()) : address;
  }

  /** Starts to remove what is old, once an hour. */
  private AutoCloseable cleaning() {
    ScheduledExecutorService executor =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("grain-cleaning").factory());
    var _ = executor.scheduleWithFixedDelay(this::clean, 1, 60, TimeUnit.MINUTES);
    return executor::shutdownNow;
  }

  private void clean() {
    try {
      settings.retention().apply(store, clock.instant());
      var _ = new BlobRetention(settings.blobs()).apply(blobs, store, clock.instant());
      var _ = LogRetention.apply(logs, store);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | IOException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "What is old could not be removed, which is tried again in an hour: {0}",
          e.getMessage());
    }
  }

  /** Returns what is stored. */
  public Store store() {
    return store;
  }

  /** Returns the blobs. */
  public Blobs blobs() {
    return blobs;
  }

  /** Returns what can be done with jobs. */
  public JobService jobs() {
    return jobs;
  }

  /** Returns what can be done with workers. */
  public NodeService nodes() {
    return engine;
  }

  /** Returns where workers dial it. */
  public Address address() {
    return listening.address();
  }

  /** Returns where it serves HTTPS. */
  public Address https() {
    return new Address(settings.https().host(), https.server().port());
  }

  /** Returns the fingerprint of the key by which it proves itself by HTTPS. */
  public String fingerprint() {
    return https.key().fingerprint();
  }

  /** Returns how many jobs of earlier lives had not ended. */
  public int loaded() {
    return loaded;
  }

  /** Returns how many workers have joined and are connected. */
  public int workers() {
    return engine.workerCount();
  }

  /**
   * Comes when it cannot go on, with the reason. Everything that was acknowledged is stored, and
   * the next life goes on with it.
   */
  public CompletableFuture<Throwable> broken() {
    return broken.copy();
  }

  /** Returns whether nobody has called it for that long, and it has no job that has not ended. */
  public boolean isIdle(Duration time) {
    return https.server().idle().compareTo(time) >= 0
        && store.read(handle -> new Jobs(handle).counts(Optional.empty())).entrySet().stream()
            .allMatch(each -> each.getKey().ended() || each.getValue() == 0);
  }

  /** Ends it. Jobs stay as they are: those that run go on. */
  @Override
  public void close() {
    while (!opened.isEmpty()) {
      try {
        opened.pop().close();
      } catch (Exception e) {
        LOG.log(System.Logger.Level.WARNING, "The head did not end cleanly", e);
      }
    }
  }
}
