package dev.grain;

import dev.grain.function.Act1;
import dev.grain.function.Fn1;
import dev.grain.function.Fn2;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** An {@code ExecutorService} whose tasks are jobs that all ask for the same. */
final class ExecutorAdapter extends AbstractExecutorService {
  private final Run run;
  private final Request request;
  private final long line;
  // guarded by this
  private final Set<SubmittedJob<?>> open = new LinkedHashSet<>();
  private boolean shutDown;

  ExecutorAdapter(Run run, Request request) {
    this.run = run;
    this.request = request;
    this.line = run.nextLine();
  }

  @Override
  public <T extends @Nullable Object> Future<T> submit(Callable<T> task) {
    return submitted(add(task));
  }

  @Override
  public Future<?> submit(Runnable task) {
    SubmittedJob<@Nullable Void> job = add(task);
    return new JobFuture<@Nullable Void>(job, job.toFuture());
  }

  @Override
  public <T extends @Nullable Object> Future<T> submit(Runnable task, T result) {
    Fn2<Runnable, T, T> function =
        (each, value) -> {
          each.run();
          return value;
        };
    return submitted(this.<T>add(task, function, task, result));
  }

  @Override
  public void execute(Runnable task) {
    add(task);
  }

  private static <T extends @Nullable Object> JobFuture<T> submitted(SubmittedJob<T> job) {
    return new JobFuture<>(job, job.toFuture());
  }

  private <T extends @Nullable Object> SubmittedJob<T> add(Callable<T> task) {
    Fn1<Callable<T>, T> function = Callable::call;
    return add(task, function, task);
  }

  private SubmittedJob<@Nullable Void> add(Runnable task) {
    Act1<Runnable> function = Runnable::run;
    return add(task, function, task);
  }

  private <T extends @Nullable Object> SubmittedJob<T> add(
      Object task, Serializable function, @Nullable Object... arguments) {
    if (task.getClass().isHidden() && !(task instanceof Serializable)) {
      throw new EncodingException(
          "The task cannot be sent: it is a lambda or a method reference, and its type is not"
              + " Serializable; cast it where it is written, as in (Callable<T> & Serializable) () ->"
              + " ..., or give it to GrainExecutor.submit, which takes any",
          null);
    }
    JobOwner owner =
        new JobOwner() {
          @Override
          public long line() {
            return line;
          }

          @Override
          public void onJobEnded(SubmittedJob<?> job) {
            synchronized (ExecutorAdapter.this) {
              open.remove(job);
              ExecutorAdapter.this.notifyAll();
            }
          }

          @Override
          public @Nullable RuntimeException givenUp() {
            return null;
          }

          @Override
          public String toString() {
            return "an executor service";
          }
        };
    if (run.isClosing()) {
      throw new RejectedExecutionException("The run of the executor service is closed");
    }
    return run.submit(request, new JobBody.Called(function, arguments), owner, this::register);
  }

  private synchronized void register(SubmittedJob<?> job) {
    if (shutDown) {
      throw new RejectedExecutionException("The executor service is shut down");
    }
    open.add(job);
  }

  @Override
  public synchronized void shutdown() {
    shutDown = true;
    notifyAll();
  }

  /**
   * Cancels every job that has not ended. Returns no tasks: those that had not started are
   * cancelled jobs, whose futures are cancelled.
   */
  @Override
  public List<Runnable> shutdownNow() {
    Collection<SubmittedJob<?>> toCancel;
    synchronized (this) {
      shutdown();
      toCancel = new ArrayList<>(open);
    }
    toCancel.forEach(SubmittedJob::cancel);
    return List.of();
  }

  @Override
  public synchronized boolean isShutdown() {
    return shutDown;
  }

  @Override
  public synchronized boolean isTerminated() {
    return shutDown && open.isEmpty();
  }

  @Override
  public synchronized boolean awaitTermination(long timeout, TimeUnit unit)
      throws InterruptedException {
    long end = System.nanoTime() + unit.toNanos(timeout);
    while (!isTerminated()) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return true;
  }

  // The tasks that AbstractExecutorService would make for these cannot travel.

  @Override
  public <T extends @Nullable Object> List<Future<T>> invokeAll(
      Collection<? extends Callable<T>> tasks) throws InterruptedException {
    return invokeAll(tasks, Long.MAX_VALUE, TimeUnit.NANOSECONDS);
  }

