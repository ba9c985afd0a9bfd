package dev.grain.concurrent;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Waits to the end although the thread is or gets interrupted, and sets its interrupt flag again
 * afterwards, also if an exception ends the wait.
 */
public final class Uninterruptibly {
  /** A wait without a limit, which an interrupt ends; then it is made once more. */
  @FunctionalInterface
  public interface Wait {
    /** Waits. */
    void await() throws InterruptedException;
  }

  /** A wait with a limit, which an interrupt ends; then it is made once more with what is left. */
  @FunctionalInterface
  public interface TimedWait {
    /**
     * Waits.
     *
     * @param nanos at most that long; not at all if it is not positive
     * @return whether that for which it waits has come
     */
    boolean await(long nanos) throws InterruptedException;
  }

  private Uninterruptibly() {}

  /** Waits without a limit, for example {@code await(thread::join)}. */
  public static void await(Wait wait) {
    await(
        0,
        _ -> {
          wait.await();
          return true;
        });
  }

  /**
   * Waits for a limited time, for example {@code await(nanos, left -> latch.await(left,
   * NANOSECONDS))}.
   *
   * @param nanos at most that long in all
   * @return what the wait has returned
   */
  public static boolean await(long nanos, TimedWait wait) {
    long start = System.nanoTime();
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return wait.await(nanos - (System.nanoTime() - start));
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      restore(interrupted);
    }
  }

  /**
   * Parks until something holds, for a limited time. Whoever makes it hold unparks the thread.
   *
   * @param blocker what a dump of the threads shows
   * @param nanos at most that long
   * @param condition is asked before the time is looked at
   * @return whether it holds
   */
  public static boolean park(Object blocker, long nanos, BooleanSupplier condition) {
    long start = System.nanoTime();
    boolean interrupted = false;
    try {
      while (!condition.getAsBoolean()) {
        long left = nanos - (System.nanoTime() - start);
        if (left <= 0) {
          return false;
        }
        LockSupport.parkNanos(blocker, left);
        interrupted |= Thread.interrupted();
      }
      return true;
    } finally {
      restore(interrupted);
    }
  }

  private static void restore(boolean interrupted) {
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
