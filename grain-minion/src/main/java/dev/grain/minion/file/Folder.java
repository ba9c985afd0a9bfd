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
 * dead/MINION.NUMBER               dead letters
 * new/MINION.NUMBER                what is about to get into ready
 * </pre>
 */
final class Folder {
  private static final String CLAIMS = ".claims";
  private static final String TAKEN = ".taken.";

  /** How often a segment is looked for that is renamed meanwhile. */
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

  Path unpublished() {
    return root.resolve("new");
  }

  /** Returns all folders. */
  List<Path> folders() {
    return List.of(ready(), spent(), minions(), letters(), unpublished());
  }

  // ---------------------------------------------------------------- segments

  /** Returns the markers of segments with items that nobody has claimed, in order. */
  List<Marker> readyMarkers() throws IOException {
    List<Marker> markers = new ArrayList<>();
    for (String name : disk.list(ready())) {
      Marker marker = Marker.parse(name);
      if (marker != null) {
        markers.add(marker);
      }
    }
    markers.sort(Comparator.comparing(Marker::segment).thenComparingInt(Marker::from));
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
      for (String name : disk.list(folder)) {
        Marker marker = Marker.parse(name);
        if (marker != null && marker.segment().equals(segment)) {
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
      try {
        last = Segment.decode(marker.segment(), bytes);
      } catch (IOException e) {
        throw new IOException(
            "the file %s is no segment of a queue: %s".formatted(place(marker), e.getMessage()), e);
      }
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

  /** Returns the logs of all minions that there ever were, in order. */
  List<Log> logs() throws IOException {
    List<Log> logs = new ArrayList<>();
    Set<String> minions = new HashSet<>();
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
      }
    }
    return logs;
  }

  Path log(Log log) {
    return minions().resolve(log.name());
  }

  Path receipts(String minion) {
    return minions().resolve(minion + ".receipts");
  }

  /** Returns the file of what is about to be published. */
  Path unpublished(String minion, int number) {
    return unpublished().resolve(minion + "." + number);
  }

  /** Returns the marker of what a minion publishes of items that were delivered before. */
  static Marker published(String minion, int number, int count) {
    // before those that were filled in, which start with an s
    return new Marker("r" + minion + "-" + number, count, 0, minion, number);
  }
}
