package dev.grain.kafka;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What other threads have for the thread of a lane. What is not urgent is collected for a while, so
 * that the thread does not wake for each of many short items.
 */
final class Tasks {
  private static final long COLLECT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // all guarded by the lock
  private List<Runnable> waiting = new ArrayList<>();
  private long since;
  private boolean urgent;

  /** Adds one; for any thread. */
  void add(Runnable task, boolean isUrgent) {
    lock.lock();
    try {
      boolean isFirst = waiting.isEmpty();
      if (isFirst) {
        since = System.nanoTime();
      }
      waiting.add(task);
      if (isUrgent) {
        urgent = true;
      }
      // the first one limits how long the thread waits
      if (isFirst || isUrgent) {
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Returns all there are; waits until one is urgent, the first is not new, or it takes too long.
   */
  List<Runnable> take(long nanos) throws InterruptedException {
    long until = System.nanoTime() + nanos;
    lock.lockInterruptibly();
    try {
      for (long left = left(until); left > 0; left = left(until)) {
        var _ = changed.awaitNanos(left);
      }
      List<Runnable> all = waiting;
      waiting = new ArrayList<>();
      urgent = false;
      return all;
    } finally {
      lock.unlock();
    }
  }

  /** Under the lock. */
  private long left(long until) {
    if (urgent) {
      return 0;
    }
    long now = System.nanoTime();
    return waiting.isEmpty() ? until - now : Math.min(until - now, since + COLLECT_NANOS - now);
  }
}
