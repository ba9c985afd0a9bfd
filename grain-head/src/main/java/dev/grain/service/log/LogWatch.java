package dev.grain.service.log;

import java.time.Duration;
import java.util.function.Consumer;

/**
 * Waits for what happens to the log of a job. What has happened before it was made it does not
 * tell, so make it first, and then look at the log and at the job. Safe for all threads.
 */
public final class LogWatch implements AutoCloseable {
  private final long job;
  private final Consumer<LogWatch> onClose;

  // all guarded by this
  private boolean changed;
  private boolean ended;
  private boolean stopped;
  private int latest;

  LogWatch(long job, Consumer<LogWatch> onClose) {
    this.job = job;
    this.onClose = onClose;
  }

  long job() {
    return job;
  }

  /** Something was written of an attempt; of none if it is 0. */
  synchronized void onChanged(int attempt) {
    changed = true;
    latest = Math.max(latest, attempt);
    notifyAll();
  }

  /** The job has ended, and everything that it has printed was written. */
  synchronized void onEnded() {
    ended = true;
    notifyAll();
  }

  /** Has whoever waits stop waiting, for good. */
  public synchronized void stop() {
    stopped = true;
    notifyAll();
  }

  /** Waits until something has happened since the last call, but no longer than that. */
  public synchronized void await(Duration most) throws InterruptedException {
    long until = System.nanoTime() + most.toNanos();
    while (!changed && !ended && !stopped) {
      long millis = (until - System.nanoTime()) / 1_000_000;
      if (millis <= 0) {
        break;
      }
      wait(millis);
    }
    changed = false;
  }

  /** Returns whether the job has ended, and nothing more will happen to its log. */
  public synchronized boolean hasEnded() {
    return ended;
  }

  /** Returns whether nobody is to wait any more. */
  public synchronized boolean isStopped() {
    return stopped;
  }

  /** Returns the latest attempt that has printed something since this was made; 0 if none has. */
  public synchronized int latest() {
    return latest;
  }

  @Override
  public void close() {
    onClose.accept(this);
  }
}
