package dev.grain.minion.file;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The folder of a queue:
 *
 * <pre>
 * grain-queue                      what kind of folder this is, and its settings
 * ready/SEGMENT.COUNT.FROM.MINION.NUMBER   items of which some are not claimed; see {@link Marker}
 * spent/...                        items that all are claimed
 * minions/MINION.claims            the log of a minion; see {@link History}
 * minions/MINION.taken.OTHER       that of one that has died, whose items the other has now
 * minions/MINION.receipts          see {@link Receipts}
 * dead/MINION.letters              dead letters; see {@link Letters}
 * dead/OPERATION.requeued          which of them were requeued
 * done/VERSION.TOTAL.MINION.ADDED  how many items are done; see {@link Tally}
 * new/MINION.NUMBER.returned       what a minion is about to put into ready
 * new/...                          the same, of others
 * </pre>
 */
final class Folder {
  private static final String CLAIMS = ".claims";
  private static final String TAKEN = ".taken.";
  private static final String RECEIPTS = ".receipts";
  private static final String RETURNED = ".returned";

  /** How often a file is looked for that is renamed meanwhile. */
  private static final int SEARCHES = 100;

  private final Path root;
  private final Disk disk;

  // the segment that was read last; most claims are from the one of the claim before
  private String lastSegment = "";
  private Segment last = new Segment(List.of());

  Folder(Path root, Disk disk) {
    this.root = root;
    this.disk = disk;
  }

  Disk disk() {
    return disk;
  }

  Path root() {
    return root;
  }

  Path header() {
    return root.resolve("grain-queue");
  }

  Path ready() {
    return root.resolve("ready");
  }

  Path spent() {
    return root.resolve("spent");
  }

  Path minions() {
    return root.resolve("minions");
  }

  Path letters() {
    return root.resolve("dead");
  }

  Path done() {
    return root.resolve("done");
  }

  Path unpublished() {
    return root.resolve("new");
  }

  /** Returns all folders. */
  List<Path> folders() {
    return List.of(ready(), spent(), minions(), letters(), done(), unpublished());
  }

  // ---------------------------------------------------------------- segments

  /** Returns the markers of segments with items that nobody has claimed, in order. */
  List<Marker> readyMarkers() throws IOException {
    List<Marker> markers = markers(ready());
    markers.sort(Comparator.comparing(Marker::segment).thenComparingInt(Marker::from));
    return markers;
  }

  /** Returns the markers of segments in one of the folders, in no order. */
  List<Marker> markers(Path folder) throws IOException {
    List<Marker> markers = new ArrayList<>();
    for (String name : disk.list(folder)) {
      Marker marker = Marker.parse(name);
      if (marker != null) {
        markers.add(marker);
      }
    }
    return markers;
  }

  /** Returns where the file with that marker is, if there is one. */
  Path place(Marker marker) {
    return (marker.isExhausted() ? spent() : ready()).resolve(marker.toString());
  }

  boolean exists(Marker marker) throws IOException {
    return disk.size(place(marker)) >= 0;
  }

  /** Returns a segment, wherever it is. */
  Segment segment(String name) throws IOException {
    if (name.equals(lastSegment)) {
      return last;
    }
    NoSuchFileException gone = null;
    for (int i = 0; i < SEARCHES; i++) {
      Marker marker = find(name);
      if (marker != null) {
        try {
          return read(marker);
        } catch (NoSuchFileException e) {
          // somebody has claimed from it meanwhile
          gone = e;
        }
      }
    }
    throw new IOException(
        "the segment %s of the queue is missing; its items are lost".formatted(name), gone);
  }

  private @Nullable Marker find(String segment) throws IOException {
    for (Path folder : List.of(ready(), spent())) {
      for (Marker marker : markers(folder)) {
        if (marker.segment().equals(segment)) {
          return marker;
        }
      }
    }
    return null;
  }

  /** Reads the segment with that marker. */
  Segment read(Marker marker) throws IOException {
    if (!marker.segment().equals(lastSegment)) {
      byte[] bytes = disk.read(place(marker), 0);
      Segment segment;
      try {
        segment = Segment.decode(marker.segment(), bytes);
        if (segment.items().size() != marker.count()) {
          throw new IOException(
              "it has %s items rather than %s".formatted(segment.items().size(), marker.count()));
        }
      } catch (IOException e) {
        throw new IOException(
            "the file %s is damaged: %s. Restore it from a copy, or to go on without its items, move it out of that folder"
                .formatted(place(marker), e.getMessage()),
            e);
      }
      last = segment;
      lastSegment = marker.segment();
    }
    return last;
  }

  // ---------------------------------------------------------------- logs

  /**
   * The log of a minion, as its name says.
   *
   * @param minion whose it is
   * @param taker who has taken it, because that minion seems to have died; null for nobody
   */
  record Log(String minion, @Nullable String taker) {
    String name() {
      return taker == null ? minion + CLAIMS : minion + TAKEN + taker;
    }
  }

  /** Returns the logs of all minions, in order; see {@link #lists}. */
  List<Log> logs() throws IOException {
    List<Log> logs = new ArrayList<>();
    var _ = lists(logs);
    return logs;
  }

  /**
   * Lists the logs of all minions, in order. One that is renamed meanwhile may be missed; but who
   * has receipts, which are never renamed, has a log.
   *
   * @return whether none was missed
   */
  boolean lists(List<Log> logs) throws IOException {
    for (int i = 0; i < SEARCHES; i++) {
      logs.clear();
      if (listsOnce(logs)) {
        return true;
      }
    }
    return false;
  }

  private boolean listsOnce(List<Log> logs) throws IOException {
    Set<String> minions = new HashSet<>();
    Set<String> missing = new HashSet<>();
    List<String> names = new ArrayList<>(disk.list(minions()));
    names.sort(null);
    for (String name : names) {
      int dot = name.indexOf('.');
      if (dot < 1) {
        continue;
      }
      String minion = name.substring(0, dot);
      if (name.endsWith(CLAIMS) && minions.add(minion)) {
        logs.add(new Log(minion, null));
      } else if (name.startsWith(TAKEN, dot) && minions.add(minion)) {
        logs.add(new Log(minion, name.substring(dot + TAKEN.length())));
      } else if (name.endsWith(RECEIPTS)) {
        missing.add(minion);
      }
    }
    missing.removeAll(minions);
    return missing.isEmpty();
  }

  Path log(Log log) {
    return minions().resolve(log.name());
  }

  Path receipts(String minion) {
    return minions().resolve(minion + RECEIPTS);
  }

  /** Returns the file of what a minion is about to publish. */
  Path unpublished(String minion, int number) {
    return unpublished().resolve(minion + "." + number + RETURNED);
  }

  /** Returns the minion whose file that is; null if it is of something else. */
  static @Nullable String returning(String unpublished) {
    return unpublished.endsWith(RETURNED)
        ? unpublished.substring(0, unpublished.indexOf('.'))
        : null;
  }

  /** Returns the marker of what a minion publishes of items that were delivered before. */
  static Marker published(String minion, int number, int count) {
    // before those that were filled in, which start with an s
    return new Marker("r" + minion + "-" + number, count, 0, minion, number);
  }
}
