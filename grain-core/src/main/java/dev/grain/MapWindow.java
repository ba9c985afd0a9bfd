package dev.grain;

/**
 * How many inputs of a {@code forEach} or a {@code stream} are on their way, and whether there is
 * room for another one: the results that wait to be consumed, with those that are to come, take no
 * more than a number of bytes. For all threads.
 *
 * <p>Implementation note: how large results are is known when the first ones are there. Until then,
 * an input enters when those before it have started, so that every slot gets one; each result lets
 * a few more wait for slots. Results to come count as the largest of late.
 */
final class MapWindow {
  /** How many wait for slots before there is a result. */
  private static final int FIRST = 2;

  /** How many more may wait for each result. */
  private static final int EACH = 2;

  /** Of what was the largest, so much is forgotten with each result. */
  private static final int FORGOTTEN = 16;

  private final int most;
  private final long bytes;

  // all guarded by this
  private int open;
  private int unstarted;
  private int toCome;
  private long bearable = FIRST;
  private long waitingBytes;
  private long largest;

  /**
   * Makes an empty one.
   *
   * @param most how many inputs may be in it
   * @param bytes how many bytes their results may take, if there is more than one
   */
  MapWindow(int most, long bytes) {
    this.most = most;
    this.bytes = bytes;
  }

  /** Returns whether another input may enter. */
  synchronized boolean hasRoom() {
    return open == 0
        || (open < most && unstarted < bearable && waitingBytes + (toCome + 1) * largest <= bytes);
  }

  /** An input is about to be submitted. */
  synchronized void enter() {
    open++;
    unstarted++;
    toCome++;
  }

  /** The job of an input has started. */
  synchronized void onStarted() {
    unstarted--;
  }

  /**
   * The job of an input has ended.
   *
   * @param started whether its start was reported
   * @param size how many bytes the result takes until it is consumed
   */
  synchronized void onEnded(boolean started, long size) {
    unstarted -= started ? 0 : 1;
    toCome--;
    bearable = Math.min(most, bearable + EACH);
    waitingBytes += size;
    largest = Math.max(size, largest - largest / FORGOTTEN);
  }

  /** A result is consumed. */
  synchronized void leave(long size) {
    open--;
    waitingBytes -= size;
  }
}
