package dev.grain;

import dev.grain.OutputListener.Output;
import dev.grain.concurrent.Uninterruptibly;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Hands what jobs print to those who want it, on a thread of its own, so that a terminal or a
 * listener that is slow keeps no loop waiting. What waits is bounded; beyond, the oldest is skipped
 * and counted.
 */
final class OutputFeed implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(OutputFeed.class.getName());

  /** What each output takes beside its text, in characters. */
  private static final int OVERHEAD = 100;

  private final int limit;
  private final Consumer<Output> consumer;

  // guarded by this
  private final ArrayDeque<Output> waiting = new ArrayDeque<>();
  private int taken;
  private long skipped;
  private boolean closed;
  private @Nullable Thread thread;

  /**
   * Makes a feed without a thread; it starts with the first output.
   *
   * @param limit how many characters may wait; each output counts as some more than it has
   * @param consumer receives the output; what it throws is logged
   */
  OutputFeed(int limit, Consumer<Output> consumer) {
    this.limit = limit;
    this.consumer = consumer;
  }

  /** Hands output over; for any thread. */
  synchronized void add(Output output) {
    if (closed) {
      return;
    }
    if (thread == null) {
      thread = Thread.ofPlatform().daemon().name("grain-output").start(this::run);
    }
    waiting.addLast(output);
    taken += room(output);
    while (taken > limit && waiting.size() > 1) {
      Output oldest = waiting.removeFirst();
      taken -= room(oldest);
      skipped += oldest.text().length();
    }
    notifyAll();
  }

  private void run() {
    for (Output next = take(); next != null; next = take()) {
      try {
        consumer.accept(next);
      } catch (RuntimeException | Error e) {
        LOG.log(System.Logger.Level.ERROR, "The listener to the output of jobs failed", e);
      }
    }
  }

  private synchronized @Nullable Output take() {
    while (waiting.isEmpty() && !closed) {
      try {
        wait();
      } catch (InterruptedException e) {
        // nobody but a listener interrupts this thread; it ends when the run does
      }
    }
    Output next = waiting.peekFirst();
    if (next != null && skipped > 0) {
      long left = skipped;
      skipped = 0;
      return new Output(
          next.job(),
          next.name(),
          next.worker(),
          String.format(
              Locale.ROOT,
              "[... %,d characters of output were dropped: the listener is too slow ...]\n",
              left),
          next.error());
    }
    if (next != null) {
      waiting.removeFirst();
      taken -= room(next);
    }
    return next;
  }

  private static int room(Output output) {
    return OVERHEAD + output.text().length();
  }

  /** Waits until everything has been handed over, within bounds, and ends the thread. */
  @Override
  public void close() {
    Thread left;
    synchronized (this) {
      closed = true;
      left = thread;
      notifyAll();
    }
    if (left != null && left != Thread.currentThread()) {
      Uninterruptibly.await(
          RunLimits.OUTPUT_PATIENCE.toNanos(), nanos -> left.join(Duration.ofNanos(nanos)));
    }
  }
}
