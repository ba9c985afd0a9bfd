package dev.grain.minion;

import dev.grain.GrainExecutor;
import dev.grain.Job;
import dev.grain.Request;
import dev.grain.function.Act1;
import dev.grain.minion.Workplace.End;
import dev.grain.minion.Workplace.Started;
import dev.grain.text.Exceptions;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Calls a function for one item after another in the same job, with the slots of one item, so that
 * an item costs little more than the call. There are as many such jobs as items may run at a time;
 * they stay until the minion ends. For any thread.
 *
 * <p>What is a job's own, such as a time limit or a JVM, is not an item's here: items with options
 * have a job each.
 */
final class FunctionCalls implements AutoCloseable {
  // the arguments of a job are copied, so that it finds these by a number
  private static final Map<Long, FunctionCalls> ALL = new ConcurrentHashMap<>();
  private static final AtomicLong LAST = new AtomicLong();

  private final long number = LAST.incrementAndGet();
  private final GrainExecutor grain;
  private final Request request;
  private final Act1<Parameter> function;
  private final int most;
  private final boolean timed;
  private final BiFunction<Job<?>, Throwable, End> toEnd;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition added = lock.newCondition();

  // all guarded by the lock
  private final Queue<Call> waiting = new ArrayDeque<>();
  private final Map<Long, Serving> jobs = new HashMap<>();
  private long lastJob;
  // those that have no item, or have not begun
  private int idle;
  private boolean closed;

  /**
   * Makes one without jobs.
   *
   * @param request what an item needs
   * @param most how many items run at a time
   * @param timed whether anybody wants to know what the function times
   * @param toEnd tells how an item has ended whose job has ended with an exception
   */
  FunctionCalls(
      GrainExecutor grain,
      Request request,
      Act1<Parameter> function,
      int most,
      boolean timed,
      BiFunction<Job<?>, Throwable, End> toEnd) {
    this.grain = grain;
    this.request = request;
    this.function = function;
    this.most = most;
    this.timed = timed;
    this.toEnd = toEnd;
    ALL.put(number, this);
  }

  /** A job that calls the function. */
  private static final class Serving {
    // all guarded by the lock
    private @Nullable Job<?> job;
    private @Nullable Call current;
    private boolean idle = true;
    private boolean cancelled;
  }

  /** The call for an item. */
  private final class Call implements Started {
    private final Parameter parameter;
    private final Consumer<End> onEnd;
    private final AtomicBoolean over = new AtomicBoolean();

    // guarded by the lock
    private @Nullable Serving serving;

    Call(Parameter parameter, Consumer<End> onEnd) {
      this.parameter = parameter;
      this.onEnd = onEnd;
    }

    void end(End end) {
      if (!over.getAndSet(true)) {
        onEnd.accept(end);
      }
    }

    @Override
    public boolean hasBegun() {
      lock.lock();
      try {
        return serving != null;
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void stop() {
      Job<?> running = null;
      boolean begun;
      lock.lock();
      try {
        begun = serving != null;
        if (serving == null) {
          waiting.remove(this);
        } else if (serving.current == this) {
          serving.cancelled = true;
          running = serving.job;
        }
      } finally {
        lock.unlock();
      }
      if (running != null) {
        running.cancel();
      } else if (!begun) {
        end(new End.Stopped(false));
      }
    }
  }

  /**
   * Adds the call for an item, which begins by the next {@link #flush} at the latest, if there is
   * room.
   *
   * @param onEnd called once, on any thread
   */
  Started add(Parameter parameter, Consumer<End> onEnd) {
    Call call = new Call(parameter, onEnd);
    lock.lock();
    try {
      waiting.add(call);
    } finally {
      lock.unlock();
    }
    return call;
  }

  /** Has the items begin that were added. */
  void flush() {
    lock.lock();
    try {
      wake();
    } finally {
      lock.unlock();
    }
  }

  /** Under the lock. */
  private void wake() {
    for (int i = Math.min(idle, waiting.size()); i > 0; i--) {
      added.signal();
    }
    while (!closed && jobs.size() < most && waiting.size() > idle) {
      startJob();
    }
  }

  /** Under the lock. */
  private void startJob() {
    long id = ++lastJob;
    Serving serving = new Serving();
    Job<?> job;
    try {
      job = grain.submit(request, FunctionCalls::serve, number, id, function);
    } catch (RuntimeException e) {
      // it would fail for each item
      End end = new End.NotStarted(String.valueOf(e.getMessage()));
      waiting.forEach(call -> call.end(end));
      waiting.clear();
      return;
    }
    serving.job = job;
    jobs.put(id, serving);
    idle++;
    var _ = job.toFuture().whenComplete((_, error) -> onEnd(id, serving, error));
  }

  /** A job has ended: by itself, as the minion has, or otherwise, and its item with it. */
  private void onEnd(long id, Serving serving, @Nullable Throwable error) {
    Call call;
    lock.lock();
    try {
      jobs.remove(id);
      leaveIdle(serving);
      call = serving.current;
      if (call == null && error != null) {
        call = waiting.poll();
      }
      wake();
    } finally {
      lock.unlock();
    }
    if (call != null && error != null && serving.job != null) {
      call.end(toEnd.apply(serving.job, error));
    }
  }

  /** Under the lock. */
  private void leaveIdle(Serving serving) {
    if (serving.idle) {
      serving.idle = false;
      idle--;
    }
  }

  /** What a job runs; returns for how many items. */
  private static long serve(long number, long id, Act1<Parameter> function) throws Exception {
    FunctionCalls calls = ALL.get(number);
    return calls == null ? 0 : calls.serve(id, function);
  }

  private long serve(long id, Act1<Parameter> function) throws Exception {
    long count = 0;
    for (Call call = take(id); call != null; call = take(id)) {
      End end;
      try {
        end = call(function, call.parameter);
      } catch (OutOfMemoryError e) {
        throw e;
      } catch (Exception | Error e) {
        if (isCancelled(id)) {
          throw e;
        }
        end =
            e instanceof UnsuitableItemException
                ? new End.Impossible(String.valueOf(e.getMessage()))
                : new End.Failed(e, Exceptions.describe(e));
      }
      call.end(end);
      count++;
    }
    return count;
  }

  private End call(Act1<Parameter> function, Parameter parameter) throws Exception {
    if (timed) {
      return new End.Done(MinionCall.call(function, parameter));
    }
    function.run(parameter);
    return End.Done.PLAIN;
  }

  /** Waits for the next call for a job; null if the job is to end. */
  private @Nullable Call take(long id) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      Serving serving = jobs.get(id);
      while (serving != null && !serving.cancelled) {
        Call call = waiting.poll();
        serving.current = call;
        if (call != null) {
          leaveIdle(serving);
          call.serving = serving;
          return call;
        }
        if (closed) {
          return null;
        }
        if (!serving.idle) {
          serving.idle = true;
          idle++;
        }
        added.await();
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  private boolean isCancelled(long id) {
    lock.lock();
    try {
      Serving serving = jobs.get(id);
      return serving == null || serving.cancelled;
    } finally {
      lock.unlock();
    }
  }

  /** Lets the jobs end when they have no more items. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      added.signalAll();
    } finally {
      lock.unlock();
    }
    ALL.remove(number);
  }
}
