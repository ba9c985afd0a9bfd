package dev.grain.loop;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One thread that runs tasks one after the other and knows the time: a Netty event loop in life, a
 * hand-driven one in the simulation.
 *
 * <p>Tasks must not block.
 */
public interface Loop {
  /**
   * Runs the task on the loop, after those posted before it. May be called by any thread.
   *
   * @throws java.util.concurrent.RejectedExecutionException if the loop has ended
   */
  void post(Runnable task);

  /**
   * Runs the task on the loop after the delay. May be called by any thread.
   *
   * @param delayNanos how long to wait, in nanoseconds; not negative
   * @return to call it off
   */
  Timer schedule(long delayNanos, Runnable task);

  /** Returns the time of a monotonic clock with an arbitrary origin, in nanoseconds. */
  long now();

  /** Returns whether the caller is a task of this loop. */
  boolean inLoop();

  /** Posts the task; returns false, and does nothing, if the loop has ended. */
  default boolean tryPost(Runnable task) {
    try {
      post(task);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  /**
   * Asks a question on the loop and waits for the answer, interrupted or not; at once if the caller
   * is a task of the loop.
   *
   * @return the answer; empty if it is null or the loop has ended
   */
  default <T> Optional<T> ask(Supplier<@Nullable T> question) {
    if (inLoop()) {
      return Optional.ofNullable(question.get());
    }
    CompletableFuture<@Nullable T> answer = new CompletableFuture<>();
    boolean asked =
        tryPost(() -> {
          try {
            answer.complete(question.get());
          } catch (RuntimeException | Error e) {
            answer.completeExceptionally(e);
          }
        });
    return asked ? Optional.ofNullable(answer.join()) : Optional.empty();
  }

  /** A task that waits for its time. */
  interface Timer {
    /** Calls the task off if it has not run yet. To be called on the loop. */
    void cancel();
  }
}
