package dev.grain.minion;

import dev.grain.minion.Workplace.End;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The items that are over, on their way from the threads of jobs to that of the loop, which takes
 * all at a time.
 */
final class Ends {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // both guarded by the lock
  private List<Ended> waiting = new ArrayList<>();
  private boolean woken;

  // set under the lock, so that the loop need not take it to see that there is nothing
  private volatile boolean any;

  /** An item that is over, and how it ended. */
  record Ended(ItemRun item, End end) {}

  /** An item is over; for any thread. */
  void add(ItemRun item, End end) {
    lock.lock();
    try {
      waiting.add(new Ended(item, end));
      signal();
    } finally {
      lock.unlock();
    }
  }

  /** Has the loop go on, even if nothing has ended; for any thread. */
  void wake() {
    lock.lock();
    try {
      woken = true;
      signal();
    } finally {
      lock.unlock();
    }
  }

  /** Under the lock. */
  private void signal() {
    if (!any) {
      any = true;
      changed.signal();
    }
  }

  /**
   * Returns all that have ended since the last call, in that order; waits for the first one, or
   * until it is woken.
   *
   * @param patience how long to wait; zero to return at once
   */
  List<Ended> take(Duration patience) throws InterruptedException {
    if (!any && patience.isZero()) {
      return List.of();
    }
    long left = patience.toNanos();
    lock.lockInterruptibly();
    try {
      while (waiting.isEmpty() && !woken && left > 0) {
        left = changed.awaitNanos(left);
      }
      List<Ended> all = waiting;
      waiting = new ArrayList<>();
      woken = false;
      any = false;
      return all;
    } finally {
      lock.unlock();
    }
  }
}
