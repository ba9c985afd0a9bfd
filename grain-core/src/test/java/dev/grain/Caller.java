package dev.grain;

import org.jspecify.annotations.Nullable;

/**
 * A thread that runs the code of a test which is to be interrupted or to be watched from outside.
 */
final class Caller {
  /** What is run. */
  @FunctionalInterface
  interface Body {
    void run() throws Throwable;
  }

  private final Thread thread;
  // set by the thread, read after its end
  private volatile @Nullable Throwable thrown;
  private volatile boolean interrupted;

  private Caller(Body body) {
    this.thread = Thread.ofPlatform().name("caller").unstarted(() -> run(body));
  }

  static Caller start(Body body) {
    Caller caller = new Caller(body);
    caller.thread.start();
    return caller;
  }

  private void run(Body body) {
    try {
      body.run();
    } catch (Throwable e) {
      thrown = e;
    }
    interrupted = Thread.currentThread().isInterrupted();
  }

  /** Waits until the thread waits for something: nothing else shows that it has got there. */
  Caller awaitBlocked() {
    awaitBlocked(thread);
    return this;
  }

  static void awaitBlocked(Thread thread) {
    while (thread.getState() != Thread.State.WAITING
        && thread.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
  }

  Caller interrupt() {
    thread.interrupt();
    return this;
  }

  /** Waits for the end of the thread. */
  Caller join() throws InterruptedException {
    thread.join();
    return this;
  }

  /** Returns what the body threw. */
  @Nullable Throwable thrown() {
    return thrown;
  }

  /** Returns whether the interrupt flag was set at the end of the body. */
  boolean interrupted() {
    return interrupted;
  }
}
