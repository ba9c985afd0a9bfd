package dev.grain.service.http;

import dev.grain.service.http.Refusal.Kind;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Waits for what is done by other threads. */
final class Waiting {
  private Waiting() {}

  /** Returns the value of a future, or throws what it has failed with. */
  static <T> T forValue(CompletableFuture<T> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Refusal(
          Kind.UNAVAILABLE,
          "The head is stopping, so it is not known whether the change was made. Ask again when it has started; with an idempotency key, nothing is done twice.",
          e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    }
  }
}
