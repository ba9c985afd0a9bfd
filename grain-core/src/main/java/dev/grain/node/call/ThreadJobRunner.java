package dev.grain.node.call;

import dev.grain.Allocation;
import dev.grain.code.Codec;
import dev.grain.message.AttemptEnd;
import dev.grain.message.Order;
import dev.grain.message.Work;
import dev.grain.node.JobRunner;
import dev.grain.node.confine.ThreadPins;
import dev.grain.node.prepare.Ready;
import dev.grain.terminal.LiveLine;
import dev.grain.text.Exceptions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Runs calls, each on a thread of its own: a virtual one, or one of a pool of platform threads.
 *
 * <p>Implementation note: the JDK has as many carriers of virtual threads as processors, and does
 * not take one away from a thread that computes. That would keep other virtual threads waiting
 * until a job ends, such as the subtasks of the program, so jobs that hold whole cores run on
 * platform threads, of which there are no more than cores.
 */
public final class ThreadJobRunner implements JobRunner, AutoCloseable {
  /** The prefix of the names of the platform threads of jobs. */
  public static final String THREADS = "grain-job-";

  /** What starts a job may be the thread of another one, of which it is to inherit nothing. */
  private static final ThreadFactory VIRTUAL =
      Thread.ofVirtual().inheritInheritableThreadLocals(false).factory();

  private final JobCode code;
  private final boolean sharesProcess;
  private final CallSettings settings;
  // those without a job, the one that was used last in front
  private final ConcurrentLinkedDeque<JobPool> free = new ConcurrentLinkedDeque<>();
  // those that have threads, or may get them
  private final Set<JobPool> pools = ConcurrentHashMap.newKeySet();
  private final AtomicInteger lastThread = new AtomicInteger();
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * Makes a runner without threads.
   *
   * @param code gives what decodes functions and encodes results
   * @param resultLimit how many bytes a result may take
   * @param sharesProcess whether the program itself runs in this process
   * @param echo whether what jobs print is also printed by this process
   * @param pins pins jobs on platform threads to their cores; null if they are not pinned
   * @param whenOutOfMemory called on the thread of a job that has thrown an {@link
   *     OutOfMemoryError}, or something that it has caused, before the end of the job is reported;
   *     it may block
   */
  public ThreadJobRunner(
      JobCode code,
      long resultLimit,
      boolean sharesProcess,
      boolean echo,
      @Nullable ThreadPins pins,
      Runnable whenOutOfMemory) {
    this.code = code;
    this.sharesProcess = sharesProcess;
    this.settings =
        new CallSettings(
            resultLimit, OutputDispatcher.acquire(echo, sharesProcess), pins, whenOutOfMemory);
  }

  @Override
  public Running start(Order order, Allocation allocation, Ready ready, Events events) {
    Codec codec = code.of(order.spec().setting().code(), ready);
    Execution execution = new Execution(order, codec, allocation, events, settings);
    Work.Call call = (Work.Call) order.spec().work();
    boolean computes = allocation.amount("cpu") >= 1;
    try {
      if (call.platformThread() || computes) {
        startOnPlatformThread(execution);
      } else {
        VIRTUAL.newThread(execution).start();
      }
    } catch (RuntimeException | OutOfMemoryError e) {
      // the program's own process has no other worker that could do better
      events.notRun(
          sharesProcess
              ? new AttemptEnd.Failure(codec.encodeFailure(e), Exceptions.brief(e))
              : new AttemptEnd.Unable("no thread could be started for it: " + e.getMessage()));
    }
    return execution;
  }

  /**
   * Starts it on the current thread, if this is one whose job has just ended, or on another one.
   */
  private void startOnPlatformThread(Execution execution) {
    if (!(Thread.currentThread() instanceof JobThread thread) || !thread.follow(this, execution)) {
      JobPool pool = free.pollFirst();
      (pool == null ? newPool() : pool).start(execution);
    }
  }

  private JobPool newPool() {
    pools.removeIf(JobPool::isTerminated);
    JobPool pool = new JobPool(this, THREADS + lastThread.incrementAndGet());
    pools.add(pool);
    if (closed.get()) {
      pool.stop();
    }
    return pool;
  }

  /** The pool has no job any more; on the thread of its last job. */
  void free(JobPool pool) {
    free.addFirst(pool);
  }

  /**
   * Returns the line on the terminal that is kept apart from what the program and its jobs print;
   * null if there is no terminal.
   */
  public @Nullable LiveLine liveLine() {
    return settings.output().line();
  }

  /**
   * Prints what a job has printed elsewhere, with its name in front.
   *
   * @param job its number
   * @param name its name; empty if it has none
   * @param text in UTF-8
   * @param error whether it goes to the error stream
   */
  public void echo(long job, String name, byte[] text, boolean error) {
    settings.output().echo(JobOutput.label(job, name), text, error);
  }

  /** Ends idle threads, and puts the output of this process back if nobody else uses it. */
  @Override
  public void close() {
    if (!closed.getAndSet(true)) {
      pools.forEach(JobPool::stop);
      settings.output().release();
    }
  }

  /** Waits a little until the threads have ended that have no job any more. */
  public void awaitEnd() {
    pools.forEach(JobPool::awaitEnd);
  }
}
