package dev.grain.node.prepare;

import dev.grain.concurrent.Uninterruptibly;
import dev.grain.loop.Loop;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * What prepares jobs on a node, for all of its runs: two preparations at a time, on threads of its
 * own. Safe for all threads.
 */
public final class NodePreparer implements AutoCloseable {
  private static final int AT_ONCE = 2;
  private static final long IDLE_SECONDS = 5;

  private final Loop loop;
  private final Source source;
  private final boolean sharesProcess;
  private final ThreadPoolExecutor threads;

  // both guarded by this
  private final Set<Thread> lettingGo = new HashSet<>();
  private boolean closed;

  /** Has what prepares. */
  @FunctionalInterface
  public interface Source {
    /**
     * Returns what prepares; called when it is needed, and by several threads.
     *
     * @throws PreparationException if there is none
     */
    Preparer get() throws PreparationException;
  }

  /**
   * Makes one that has prepared nothing.
   *
   * @param loop the loop of the node
   * @param source has what prepares; to be closed after this
   * @param sharesProcess whether the program itself runs in this process, so that there is no other
   *     worker that could do better
   */
  public NodePreparer(Loop loop, Source source, boolean sharesProcess) {
    this.loop = loop;
    this.source = source;
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
   * Lets go of what was ready for a run. That may take long, as copies of code are removed, so it
   * is done on a thread of its own; not when this is closed, as the loop is about to end, too.
   */
  void letGo(List<Ready> all) {
    if (all.isEmpty() || !startLettingGo(all)) {
      all.forEach(Ready::close);
    }
  }

  private synchronized boolean startLettingGo(List<Ready> all) {
    if (closed) {
      return false;
    }
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .name("grain-let-go")
            .unstarted(() -> {
              try {
                all.forEach(Ready::close);
              } finally {
                hasLetGo(Thread.currentThread());
              }
            });
    try {
      thread.start();
    } catch (OutOfMemoryError e) {
      return false;
    }
    lettingGo.add(thread);
    return true;
  }

  private synchronized void hasLetGo(Thread thread) {
    lettingGo.remove(thread);
  }

  /**
   * Returns what prepares.
   *
   * @throws PreparationException if there is none
   */
  Preparer preparer() throws PreparationException {
    return source.get();
  }

  /**
   * Cancels what is being prepared, and waits until what was ready for earlier runs is released.
   */
  @Override
  public void close() {
    threads.shutdownNow();
    Uninterruptibly.await(
        TimeUnit.SECONDS.toNanos(IDLE_SECONDS),
        left -> threads.awaitTermination(left, TimeUnit.NANOSECONDS));
    List<Thread> left;
    synchronized (this) {
      closed = true;
      left = List.copyOf(lettingGo);
    }
    for (Thread each : left) {
      Uninterruptibly.await(each::join);
    }
  }
}