  @Override
  public <T extends @Nullable Object> List<Future<T>> invokeAll(
      Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
      throws InterruptedException {
    long nanos = unit.toNanos(timeout);
    long start = System.nanoTime();
    List<Future<T>> futures = new ArrayList<>();
    boolean ended = false;
    try {
      for (Callable<T> task : tasks) {
        futures.add(submit(task));
      }
      for (Future<T> future : futures) {
        if (!awaitEnd(future, nanos - (System.nanoTime() - start))) {
          return futures;
        }
      }
      ended = true;
      return futures;
    } catch (GrainInterruptedException e) {
      throw interrupted(e);
    } finally {
      if (!ended) {
        futures.forEach(future -> future.cancel(true));
      }
    }
  }

  private static boolean awaitEnd(Future<?> future, long nanos) throws InterruptedException {
    try {
      future.get(nanos, TimeUnit.NANOSECONDS);
      return true;
    } catch (ExecutionException | CancellationException e) {
      return true;
    } catch (TimeoutException e) {
      return false;
    }
  }

  @Override
  public <T extends @Nullable Object> T invokeAny(Collection<? extends Callable<T>> tasks)
      throws InterruptedException, ExecutionException {
    try {
      return invokeAny(tasks, Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public <T extends @Nullable Object> T invokeAny(
      Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    if (tasks.isEmpty()) {
      throw new IllegalArgumentException("There are no tasks");
    }
    long nanos = unit.toNanos(timeout);
    long start = System.nanoTime();
    BlockingQueue<Future<T>> ended = new LinkedBlockingQueue<>();
    List<JobFuture<T>> futures = new ArrayList<>();
    try {
      for (Callable<T> task : tasks) {
        JobFuture<T> future = submitted(add(task));
        futures.add(future);
        future.job().whenEnded(() -> ended.add(future));
      }
      ExecutionException last = new ExecutionException("No task has succeeded", null);
      for (int left = futures.size(); left > 0; left--) {
        Future<T> next = ended.poll(nanos - (System.nanoTime() - start), TimeUnit.NANOSECONDS);
        if (next == null) {
          throw new TimeoutException("No task has succeeded in time");
        }
        try {
          return next.get();
        } catch (ExecutionException e) {
          last = e;
        } catch (CancellationException e) {
          last = new ExecutionException(e);
        }
      }
      throw last;
    } catch (GrainInterruptedException e) {
      throw interrupted(e);
    } finally {
      futures.forEach(future -> future.cancel(true));
    }
  }

  /** Converts Grain's exception for an interruption into that of this interface. */
  private static InterruptedException interrupted(GrainInterruptedException e) {
    Thread.interrupted();
    InterruptedException interrupted = new InterruptedException(e.getMessage());
    interrupted.initCause(e);
    return interrupted;
  }

  /**
   * A future that fails with what the task threw, as the futures of other executors do, and that is
   * done as soon as its job has ended.
   */
  private record JobFuture<T extends @Nullable Object>(
      SubmittedJob<T> job, CompletableFuture<T> future) implements Future<T> {
    @Override
    public boolean cancel(boolean mayInterrupt) {
      return !job.status().ended() && future.cancel(mayInterrupt);
    }

    @Override
    public boolean isCancelled() {
      return future.isCancelled() || job.status() == JobStatus.CANCELLED;
    }

    @Override
    public boolean isDone() {
      return future.isDone() || job.status().ended();
    }

    @Override
    public T get() throws InterruptedException, ExecutionException {
      try {
        return future.get();
      } catch (ExecutionException e) {
        throw unwrapped(e);
      }
    }

    @Override
    public T get(long timeout, TimeUnit unit)
        throws InterruptedException, ExecutionException, TimeoutException {
      try {
        return future.get(timeout, unit);
      } catch (ExecutionException e) {
        throw unwrapped(e);
      }
    }

    private static ExecutionException unwrapped(ExecutionException e) {
      Throwable thrown = e.getCause();
      if (thrown instanceof JobCancelledException) {
        CancellationException cancelled = new CancellationException(thrown.getMessage());
        cancelled.initCause(thrown);
        throw cancelled;
      }
      return thrown instanceof JobFailedException failed && failed.getCause() != null
          ? new ExecutionException(failed.getMessage(), failed.getCause())
          : e;
    }
  }
}
