package dev.grain.node.call;

import dev.grain.bytes.Bytes;
import dev.grain.code.Codec;
import dev.grain.jfr.JobEnded;
import dev.grain.job.Allocation;
import dev.grain.job.AttemptId;
import dev.grain.job.JobId;
import dev.grain.message.AttemptEnd;
import dev.grain.message.CodeRef;
import dev.grain.message.Order;
import dev.grain.message.Work;
import dev.grain.node.JobRunner;
import dev.grain.terminal.LiveLine;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Runs each job on a thread of its own: a virtual one, or one of a pool of platform threads.
 *
 * <p>Implementation note: the JDK has as many carriers of virtual threads as processors, and does
 * not take one away from a thread that computes. In the program's own process that would keep its
 * subtasks and wait groups waiting until a job ends, so there jobs that hold whole cores run on
 * platform threads, of which there are no more than cores.
 */
public final class ThreadJobRunner implements JobRunner, AutoCloseable {
  private static final long IDLE_SECONDS = 5;
  private static final int DEEPEST_CAUSE = 20;

  /** What starts a job may be the thread of another one, of which it is to inherit nothing. */
  private static final ThreadFactory VIRTUAL =
      Thread.ofVirtual().inheritInheritableThreadLocals(false).factory();

  private final String run;
  private final Function<CodeRef, Codec> codes;
  private final long resultLimit;
  private final boolean sharesProcess;
  private final Runnable whenOutOfMemory;
  private final OutputDispatcher output;
  private final ThreadPoolExecutor platformThreads;
  private final AtomicInteger lastThread = new AtomicInteger();
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * Makes a runner without threads.
   *
   * @param run the id of the run that the jobs belong to
   * @param codes gives what decodes functions and encodes results, by the code of an order
   * @param resultLimit how many bytes a result may take
   * @param sharesProcess whether the program itself runs in this process
   * @param echo whether what jobs print is also printed by this process
   * @param whenOutOfMemory called on the thread of a job that has thrown an {@link
   *     OutOfMemoryError}, or something that it has caused, before the end of the job is told; it
   *     may block
   */
  public ThreadJobRunner(
      String run,
      Function<CodeRef, Codec> codes,
      long resultLimit,
      boolean sharesProcess,
      boolean echo,
      Runnable whenOutOfMemory) {
    this.run = run;
    this.codes = codes;
    this.resultLimit = resultLimit;
    this.sharesProcess = sharesProcess;
    this.whenOutOfMemory = whenOutOfMemory;
    this.output = OutputDispatcher.acquire(echo);
    this.platformThreads =
        new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            JobThread::new);
  }

  @Override
  public Running start(Order order, Allocation allocation, Events events) {
    Codec code = codes.apply(order.spec().setting().code());
    Execution execution = new Execution(order, code, allocation, events);
    boolean computes = sharesProcess && allocation.amount("cpu") >= 1;
    try {
      if (work(order).platformThread() || computes) {
        startOnPlatformThread(execution);
      } else {
        VIRTUAL.newThread(execution).start();
      }
    } catch (RuntimeException | OutOfMemoryError e) {
      // the program's own process has no other worker that could do better
      events.notRun(
          sharesProcess
              ? new AttemptEnd.Failure(code.encodeFailure(e))
              : new AttemptEnd.Unable("it has no thread for it: " + e.getMessage()));
    }
    return execution;
  }

  private static Work.Call work(Order order) {
    return (Work.Call) order.spec().work();
  }

  /**
   * Starts it on the current thread, if this is one whose job has just ended, or on another one.
   */
  private void startOnPlatformThread(Execution execution) {
    if (!(Thread.currentThread() instanceof JobThread thread) || !thread.follow(this, execution)) {
      platformThreads.execute(execution);
    }
  }

  /**
   * Returns the line on the terminal that is kept apart from what the program and its jobs print;
   * null if there is no terminal.
   */
  public @Nullable LiveLine liveLine() {
    return output.line();
  }

  /**
   * Prints what a job has printed elsewhere, with its name in front.
   *
   * @param job its number
   * @param name its name; empty if it has none
   * @param error whether it goes to the error stream
   */
  public void echo(long job, String name, String text, boolean error) {
    output.echo(JobOutput.label(job, name), text.getBytes(StandardCharsets.UTF_8), error);
  }

  /** Ends idle threads, and puts the output of this process back if nobody else uses it. */
  @Override
  public void close() {
    if (!closed.getAndSet(true)) {
      platformThreads.shutdownNow();
      output.release();
    }
  }

  /** Waits a little until the threads have ended that have no job any more. */
  public void awaitEnd() {
    boolean interrupted = false;
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(IDLE_SECONDS);
    while (!platformThreads.isTerminated() && System.nanoTime() < end) {
      try {
        platformThreads.awaitTermination(end - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** A platform thread for one job after the other. */
  private final class JobThread extends Thread {
    // only accessed by this thread
    private boolean between;
    private @Nullable Execution following;

    JobThread(Runnable task) {
      super(null, task, "grain-job-" + lastThread.incrementAndGet(), 0, false);
      setDaemon(true);
    }

    /** Returns whether this runner's job here has ended, so that the given one can be the next. */
    boolean follow(ThreadJobRunner runner, Execution next) {
      boolean follows = between && runner == ThreadJobRunner.this;
      if (follows) {
        between = false;
        following = next;
      }
      return follows;
    }

    /** Runs a job, and those that follow it here. */
    void runAll(Execution first) {
      for (Execution each = first; each != null; each = following) {
        following = null;
        try {
          each.runOnce();
        } finally {
          between = true;
          each.tellEnd();
          between = false;
        }
      }
    }
  }

  /** One attempt, from start to end. */
  private final class Execution implements Runnable, Running {
    private final Order order;
    private final Codec code;
    private final Allocation allocation;
    private final Events events;
    // null until its function has ended; only accessed by the job's thread
    private @Nullable AttemptEnd end;
    // set by the job's thread when it begins and ends, guarded by this
    private @Nullable Thread thread;
    // set by the node's loop, guarded by this
    private boolean interrupted;

    Execution(Order order, Codec code, Allocation allocation, Events events) {
      this.order = order;
      this.code = code;
      this.allocation = allocation;
      this.events = events;
    }

    @Override
    public void run() {
      if (Thread.currentThread() instanceof JobThread jobThread) {
        jobThread.runAll(this);
      } else {
        try {
          runOnce();
        } finally {
          tellEnd();
        }
      }
    }

    /** Runs it; fails it if that is not possible for want of memory, say. */
    private void runOnce() {
      try {
        runToItsEnd();
      } catch (Throwable e) {
        if (end == null) {
          end = failure(e);
        }
      }
    }

    private void runToItsEnd() {
      begin();
      JobOutput sink = output.open(order, events);
      AttemptId id = new AttemptId(run, new JobId(order.job()), order.attempt());
      JobEnded recorded = CallRecording.started(id, order.spec().name(), allocation.node());
      try {
        new RunningJob(id, order.spec().name(), allocation).run(() -> end = call());
      } finally {
        sink.close();
        end();
        if (end != null) {
          CallRecording.ended(recorded, end);
        }
      }
    }

    private AttemptEnd call() {
      try {
        Object value = code.decode(work(order).function(), order.input()).run();
        Bytes encoded = code.encodeValue(value, resultLimit);
        return new AttemptEnd.Value(encoded);
      } catch (Throwable e) {
        return failure(e);
      }
    }

    private AttemptEnd failure(Throwable e) {
      if (isOutOfMemory(e)) {
        whenOutOfMemory.run();
      }
      return new AttemptEnd.Failure(code.encodeFailure(e));
    }

    private static boolean isOutOfMemory(Throwable failure) {
      Throwable cause = failure;
      for (int depth = 0; depth < DEEPEST_CAUSE && cause != null; depth++) {
        if (cause instanceof OutOfMemoryError) {
          return true;
        }
        try {
          cause = cause.getCause();
        } catch (RuntimeException e) {
          // of a class of the user, which may do anything there
          return false;
        }
      }
      return false;
    }

    /** Tells that the job has ended; to nobody, if the run was over before a job that hung. */
    void tellEnd() {
      try {
        events.ended(end == null ? new AttemptEnd.Cancelled() : end);
      } catch (RejectedExecutionException e) {
        // the loop has ended, and the job was reported before
      }
    }

    private synchronized void begin() {
      thread = Thread.currentThread();
      if (thread.getContextClassLoader() != code.loader()) {
        thread.setContextClassLoader(code.loader());
      }
      if (interrupted) {
        thread.interrupt();
      }
    }

    /** From here on it is not interrupted any more, and the next job on the thread starts clean. */
    private synchronized void end() {
      thread = null;
      Thread.interrupted();
    }

    @Override
    public synchronized void interrupt() {
      interrupted = true;
      if (thread != null) {
        thread.interrupt();
      }
    }
  }
}
