package dev.grain.node.call;

import dev.grain.concurrent.Uninterruptibly;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The threads of one job at a time: one that runs the job, and helpers for what the job forks, such
 * as the parts of a parallel stream. Altogether they are as many as the job holds cores, except
 * that a thread which blocks in a way that the JDK knows of may be replaced meanwhile.
 *
 * <p>Implementation note: a parallel stream uses the fork-join pool of the thread that runs it, and
 * the common pool of the process in a thread without one. Helpers belong to one job for good: a
 * pool that got helpers, or that a job left tasks in, is not used again.
 */
final class JobPool {
  private static final long IDLE_SECONDS = 5;
  private static final int MOST_THREADS = Short.MAX_VALUE;

  private final String name;
  private final ThreadJobRunner runner;
  private final ForkJoinPool threads;
  // set by the thread of the job, read by threads that fork
  private volatile @Nullable Execution current;
  // set by threads that fork, read by the thread of the job
  private volatile boolean helped;

  /**
   * Makes one without threads.
   *
   * @param runner is notified when the pool is free again, on the thread that ran the job
   * @param name the name of the thread that runs jobs
   */
  JobPool(ThreadJobRunner runner, String name) {
    this.runner = runner;
    this.name = name;
    this.threads =
        new ForkJoinPool(
            1,
            this::newThread,
            null,
            false,
            0,
            MOST_THREADS,
            1,
            null,
            IDLE_SECONDS,
            TimeUnit.SECONDS);
  }

  private ForkJoinWorkerThread newThread(ForkJoinPool pool) {
    Execution job = current;
    if (job == null) {
      return new JobThread(this, pool, name);
    }
    helped = true;
    return new HelperThread(pool, job, name + "-helper");
  }

  boolean isOf(ThreadJobRunner other) {
    return runner == other;
  }

  /**
   * Starts a job; the pool must be free.
   *
   * @throws RejectedExecutionException if the pool was stopped
   * @throws OutOfMemoryError if it needs a thread, and the system gives none
   */
  void start(Execution job) {
    try {
      threads.execute(job);
    } catch (RuntimeException | Error e) {
      stop();
      throw e;
    }
  }

  /** A job starts on the thread of the pool. */
  void begin(Execution job) {
    current = job;
    setParallelism(Math.clamp((long) job.allocation().amount("cpu"), 1, MOST_THREADS));
  }

  /**
   * The job has ended on the thread of the pool, which is the current one. Returns whether nothing
   * is left of it here, so that another one can start.
   */
  boolean end(JobThread thread) {
    boolean clean = !helped && thread.getQueuedTaskCount() == 0 && !threads.hasQueuedSubmissions();
    if (clean) {
      // now, as a thread that is made before the next job starts would be no helper
      setParallelism(1);
      current = null;
    }
    return clean;
  }

  private void setParallelism(int cores) {
    if (threads.getParallelism() != cores) {
      threads.setParallelism(cores);
    }
  }

  /** The thread of the pool has no job any more: it is free, or is ended with what is left. */
  void release() {
    if (current == null) {
      runner.free(this);
    } else {
      threads.shutdown();
    }
  }

  /** Ends idle threads, and interrupts others. */
  void stop() {
    threads.shutdownNow();
  }

  boolean isTerminated() {
    return threads.isTerminated();
  }

  /** Waits until the threads have ended; no longer than idle ones stay. */
  void awaitEnd() {
    Uninterruptibly.await(
        TimeUnit.SECONDS.toNanos(IDLE_SECONDS),
        left -> threads.awaitTermination(left, TimeUnit.NANOSECONDS));
  }
}
