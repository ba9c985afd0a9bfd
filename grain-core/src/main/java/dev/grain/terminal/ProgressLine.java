package dev.grain.terminal;

import dev.grain.concurrent.Uninterruptibly;
import dev.grain.dispatch.RunProgress;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Shows on the terminal how far a run is, a few times a second, from a thread of its own that reads
 * the last report of the head. Silent while nothing has been going on for half a second.
 */
public final class ProgressLine implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofMillis(500);

  /** After how many intervals without a job the line goes away. */
  private static final int IDLE = 5;

  private final Supplier<RunProgress> source;
  private final LiveLine line;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;

  // only accessed by the thread
  private final Pace pace = new Pace();
  private long lastEnded;
  private int idle;

  private ProgressLine(Supplier<RunProgress> source, LiveLine line) {
    this.source = source;
    this.line = line;
    this.thread =
        Thread.ofPlatform()
            .daemon()
            .name("grain-progress")
            .inheritInheritableThreadLocals(false)
            .unstarted(this::run);
  }

  /**
   * Starts to show.
   *
   * @return what ends it; null if there is no line to show it in
   */
  public static @Nullable ProgressLine start(
      Supplier<RunProgress> source, @Nullable LiveLine line) {
    if (line == null) {
      return null;
    }
    ProgressLine progress = new ProgressLine(source, line);
    progress.thread.start();
    return progress;
  }

  private void run() {
    try {
      while (!closed.await(INTERVAL.toNanos(), TimeUnit.NANOSECONDS)) {
        tick(System.nanoTime(), source.get());
      }
    } catch (InterruptedException e) {
      // nobody interrupts it but to end it
    }
  }

  private void tick(long now, RunProgress progress) {
    long open = ProgressText.open(progress.counts());
    boolean busy = open > 0 || progress.ended() != lastEnded;
    lastEnded = progress.ended();
    idle = busy ? 0 : idle + 1;
    if (idle >= IDLE) {
      pace.clear();
      line.hide(this);
    } else {
      pace.see(now, progress.ended(), open);
      if (pace.seen() >= PATIENCE.toNanos()) {
        line.show(
            this, ProgressText.line(progress, pace.rate(), pace.secondsLeft(), line.terminal()));
      }
    }
  }

  /** Takes the line away, and waits for the end of the thread. A second call does nothing. */
  @Override
  public void close() {
    closed.countDown();
    Uninterruptibly.await(thread::join);
    line.hide(this);
  }
}
