package dev.grain.node;

import dev.grain.bytes.Bytes;
import dev.grain.concurrent.Uninterruptibly;
import dev.grain.loop.Loop;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The room for what jobs have printed and the node's loop has not received yet. A job that prints
 * faster than the loop receives waits, as it would at a full pipe.
 */
final class OutputRoom {
  /** How many bytes may wait, with what each report takes. */
  static final int MOST = 1024 * 1024;

  private static final int OF_A_REPORT = 64;

  private final Loop loop;
  private final Semaphore free = new Semaphore(MOST);

  OutputRoom(Loop loop) {
    this.loop = loop;
  }

  /**
   * Waits until there is room, also while the thread is interrupted: the loop soon makes some.
   *
   * @throws java.util.concurrent.RejectedExecutionException if the loop has ended
   */
  void enter(Bytes text) {
    int size = size(text);
    if (!free.tryAcquire(size)) {
      waitFor(size);
    }
  }

  private void waitFor(int size) {
    Uninterruptibly.await(() -> {
      while (!free.tryAcquire(size, 1, TimeUnit.SECONDS)) {
        ensureLoopLives();
      }
    });
  }

  /** A loop that has ended makes no room, and takes no tasks. */
  private void ensureLoopLives() {
    loop.post(() -> {});
  }

  /** The loop has received what was printed. */
  void leave(Bytes text) {
    free.release(size(text));
  }

  private static int size(Bytes text) {
    return (int) Math.min(MOST, OF_A_REPORT + text.length());
  }
}
