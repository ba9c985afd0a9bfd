package dev.grain;

import dev.grain.message.Order;
import dev.grain.session.SessionLimits;
import java.time.Duration;

/** Every limit that a run keeps to, with its default. */
final class RunLimits {
  /** How long a job or a group that was cancelled may take to end before it is reported. */
  static final Duration CANCEL_GRACE = Duration.ofNanos(Order.Limits.USUAL_GRACE);

  /** How many later jobs may overtake one that does not fit. */
  static final int OVERTAKING = 100;

  /** How many jobs that ask for nothing run on the head's own machine at a time. */
  static final int HEAD_PLACES = 256;

  /** How much of what a job prints is kept: the end of it, in bytes. */
  static final int OUTPUT_KEPT = 64 * 1024;

  /** How long the end of a run waits for a listener or the console to take the last output. */
  static final Duration OUTPUT_PATIENCE = Duration.ofSeconds(5);

  /** How long a worker whose link is cut may take to come back. */
  static final Duration SESSION_GRACE = Duration.ofSeconds(60);

  /** How long a run goes on without a worker. */
  static final Duration NO_WORKERS = Duration.ofSeconds(60);

  /** How many inputs of a {@code map} are on their way or wait to be consumed. */
  static final int MAP_WINDOW = 1024;

  /** How many failures of a group, or of a {@code stream}, are kept beside the first one. */
  static final int FAILURES_KEPT = 100;

  private RunLimits() {}

  /**
   * How many bytes the arguments of all jobs that have not ended may take: a quarter of the heap.
   */
  static long queuedBytes() {
    return Runtime.getRuntime().maxMemory() / 4;
  }

  /**
   * How many bytes the results of a {@code forEach} or a {@code stream} may take while they wait to
   * be consumed: a quarter of the heap.
   */
  static long waitingResults() {
    return Runtime.getRuntime().maxMemory() / 4;
  }

  /**
   * How many bytes the arguments of a job, or its result, may take: two fifths of the heap, as they
   * stand there beside what they are made of.
   */
  static long valueBytes() {
    return SessionLimits.ofThisHeap().value();
  }

  /**
   * How much of what jobs print may wait for a listener or the console, in characters: a
   * sixty-fourth of the heap.
   */
  static int outputWaiting() {
    return (int) Math.min(Integer.MAX_VALUE, Runtime.getRuntime().maxMemory() / 64);
  }

  /** How much memory the embedded worker offers: three quarters of the heap. */
  static long embeddedMemory() {
    return Runtime.getRuntime().maxMemory() / 4 * 3;
  }
}
