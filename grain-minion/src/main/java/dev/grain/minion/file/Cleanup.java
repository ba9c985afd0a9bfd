package dev.grain.minion.file;

import dev.grain.minion.file.History.Claim;
import dev.grain.minion.file.Peers.Peer;
import java.io.IOException;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Removes files of a queue that nobody needs any more: segments whose items are all over, and the
 * logs of minions that have ended. Every minion does so, at any time. For one thread.
 *
 * <p>Implementation note. Whatever is found to be needless stays so, so that it does not matter how
 * late it is removed, by how many, and who is killed meanwhile.
 *
 * <ul>
 *   <li>A segment is needless if all its items are claimed, and no claim of any of them is open.
 *       Claims are in the logs before the segment is renamed; so logs that are read after the names
 *       of the segments have all of them.
 *   <li>A log is needless if its minion has nothing any more, and no other log depends on it: none
 *       has an open claim that was taken over from it; it has not taken over anything from one that
 *       is still there; and it is not the only evidence that the claim of another minion, of which
 *       that is not known, has succeeded.
 *   <li>The log of a minion that was taken for dead is kept for longer, because the minion may only
 *       be frozen, about to claim items by renaming a segment, as its last act in ignorance. Its
 *       log is kept until none of the segments has the name that it had when the log was taken:
 *       then that claim fails.
 * </ul>
 */
final class Cleanup {
  private final Folder folder;
  private final Peers peers;

  // the minions whose logs were taken at an earlier look, and the markers that there were then
  private Set<String> takenBefore = Set.of();
  private Set<Marker> readyBefore = Set.of();

  Cleanup(Folder folder, Peers peers) {
    this.folder = folder;
    this.peers = peers;
  }

  /** Removes what is needless now. */
  void run() throws IOException {
    while (runOnce()) {
      // one log may have been kept for another that is removed now
    }
  }

  /** Returns whether a log was removed. */
  private boolean runOnce() throws IOException {
    // before the logs are read
    List<Marker> spent = folder.markers(folder.spent());
    List<String> unpublished = folder.disk().list(folder.unpublished());
    if (!peers.refresh()) {
      return false;
    }
    Set<String> needed = new HashSet<>();
    for (Peer peer : peers.all()) {
      for (Claim claim : peers.openClaims(peer).values()) {
        claim.stretches.forEach(stretch -> needed.add(stretch.segment()));
      }
    }
    for (Marker marker : spent) {
      if (!needed.contains(marker.segment())) {
        folder.disk().delete(folder.place(marker));
      }
    }
    for (String name : unpublished) {
      String minion = Folder.returning(name);
      if (minion != null && peers.find(minion) == null) {
        // that minion was taken for dead, and others have all that it had
        folder.disk().delete(folder.unpublished().resolve(name));
      }
    }
    Set<String> harmless = harmless();
    boolean removed = false;
    for (Peer peer : peers.all()) {
      if ((peer.history().hasEnded() || harmless.contains(peer.minion())) && isNeedless(peer)) {
        removed |= remove(peer);
      }
    }
    return removed;
  }

  /** Returns the minions of which others have the log, and that can do nothing with segments. */
  private Set<String> harmless() throws IOException {
    Set<String> taken = new HashSet<>();
    for (Peer peer : peers.all()) {
      if (peer.taker() != null) {
        taken.add(peer.minion());
      }
    }
    if (taken.isEmpty()) {
      return taken;
    }
    Set<Marker> ready = new HashSet<>(folder.readyMarkers());
    if (ready.isEmpty()) {
      return taken;
    }
    Set<String> harmless = Set.of();
    if (Collections.disjoint(readyBefore, ready)) {
      harmless = takenBefore;
      takenBefore = taken;
      readyBefore = ready;
    }
    return harmless;
  }

  private boolean isNeedless(Peer peer) {
    boolean over =
        peer.taker() == null ? !peer.history().isBusy() : peers.caredFor(peer) >= peer.size();
    return over && peers.all().stream().noneMatch(other -> dependsOn(other, peer));
  }

  private boolean dependsOn(Peer other, Peer peer) {
    if (other.minion().equals(peer.minion())) {
      return false;
    }
    if (peers.caresFor(peer, other)) {
      return true;
    }
    for (Map.Entry<Integer, Claim> each : peers.openClaims(other).entrySet()) {
      Claim claim = each.getValue();
      if (peer.minion().equals(claim.from)
          || (claim.isUncertain()
              && peer.history().refersTo(Marker.origin(other.minion(), each.getKey())))) {
        return true;
      }
    }
    return false;
  }

  /** Adds what the minion has done to the tally, and removes its files. */
  private boolean remove(Peer peer) throws IOException {
    Tally tally = Tally.read(folder);
    // after the tally was read: a log that is there now, was not added before
    List<Folder.Log> logs = folder.logs();
    if (!logs.contains(peer.log())) {
      return false;
    }
    if (!tally.minion().equals(peer.minion())) {
      for (Folder.Log log : logs) {
        if (log.minion().equals(tally.minion())) {
          // who has added it was killed, or is about to do this
          removeFiles(log);
        }
      }
      if (!tally.add(folder, peer.minion(), Census.done(folder, peer))) {
        return false;
      }
    }
    removeFiles(peer.log());
    return true;
  }

  /** Removes the log last, because who has receipts has a log. */
  private void removeFiles(Folder.Log log) throws IOException {
    folder.disk().delete(folder.receipts(log.minion()));
    folder.disk().delete(folder.log(log));
  }
}
