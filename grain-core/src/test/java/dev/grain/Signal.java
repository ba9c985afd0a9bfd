package dev.grain;

import java.io.Serializable;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A latch that jobs and the test share: what travels is its number, and the embedded worker has the
 * static state of the program.
 */
public record Signal(long number) implements Serializable {
  private static final AtomicLong LAST = new AtomicLong();
  private static final Map<Long, CountDownLatch> LATCHES = new ConcurrentHashMap<>();

  /** Returns one that is fired once. */
  public static Signal create() {
    return create(1);
  }

  /** Returns one that has to be fired so many times. */
  public static Signal create(int times) {
    Signal signal = new Signal(LAST.incrementAndGet());
    LATCHES.put(signal.number(), new CountDownLatch(times));
    return signal;
  }

  private CountDownLatch latch() {
    return LATCHES.get(number);
  }

  public void fire() {
    latch().countDown();
  }

  public boolean fired() {
    return latch().getCount() == 0;
  }

  /** Waits for it, unless the thread is interrupted. */
  public void await() throws InterruptedException {
    latch().await();
  }

  /** Waits for it, interrupted or not. */
  public void awaitThroughInterrupts() {
    boolean interrupted = false;
    while (true) {
      try {
        await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Fires this one and waits for another: what a job does that the test holds. */
  public void fireAndAwait(Signal other) throws InterruptedException {
    fire();
    other.await();
  }
}
