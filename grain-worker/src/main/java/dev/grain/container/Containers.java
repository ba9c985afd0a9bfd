package dev.grain.container;

import dev.grain.concurrent.Uninterruptibly;
import dev.grain.node.confine.Life;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The containers of one worker, whatever runs in them: threads to wait for them, one thread that
 * looks after all of them, and their removal. For all threads.
 */
final class Containers implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Containers.class.getName());
  private static final long LOOK_MILLIS = 200;
  private static final long CLOSING = TimeUnit.SECONDS.toNanos(10);

  private final DockerEngine engine;
  private final long maxProcesses;
  private final String life = Life.next().name();
  private final Set<Container> living = ConcurrentHashMap.newKeySet();
  // those that could not be removed when they had ended
  private final Set<String> left = ConcurrentHashMap.newKeySet();
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          Thread.ofPlatform().daemon().name("grain-container-", 1).factory());

  private final CountDownLatch closing = new CountDownLatch(1);

  // set by any thread
  private volatile boolean usesInit = true;

  // both guarded by this
  private @Nullable Thread watch;
  private boolean closed;

  /**
   * Makes containers of which there are none, and no threads.
   *
   * @param engine to be closed after this
   * @param maxProcesses how many processes and threads each may have; 0 for any number
   */
  Containers(DockerEngine engine, long maxProcesses) {
    this.engine = engine;
    this.maxProcesses = maxProcesses;
  }

  DockerEngine engine() {
    return engine;
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

  /**
   * Does something with a container, on a thread that may wait.
   *
   * @throws java.util.concurrent.RejectedExecutionException if this was closed
   */
  void execute(Runnable task) {
    threads.execute(task);
  }

  /** A container is about to be made: it is looked after until it has {@linkplain #ended}. */
  void begun(Container container) {
    living.add(container);
    boolean tooLate;
    synchronized (this) {
      tooLate = closed;
      if (watch == null && !closed) {
        watch = Thread.ofPlatform().daemon().name("grain-containers").start(this::watchAll);
      }
    }
    if (tooLate) {
      container.kill();
    }
  }

  void ended(Container container) {
    living.remove(container);
  }

  /** Removes a container, later if the engine does not answer now; returns whether it is gone. */
  boolean remove(String container) {
    try {
      engine.remove(container);
      left.remove(container);
      return true;
    } catch (RuntimeException e) {
      if (left.add(container)) {
        LOG.log(
            System.Logger.Level.WARNING,
            "The container {0} could not be removed: {1}.",
            container,
            DockerEngine.reason(e));
      }
      return false;
    }
  }

  /** Looks after the containers for as long as there are any. */
  private void watchAll() {
    long looks = 0;
    while (true) {
      Uninterruptibly.await(
          TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS),
          left -> closing.await(left, TimeUnit.NANOSECONDS));
      looks++;
      for (Container each : living) {
        each.lookAfter(looks % 5 == 1);
      }
      if (living.isEmpty()) {
        removeLeft();
      }
      synchronized (this) {
        if (living.isEmpty() || closed) {
          watch = null;
          return;
        }
      }
    }
  }

  private void removeLeft() {
    List.copyOf(left).forEach(this::remove);
  }

  /** Kills what still runs, and removes all containers. */
  @Override
  public void close() {
    Thread watching;
    synchronized (this) {
      closed = true;
      watching = watch;
    }
    closing.countDown();
    living.forEach(Container::kill);
    threads.shutdown();
    Uninterruptibly.await(CLOSING, nanos -> threads.awaitTermination(nanos, TimeUnit.NANOSECONDS));
    living.forEach(Container::abandon);
    // an engine answers at once to whoever asks it for a removal that is under way
    if (watching != null) {
      Uninterruptibly.await(CLOSING, nanos -> watching.join(Duration.ofNanos(nanos)));
    }
    removeLeft();
  }
}
