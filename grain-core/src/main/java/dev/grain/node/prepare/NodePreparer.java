package dev.grain.node.prepare;

import dev.grain.concurrent.Uninterruptibly;
import dev.grain.loop.Loop;
import java.nio.file.Path;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What prepares jobs on a node, for all of its runs: two preparations at a time, on threads of its
 * own. Safe for all threads.
 */
public final class NodePreparer implements AutoCloseable {
  private static final int AT_ONCE = 2;
  private static final long IDLE_SECONDS = 5;

  private final Loop loop;
  private final @Nullable Path cache;
  private final boolean sharesProcess;
  private final ThreadPoolExecutor threads;

  // both guarded by this
  private @Nullable Preparer preparer;
  private boolean closed;

  /**
   * Makes one that has prepared nothing.
   *
   * @param loop the loop of the node
   * @param cache the folder for what is kept; null for that of the user
   * @param sharesProcess whether the program itself runs in this process, so that there is no other
   *     worker that could do better
   */
  public NodePreparer(Loop loop, @Nullable Path cache, boolean sharesProcess) {
    this.loop = loop;
    this.cache = cache;
    this.sharesProcess = sharesProcess;
    this.threads =
        new ThreadPoolExecutor(
            AT_ONCE,
            AT_ONCE,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("grain-prepare-", 1).factory());
    threads.allowCoreThreadTimeOut(true);
  }

  /** Returns the preparations of a run, of which there are none yet. */
  public Preparations forRun(Logins logins) {
    return new RunPreparations(this, logins);
  }

  Loop loop() {
    return loop;
  }

  boolean sharesProcess() {
    return sharesProcess;
  }

  /** Does something on one of the threads; see {@link java.util.concurrent.ExecutorService}. */
  Future<?> submit(Runnable task) {
    return threads.submit(task);
  }

  /**
   * Returns what prepares, which is made when it is needed first.
   *
   * @throws PreparationException if there is none
   */
  synchronized Preparer preparer() throws PreparationException {
    if (closed) {
      throw PreparationException.here("The worker is ending.");
    }
    if (preparer == null) {
      preparer = PreparerFactories.find().open(cache);
    }
    return preparer;
  }

  /** Cancels what is being prepared, and lets go of everything. */
  @Override
  public void close() {
    Preparer made;
    synchronized (this) {
      closed = true;
      made = preparer;
    }
    threads.shutdownNow();
    Uninterruptibly.await(
        TimeUnit.SECONDS.toNanos(IDLE_SECONDS),
        left -> threads.awaitTermination(left, TimeUnit.NANOSECONDS));
    if (made != null) {
      made.close();
    }
  }
}
