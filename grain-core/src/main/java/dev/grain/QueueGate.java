package dev.grain;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Lets submissions wait while the arguments of the jobs that have not ended take too much memory.
 */
final class QueueGate {
  /** What a job takes beside its arguments, about. */
  private static final long OVERHEAD = 200;

  private final long limit;
  private final AtomicLong used = new AtomicLong();
  // guarded by this for writing
  private volatile int waiting;

  QueueGate(long limit) {
    this.limit = limit;
  }

  /**
   * Enters, or waits until there is room. A job may be larger than what is left: the last one in
   * goes over the limit.
   *
   * @param owner what the job is to belong to; when it is given up, the wait ends
   * @throws GrainInterruptedException if the thread is interrupted while it waits
   */
  void enter(long bytes, JobOwner owner) {
    if (used.getAndAdd(bytes + OVERHEAD) >= limit) {
      used.addAndGet(-bytes - OVERHEAD);
      waitForRoom(bytes, owner);
    }
  }

  private synchronized void waitForRoom(long bytes, JobOwner owner) {
    waiting++;
    try {
      while (used.get() >= limit) {
        RuntimeException reason = owner.givenUp();
        if (reason != null) {
          throw reason;
        }
        wait();
      }
      used.addAndGet(bytes + OVERHEAD);
    } catch (InterruptedException e) {
      throw new GrainInterruptedException("room in the queue");
    } finally {
      waiting--;
    }
  }

  void leave(long bytes) {
    if (used.addAndGet(-bytes - OVERHEAD) < limit && waiting > 0) {
      wakeAll();
    }
  }

  /** Counts bytes without waiting for room; it is those who enter that wait. */
  void hold(long bytes) {
    used.addAndGet(bytes);
  }

  /** Ends what {@link #hold} started. */
  void release(long bytes) {
    if (used.addAndGet(-bytes) < limit && waiting > 0) {
      wakeAll();
    }
  }

  /** Returns how many bytes the jobs take that have entered and not left. */
  long used() {
    return used.get();
  }

  /** Returns whether every job that has entered has left. */
  boolean isEmpty() {
    return used.get() == 0;
  }

  /**
   * Waits until every job that has entered has left.
   *
   * @param nanos how long to wait at most
   * @return whether all have
   */
  synchronized boolean awaitEmpty(long nanos) throws InterruptedException {
    long start = System.nanoTime();
    waiting++;
    try {
      while (!isEmpty()) {
        long left = nanos - (System.nanoTime() - start);
        if (left <= 0) {
          return false;
        }
        TimeUnit.NANOSECONDS.timedWait(this, left);
      }
      return true;
    } finally {
      waiting--;
    }
  }

  /** Lets those that wait look again whether what they wait for is given up. */
  synchronized void wakeAll() {
    notifyAll();
  }
}
