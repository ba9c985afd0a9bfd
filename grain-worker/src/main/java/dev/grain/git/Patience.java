package dev.grain.git;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Interrupts the thread that makes it if that has not closed it when a time is over; again and
 * again, as some of JGit's waiting goes on after an interrupt.
 */
final class Patience implements AutoCloseable {
  private static final Duration REMINDER = Duration.ofMillis(100);

  private final Thread waiting = Thread.currentThread();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Duration limit;
  private final Thread watch;
  // set by the watch
  private volatile boolean over;

  Patience(Duration limit) {
    this.limit = limit;
    this.watch = Thread.ofPlatform().daemon().name("grain-git-patience").start(this::watch);
  }

  private void watch() {
    try {
      Duration next = limit;
      while (!closed.await(next.toNanos(), TimeUnit.NANOSECONDS)) {
        over = true;
        waiting.interrupt();
        next = REMINDER;
      }
    } catch (InterruptedException e) {
      // nobody interrupts it
    }
  }

  /** Returns whether the time was over. */
  boolean isOver() {
    return over;
  }

  /** Interrupts the thread no more. */
  @Override
  public void close() {
    closed.countDown();
    boolean interrupted = false;
    while (watch.isAlive()) {
      try {
        watch.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (over) {
      // it was for what has ended; whoever cancels interrupts again
      Thread.interrupted();
    } else if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
