package dev.grain.node.call;

import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Whose output it is that the threads of the common pool print. All jobs of a process share them,
 * and nothing shows for which of them a thread works. Safe for all threads.
 */
final class SharedThreads {
  private static final System.Logger LOG = System.getLogger(SharedThreads.class.getName());

  private final Set<JobOutput> running = ConcurrentHashMap.newKeySet();
  // how many there are in this process that print by themselves
  private final AtomicInteger programs = new AtomicInteger();
  private final AtomicBoolean warned = new AtomicBoolean();

  /** The program itself uses the common pool of this process, too. */
  void programJoins() {
    programs.incrementAndGet();
  }

  void programLeaves() {
    programs.decrementAndGet();
  }

  void begin(JobOutput output) {
    running.add(output);
  }

  void end(JobOutput output) {
    running.remove(output);
  }

  /**
   * Returns the job that the current thread prints for: the only one that runs in this process, if
   * this is a thread of the common pool and no program can have given it its task; otherwise null.
   */
  @Nullable JobOutput current() {
    if (programs.get() > 0 || !isShared(Thread.currentThread())) {
      return null;
    }
    Iterator<JobOutput> each = running.iterator();
    JobOutput first = each.hasNext() ? each.next() : null;
    if (!each.hasNext()) {
      return first;
    }
    warn();
    return null;
  }

  private static boolean isShared(Thread thread) {
    return thread instanceof ForkJoinWorkerThread worker
        && worker.getPool() == ForkJoinPool.commonPool();
  }

  /** Once, as every line of that output would deserve it. */
  private void warn() {
    if (!warned.getAndSet(true)) {
      LOG.log(
          System.Logger.Level.WARNING,
          "Thread {0} printed while several jobs run here. All of them share this thread, so its"
              + " output and that of others like it stays here. Pass an executor of the job to"
              + " CompletableFuture, such as Executors.newVirtualThreadPerTaskExecutor(), and use"
              + " parallel streams in jobs that request at least one core.",
          Thread.currentThread().getName());
    }
  }
}
