package dev.grain.google;

import com.google.api.core.ApiFuture;
import com.google.api.core.ApiFutureCallback;
import com.google.api.core.ApiFutures;
import com.google.common.util.concurrent.MoreExecutors;
import com.google.protobuf.Empty;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Tells the service the same of many deliveries, in one request at a time, each with all that have
 * come meanwhile. Requests that fail for a time are sent again. For any thread.
 */
final class Batcher {
  /** A request has 512 KiB at most, and an id up to 200 bytes. */
  private static final int MOST = 2000;

  private static final Executor LATER =
      CompletableFuture.delayedExecutor(200, TimeUnit.MILLISECONDS);

  private final Function<List<String>, ApiFuture<Empty>> request;
  private final Consumer<Throwable> onFailure;

  // all guarded by this
  private final Deque<String> waiting = new ArrayDeque<>();
  private boolean isBusy;
  private boolean isClosed;

  /**
   * Makes one that has nothing to tell.
   *
   * @param request sends a request with ids
   * @param onFailure receives why a request will never be good; its ids are forgotten
   */
  Batcher(Function<List<String>, ApiFuture<Empty>> request, Consumer<Throwable> onFailure) {
    this.request = request;
    this.onFailure = onFailure;
  }

  void add(String id) {
    synchronized (this) {
      waiting.add(id);
      if (isBusy) {
        return;
      }
      isBusy = true;
    }
    send();
  }

  private void send() {
    List<String> ids = new ArrayList<>();
    synchronized (this) {
      while (ids.size() < MOST && !waiting.isEmpty()) {
        ids.add(waiting.remove());
      }
      if (ids.isEmpty()) {
        isBusy = false;
        notifyAll();
        return;
      }
    }
    ApiFutures.addCallback(
        request.apply(ids),
        new ApiFutureCallback<>() {
          @Override
          public void onSuccess(Empty result) {
            send();
          }

          @Override
          public void onFailure(Throwable thrown) {
            if (Reasons.isPassing(thrown)) {
              repeat(ids);
            } else {
              onFailure.accept(thrown);
              send();
            }
          }
        },
        MoreExecutors.directExecutor());
  }

  /** Sends the request again after a moment, unless nobody waits for it any more. */
  private synchronized void repeat(List<String> ids) {
    if (isClosed) {
      isBusy = false;
      return;
    }
    ids.reversed().forEach(waiting::addFirst);
    LATER.execute(this::send);
  }

  /**
   * Waits until all was told, or the time is over; then nothing is sent again.
   *
   * @param until when the time is over, by {@link System#nanoTime}
   */
  synchronized void close(long until) throws InterruptedException {
    try {
      for (long left = until - System.nanoTime();
          isBusy && left > 0;
          left = until - System.nanoTime()) {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      }
    } finally {
      isClosed = true;
    }
  }
}
