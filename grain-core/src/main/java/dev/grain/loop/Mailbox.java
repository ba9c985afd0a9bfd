package dev.grain.loop;

import io.netty.util.internal.PlatformDependent;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Hands things from any thread to a loop, many in one task: the loop is woken once for all that
 * arrive until it gets to them.
 *
 * @param <T> what is handed over
 */
public final class Mailbox<T> {
  /** How many things one task handles before the loop gets to other tasks. */
  private static final int BATCH = 1024;

  private final Loop loop;
  private final Consumer<? super T> receiver;
  private final Runnable afterBatch;
  private final Queue<T> queue = PlatformDependent.newMpscQueue();
  // true from the moment a task is posted until it starts; set by any thread, cleared by the loop
  private final AtomicBoolean posted = new AtomicBoolean();

  /**
   * Makes an empty mailbox.
   *
   * @param loop the loop that receives
   * @param receiver called on the loop with each thing, in the order of arrival
   * @param afterBatch called on the loop after each batch
   */
  public Mailbox(Loop loop, Consumer<? super T> receiver, Runnable afterBatch) {
    this.loop = loop;
    this.receiver = receiver;
    this.afterBatch = afterBatch;
  }

  /**
   * Hands a thing over. May be called by any thread.
   *
   * @throws java.util.concurrent.RejectedExecutionException if the loop has ended
   */
  public void add(T thing) {
    queue.add(thing);
    wake();
  }

  private void wake() {
    if (!posted.get() && posted.compareAndSet(false, true)) {
      loop.post(this::receive);
    }
  }

  private void receive() {
    posted.set(false);
    int left = BATCH;
    for (T thing = queue.poll(); thing != null; thing = --left > 0 ? queue.poll() : null) {
      receiver.accept(thing);
    }
    afterBatch.run();
    if (!queue.isEmpty()) {
      wake();
    }
  }
}
