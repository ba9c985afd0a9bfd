package dev.grain.minion.file;

import dev.grain.minion.file.Segment.Item;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Claims items for a minion: the next ones of a segment, as many as are likely to take it a second
 * or two. For one thread.
 */
final class Claims {
  /** How long the items of a claim are to last. */
  static final long CLAIM_NANOS = 1_000_000_000L;

  private static final int MOST_CLAIMED = 4096;

  private final Folder folder;
  private final Takeover takeover;
  private final LongSupplier nanos;

  // what there was when it was looked last, without what was tried since
  private final Deque<Marker> ready = new ArrayDeque<>();
  private long looked;
  private int size = 1;
  private long since;

  Claims(Folder folder, Takeover takeover, LongSupplier nanos) {
    this.folder = folder;
    this.takeover = takeover;
    this.nanos = nanos;
    this.looked = nanos.getAsLong();
    // neither fast nor slow
    this.since = looked - 3 * CLAIM_NANOS / 2;
  }

  /**
   * Items that were claimed.
   *
   * @param number the number of the claim in the log
   */
  record Claimed(int number, List<Item> items) {}

  /** The log that the minion writes, which another one may have taken. */
  @FunctionalInterface
  interface Log {
    /** Returns the log; a new one if that was taken. */
    OwnLog mine() throws IOException;
  }

  /** Returns when items were claimed last. */
  long since() {
    return since;
  }

  /** Claims as little as possible at the next time. */
  void slow() {
    size = 1;
  }

  /** Returns more than at the last time if those have taken little time, and less if long. */
  private int adaptedSize() {
    long took = nanos.getAsLong() - since;
    if (took < CLAIM_NANOS) {
      return Math.min(MOST_CLAIMED, 2 * size);
    }
    return took > 2 * CLAIM_NANOS ? Math.max(1, (int) (size * (double) CLAIM_NANOS / took)) : size;
  }

  /**
   * Claims the next items. The names of the segments may be of a second ago, because there may be
   * many: then others are likely to be at different ones.
   *
   * @return null if there are none
   */
  @Nullable Claimed next(Log log) throws IOException {
    while (true) {
      long now = nanos.getAsLong();
      if (ready.isEmpty() || now - looked >= CLAIM_NANOS) {
        ready.clear();
        ready.addAll(folder.readyMarkers());
        looked = now;
      }
      Marker marker = ready.poll();
      if (marker == null) {
        return null;
      }
      Claimed claimed = tryNext(marker, log);
      if (claimed != null) {
        return claimed;
      }
    }
  }

  private @Nullable Claimed tryNext(Marker marker, Log logs) throws IOException {
    List<Item> items;
    try {
      items = folder.read(marker).items();
    } catch (NoSuchFileException e) {
      return null;
    }
    int wanted = adaptedSize();
    int to = Math.min(marker.count(), marker.from() + wanted);
    // after the marker was seen; see Cleanup
    OwnLog log = logs.mine();
    int number = log.nextNumber();
    Stretch stretch = new Stretch(marker.segment(), marker.from(), to, 0);
    if (!log.write("c %s %s %s".formatted(number, stretch, marker), true)) {
      return null;
    }
    Marker claimed = marker.claimed(to, log.id(), number);
    if (!takeover.renames(marker, claimed)) {
      var _ = log.write("l " + number, false);
      return null;
    }
    var _ = log.write("g " + number, false);
    if (logs.mine() != log) {
      // whoever has the log now, sees the marker
      return null;
    }
    if (!claimed.isExhausted()) {
      ready.addFirst(claimed);
    }
    since = nanos.getAsLong();
    size = wanted;
    return new Claimed(number, List.copyOf(items.subList(marker.from(), to)));
  }
}
