package dev.grain.node.call;

import dev.grain.Allocation;
import dev.grain.AttemptId;
import dev.grain.JobId;
import dev.grain.bytes.Bytes;
import dev.grain.code.Codec;
import dev.grain.code.UncallableException;
import dev.grain.jfr.JobEnded;
import dev.grain.message.AttemptEnd;
import dev.grain.message.Order;
import dev.grain.message.Work;
import dev.grain.node.JobRunner;
import dev.grain.node.confine.ThreadPins;
import dev.grain.text.Exceptions;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A call of a function for one attempt of a job, from start to end. It is run by a thread; any
 * thread may stop it.
 */
final class Execution extends RunningJob
    implements Runnable, ScopedValue.CallableOp<AttemptEnd, RuntimeException>, JobRunner.Running {
  private final Order order;
  private final Codec code;
  private final Allocation allocation;
  private final JobRunner.Events events;
  private final CallSettings settings;
  // what it prints, from its start; set by the job's thread, read by its helpers
  private volatile @Nullable JobOutput printed;
  // null until its function has ended; only accessed by the job's thread
  private @Nullable AttemptEnd end;
  // set by the job's thread when it starts and ends, guarded by this
  private @Nullable Thread thread;
  // set by the node's loop, guarded by this
  private boolean interrupted;

  Execution(
      Order order,
      Codec code,
      Allocation allocation,
      JobRunner.Events events,
      CallSettings settings) {
    this.order = order;
    this.code = code;
    this.allocation = allocation;
    this.events = events;
    this.settings = settings;
  }

  @Override
  public AttemptId id() {
    return new AttemptId(order.run(), new JobId(order.job()), order.attempt());
  }

  @Override
  public Allocation allocation() {
    return allocation;
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

  /** Runs it; fails it if that is not possible, for example because memory is exhausted. */
  void runOnce() {
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
    ThreadPins pins = Thread.currentThread() instanceof JobThread ? settings.pins() : null;
    if (pins != null) {
      pins.pin(allocation.cores());
    }
    JobOutput sink = settings.output().open(order, events);
    printed = sink;
    JobEnded recorded = CallRecording.started(order, allocation.node());
    try {
      end = ScopedValue.where(CURRENT, this).call(this);
    } finally {
      sink.close();
      end();
      if (pins != null) {
        pins.unpin();
      }
      if (end != null) {
        CallRecording.ended(recorded, end);
      }
    }
  }

  /** Does work of this job in the current thread, which is none of another job. */
  void help(Runnable work) {
    JobOutput sink = printed;
    if (sink != null) {
      settings.output().share(sink);
    }
    Thread.currentThread().setContextClassLoader(code.loader());
    ScopedValue.where(CURRENT, this).run(work);
  }

  /** Calls the function, where this is the {@link #current} job. */
  @Override
  public AttemptEnd call() {
    try {
      Bytes function = ((Work.Call) order.spec().work()).function();
      Codec.DecodedCall call;
      try {
        call = code.decode(function, order.input());
      } catch (UncallableException e) {
        return new AttemptEnd.NotStarted("could not call its function: " + e.getMessage());
      }
      Bytes encoded = code.encodeValue(call.run(), settings.resultLimit());
      return new AttemptEnd.Value(encoded);
    } catch (Throwable e) {
      return failure(e);
    }
  }

  private AttemptEnd failure(Throwable e) {
    // asked first, as everything else takes memory, even to load a class
    if (e instanceof OutOfMemoryError || isCausedByOutOfMemory(e)) {
      settings.whenOutOfMemory().run();
    }
    return new AttemptEnd.Failure(code.encodeFailure(e), Exceptions.brief(e));
  }

  private static boolean isCausedByOutOfMemory(Throwable e) {
    return Exceptions.withCauses(e).stream().anyMatch(OutOfMemoryError.class::isInstance);
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

  /** Interrupts it. */
  @Override
  public synchronized void stop() {
    interrupted = true;
    if (thread != null) {
      thread.interrupt();
    }
  }
}
