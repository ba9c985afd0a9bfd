package dev.grain.service.log;

import dev.grain.bytes.Bytes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * What waits to be written, in bounded memory: output for which there is no room is left out, and
 * counted. Safe for all threads; only {@link #take} blocks.
 */
final class LogQueue {
  /** About how many bytes an entry takes besides its text. */
  private static final int OVERHEAD = 100;

  private final LogLimits limits;

  // all guarded by this
  private List<Entry> entries = new ArrayList<>();
  private SequencedMap<AttemptOf, Share> shares = new LinkedHashMap<>();
  private long waiting;
  private boolean closed;

  LogQueue(LogLimits limits) {
    this.limits = limits;
  }

  /** Something that has happened to the log of a job. */
  sealed interface Entry {
    long job();

    /** It has printed something. */
    record Printed(long job, int attempt, LogStream stream, Bytes text) implements Entry {}

    /** It has printed so much for which there was no room, after all else of the attempt. */
    record LeftOut(long job, int attempt, Lengths lengths) implements Entry {}

    /**
     * Something is to be done when all before it is written.
     *
     * @param then run by the thread that writes; must not block
     */
    record Mark(long job, Runnable then) implements Entry {}

    /** It has ended, and prints nothing more. */
    record Ended(long job) implements Entry {}
  }

  /** An attempt of a job. */
  private record AttemptOf(long job, int attempt) {}

  /** What an attempt has in the queue. */
  private static final class Share {
    private long bytes;
    private Lengths leftOut = Lengths.NONE;
  }

  /**
   * What was in the queue.
   *
   * @param bytes how much memory the entries take
   */
  record Batch(List<Entry> entries, long bytes) {}

  /** Adds output, or counts it. */
  synchronized void print(Entry.Printed printed) {
    Share share =
        shares.computeIfAbsent(new AttemptOf(printed.job(), printed.attempt()), _ -> new Share());
    long bytes = printed.text().length() + OVERHEAD;
    boolean fits =
        !closed
            && share.leftOut.equals(Lengths.NONE)
            && waiting + bytes <= limits.waiting()
            && share.bytes + bytes <= limits.waitingOfJob();
    if (fits) {
      entries.add(printed);
      share.bytes += bytes;
      waiting += bytes;
    } else {
      share.leftOut = share.leftOut.plus(printed.stream(), printed.text().length());
    }
    notifyAll();
  }

  /** Adds what is no output; returns false if it takes nothing more. */
  synchronized boolean add(Entry entry) {
    if (!closed) {
      entries.add(entry);
      notifyAll();
    }
    return !closed;
  }

  /** Takes nothing more. */
  synchronized void close() {
    closed = true;
    notifyAll();
  }

  /**
   * Returns all that is there, when something is; null if the queue is closed and empty.
   *
   * @param millis how long to wait at most, after which nothing may be there; 0 for no limit
   */
  synchronized @Nullable Batch take(long millis) throws InterruptedException {
    long until = System.nanoTime() + millis * 1_000_000;
    while (isEmpty() && !closed) {
      long left = (until - System.nanoTime()) / 1_000_000;
      if (millis > 0 && left <= 0) {
        break;
      }
      wait(millis > 0 ? left : 0);
    }
    if (isEmpty() && closed) {
      return null;
    }
    long bytes = 0;
    for (Map.Entry<AttemptOf, Share> each : shares.entrySet()) {
      AttemptOf attempt = each.getKey();
      Share share = each.getValue();
      bytes += share.bytes;
      if (!share.leftOut.equals(Lengths.NONE)) {
        entries.add(new Entry.LeftOut(attempt.job(), attempt.attempt(), share.leftOut));
      }
    }
    Batch batch = new Batch(entries, bytes);
    entries = new ArrayList<>();
    shares = new LinkedHashMap<>();
    return batch;
  }

  private boolean isEmpty() {
    return entries.isEmpty() && shares.isEmpty();
  }

  /** Makes room for as much as a batch had, which is in memory no longer. */
  synchronized void onWritten(Batch batch) {
    waiting -= batch.bytes();
  }
}
