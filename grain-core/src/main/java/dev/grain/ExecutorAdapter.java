package dev.grain;

import dev.grain.function.Act0;
import dev.grain.function.Fn0;
import dev.grain.job.Request;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** An {@code ExecutorService} whose tasks are jobs that all ask for the same. */
final class ExecutorAdapter extends AbstractExecutorService {
  private final Run run;
  private final Request request;
  // guarded by this
  private final Set<SubmittedJob<?>> open = new LinkedHashSet<>();
  private boolean shutDown;

  ExecutorAdapter(Run run, Request request) {
    this.run = run;
    this.request = request;
  }

  @Override
  public <T extends @Nullable Object> Future<T> submit(Callable<T> task) {
    Fn0<T> function = task::call;
    return submitted(this.<T>add(function));
  }

  @Override
  public Future<?> submit(Runnable task) {
    Act0 function = task::run;
    return new CauseFuture<@Nullable Void>(this.<@Nullable Void>add(function).toFuture());
  }

  @Override
  public <T extends @Nullable Object> Future<T> submit(Runnable task, T result) {
    Fn0<T> function =
        () -> {
          task.run();
          return result;
        };
    return submitted(this.<T>add(function));
  }

  @Override
  public void execute(Runnable task) {
    this.<@Nullable Void>add((Act0) task::run);
  }

  private <T extends @Nullable Object> Future<T> submitted(SubmittedJob<T> job) {
    return new CauseFuture<>(job.toFuture());
  }

  private <T extends @Nullable Object> SubmittedJob<T> add(java.io.Serializable function) {
    JobOwner owner =
        new JobOwner() {
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
        };
    return run.submit(request, function, new Object[0], owner, this::register);
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
   * cancelled jobs, whose futures say so.
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

  /** A future that fails with what the task threw, as the futures of other executors do. */
  private record CauseFuture<T extends @Nullable Object>(Future<T> future) implements Future<T> {
    @Override
    public boolean cancel(boolean mayInterrupt) {
      return future.cancel(mayInterrupt);
    }

    @Override
    public boolean isCancelled() {
      return future.isCancelled();
    }

    @Override
    public boolean isDone() {
      return future.isDone();
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
        throws InterruptedException, ExecutionException, java.util.concurrent.TimeoutException {
      try {
        return future.get(timeout, unit);
      } catch (ExecutionException e) {
        throw unwrapped(e);
      }
    }

    private static ExecutionException unwrapped(ExecutionException e) {
      Throwable thrown = e.getCause();
      if (thrown instanceof dev.grain.job.JobCancelledException) {
        CancellationException cancelled = new CancellationException(thrown.getMessage());
        cancelled.initCause(thrown);
        throw cancelled;
      }
      return thrown instanceof dev.grain.job.JobFailedException failed && failed.getCause() != null
          ? new ExecutionException(failed.getMessage(), failed.getCause())
          : e;
    }
  }
}
