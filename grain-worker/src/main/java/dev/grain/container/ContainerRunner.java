package dev.grain.container;

import dev.grain.Allocation;
import dev.grain.code.Codec;
import dev.grain.concurrent.Uninterruptibly;
import dev.grain.message.AttemptEnd;
import dev.grain.message.Order;
import dev.grain.node.JobRunner;
import dev.grain.node.confine.Life;
import dev.grain.node.prepare.Ready;
import dev.grain.node.process.CommandRunner.Echo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Runs commands in containers, each in one of its own, whose image the engine has to have. Each
 * container has a thread that makes it, reads what it prints, and removes it; one more thread looks
 * after all of them.
 *
 * <p>A container has the cores, the memory and the GPUs that its job holds. It has no capabilities
 * but those that are asked for, gets no new privileges, and its user is that of the worker, or
 * nobody if that is root.
 */
public final class ContainerRunner implements JobRunner, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(ContainerRunner.class.getName());
  private static final String FOLDER = "grain-containers-";
  private static final long LOOK_MILLIS = 200;
  private static final long CLOSING = TimeUnit.SECONDS.toNanos(10);

  private final DockerEngine engine;
  private final Codec codec;
  private final long resultLimit;
  private final Echo echo;
  private final long maxProcesses;
  private final String life = Life.next().name();
  private final AtomicLong last = new AtomicLong();
  private final Set<ContainerJob> running = ConcurrentHashMap.newKeySet();
  // containers that could not be removed when their job ended
  private final Set<String> left = ConcurrentHashMap.newKeySet();
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          Thread.ofPlatform().daemon().name("grain-container-", 1).factory());

  // set by any thread
  private volatile boolean usesInit = true;

  // all guarded by this
  private @Nullable Path folder;
  private @Nullable Thread watch;
  private boolean closed;

  /**
   * Makes a runner without threads and containers.
   *
   * @param engine runs the containers; to be closed after this
   * @param codec encodes results and failures
   * @param resultLimit how many bytes a result may take
   * @param maxProcesses how many processes and threads a job may have; 0 for any number
   */
  public ContainerRunner(
      DockerEngine engine, Codec codec, long resultLimit, Echo echo, long maxProcesses) {
    this.engine = engine;
    this.codec = codec;
    this.resultLimit = resultLimit;
    this.echo = echo;
    this.maxProcesses = maxProcesses;
  }

  @Override
  public Running start(Order order, Allocation allocation, Ready ready, Events events) {
    ContainerJob job = new ContainerJob(this, last.incrementAndGet(), order, allocation, events);
    try {
      running.add(job);
      threads.execute(job::run);
      watch();
    } catch (RuntimeException | OutOfMemoryError e) {
      running.remove(job);
      events.notRun(new AttemptEnd.Unable("no thread could be started for it: " + e.getMessage()));
    }
    return job;
  }

  DockerEngine engine() {
    return engine;
  }

  Codec codec() {
    return codec;
  }

  long resultLimit() {
    return resultLimit;
  }

  Echo echo() {
    return echo;
  }

  long maxProcesses() {
    return maxProcesses;
  }

  /** Returns the name of the life of this worker, which labels its containers. */
  String life() {
    return life;
  }

  /** Returns whether the engine has an init process for containers, as far as is known. */
  boolean usesInit() {
    return usesInit;
  }

  /** The engine has no init process for containers. */
  void doWithoutInit() {
    usesInit = false;
  }

  /** Does something with a container, on a thread that may wait. */
  void execute(Runnable task) {
    threads.execute(task);
  }

  /** Returns the folder for the files of jobs. */
  synchronized Path folder() throws IOException {
    if (closed) {
      throw new IOException("the worker is ending");
    }
    if (folder == null) {
      folder = Files.createTempDirectory(FOLDER + life + "-");
    }
    return folder;
  }

  void ended(ContainerJob job) {
    running.remove(job);
  }

  /** Removes a container, later if the engine does not answer now. */
  void remove(String container) {
    try {
      engine.remove(container);
      left.remove(container);
    } catch (RuntimeException e) {
      if (left.add(container)) {
        LOG.log(
            System.Logger.Level.WARNING,
            "The container {0} could not be removed: {1}.",
            container,
            DockerEngine.reason(e));
      }
    }
  }

  // ---------------------------------------------------------------- the watch

  private synchronized void watch() {
    if (watch == null && !closed) {
      watch = Thread.ofPlatform().daemon().name("grain-containers").start(this::watchAll);
    }
  }

  /** Looks after the containers for as long as there are any. */
  private void watchAll() {
    long looks = 0;
    while (true) {
      try {
        Thread.sleep(LOOK_MILLIS);
      } catch (InterruptedException e) {
        return;
      }
      looks++;
      for (ContainerJob each : running) {
        each.lookAfter(looks % 5 == 1);
      }
      synchronized (this) {
        if (running.isEmpty() || closed) {
          watch = null;
          break;
        }
      }
    }
    List.copyOf(left).forEach(this::remove);
  }

  // ---------------------------------------------------------------- beginning and end

  /** Removes the files that workers have left in the folder for such that are gone. */
  public static void removeFilesOfOthers() {
    Path all = Path.of(System.getProperty("java.io.tmpdir"));
    try (var folders = Files.newDirectoryStream(all, FOLDER + "*")) {
      for (Path each : folders) {
        String name = each.getFileName().toString().substring(FOLDER.length());
        int end = name.lastIndexOf('-');
        if (end > 0 && Life.isOver(name.substring(0, end))) {
          JobFolder.delete(each);
        }
      }
    } catch (IOException | RuntimeException e) {
      // they belong to another user
    }
  }

  /** Kills what still runs, and removes all containers and files. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    running.forEach(ContainerJob::kill);
    threads.shutdown();
    Uninterruptibly.await(CLOSING, nanos -> threads.awaitTermination(nanos, TimeUnit.NANOSECONDS));
    running.forEach(ContainerJob::abandon);
    List.copyOf(left).forEach(this::remove);
    synchronized (this) {
      if (watch != null) {
        watch.interrupt();
      }
      if (folder != null) {
        JobFolder.delete(folder);
      }
    }
  }
}
