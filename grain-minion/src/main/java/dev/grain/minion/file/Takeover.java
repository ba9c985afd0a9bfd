package dev.grain.minion.file;

import dev.grain.minion.file.History.Claim;
import dev.grain.minion.file.History.Publication;
import dev.grain.minion.file.Peers.Peer;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Takes over the items of minions that have died. For one thread.
 *
 * <p>Implementation note: the log of the dead minion is renamed, so that one other has it. What the
 * log says is brought to an end that even the dead minion cannot change any more, should it only
 * have been frozen: a publication is completed; a claim of which it is not known whether it
 * succeeded is either seen to have, because the marker that it makes is there or somebody has
 * claimed from it, or is made impossible, by renaming the marker that it starts from. What is left
 * is written to the own log before anything is done with it. Whatever the frozen minion still adds
 * to its log is seen by the length of the log, and taken over in the same way.
 */
final class Takeover {
  private final Folder folder;
  private final Peers peers;

  Takeover(Folder folder, Peers peers) {
    this.folder = folder;
    this.peers = peers;
  }

  /**
   * What was taken over.
   *
   * @param number the number of the claim in the own log
   * @param stretches the items; may be empty
   * @param claims the claims that had these items
   */
  record Loot(int number, List<Stretch> stretches, Set<Integer> claims) {}

  /**
   * Takes over the items of one minion that needs it; the peers are fresh.
   *
   * @return what was taken over; null if there is no such minion
   */
  @Nullable Loot takeOne(OwnLog own) throws IOException {
    for (Peer peer : peers.all()) {
      if (peer.minion().equals(own.id())) {
        continue;
      }
      String taker = peer.taker();
      if (taker == null) {
        boolean left = peer.history().hasEnded() && !peer.history().isBusy();
        if (!left && peers.isSilent(peer) && take(peer, own)) {
          return adopt(peer, own, 0, "a");
        }
        continue;
      }
      long caredFor = peers.caredFor(peer);
      if (caredFor >= peer.size()) {
        continue;
      }
      if (taker.equals(own.id())) {
        return adopt(peer, own, Math.max(0, caredFor), caredFor < 0 ? "a" : "o");
      }
      Peer other = peers.find(taker);
      if (other != null && other.isActive()) {
        // that one takes care of it, or will be taken over itself
        if (!peers.isSilent(other) || other.history().isBusy()) {
          continue;
        }
      }
      if (caredFor >= 0) {
        return adopt(peer, own, caredFor, "o");
      }
      if (take(peer, own)) {
        return adopt(peer, own, 0, "a");
      }
    }
    return null;
  }

  /**
   * Takes over what this minion has itself, from the log that it has written so far.
   *
   * @param id whose log that is
   * @param own the new log
   * @return null if another minion was faster
   */
  @Nullable Loot takeOwn(String id, OwnLog own) throws IOException {
    var _ = peers.refresh();
    Peer peer = peers.find(id);
    return peer != null && peer.taker() == null && take(peer, own)
        ? adopt(peer, own, 0, "a")
        : null;
  }

  private boolean take(Peer peer, OwnLog own) throws IOException {
    Folder.Log taken = new Folder.Log(peer.minion(), own.id());
    try {
      folder.disk().rename(folder.log(peer.log()), folder.log(taken));
      return true;
    } catch (NoSuchFileException e) {
      // another one was faster, or a file server has done it, and its answer was lost
      return folder.disk().size(folder.log(taken)) >= 0;
    }
  }

  /**
   * Brings to an end what the log of a minion says.
   *
   * @param from how much of it others have taken care of
   * @param how how it is written to the own log
   * @return null if others have done so meanwhile, and removed the log, or have taken the own one
   */
  private @Nullable Loot adopt(Peer peer, OwnLog own, long from, String how) throws IOException {
    // it may have a new name, and more in it, than at the last look
    var _ = peers.refresh();
    byte[] log;
    try {
      log = folder.disk().read(folder.log(peer.log()), 0);
    } catch (NoSuchFileException e) {
      return null;
    }
    History all = new History();
    all.feed(log);
    History before = new History();
    before.feed(Arrays.copyOf(log, Math.toIntExact(Math.min(from, log.length))));
    completePublications(peer.minion(), all, before);
    List<Stretch> left = new ArrayList<>();
    Set<Integer> claims = new HashSet<>();
    Receipts receipts = receipts(peer.minion());
    for (Map.Entry<Integer, Claim> each : all.claims().entrySet()) {
      int number = each.getKey();
      Claim claim = each.getValue();
      if (!before.claims().containsKey(number)
          && claim.isOpen()
          && counts(claim, peer)
          && (!claim.isUncertain() || hasSucceeded(claim, peer.minion(), number, own))) {
        claims.add(number);
        addLeft(left, claim, settled(all, number, receipts), receipts.of(number).delivered);
      }
    }
    int number = own.nextNumber();
    StringBuilder line = new StringBuilder();
    line.append(how).append(' ').append(number).append(' ').append(peer.minion());
    line.append(' ').append(log.length);
    left.forEach(stretch -> line.append(' ').append(stretch));
    return own.write(line.toString(), true) ? new Loot(number, left, claims) : null;
  }

  /**
   * Returns whether an adoption was one, and not written by a minion that was too late. The log
   * that was taken is there as long as what was taken over from it is not over; see {@link
   * Cleanup}.
   */
  private boolean counts(Claim claim, Peer peer) {
    String minion = claim.from;
    if (minion == null) {
      return true;
    }
    Peer former = peers.find(minion);
    return former != null && peer.minion().equals(former.taker());
  }

  private Receipts receipts(String minion) throws IOException {
    try {
      return Receipts.parse(folder.disk().read(folder.receipts(minion), 0));
    } catch (NoSuchFileException e) {
      return new Receipts();
    }
  }

  /**
   * What was written but is not in the log is left where it is: the minion may only be frozen, and
   * about to write to its log that it publishes that.
   */
  private void completePublications(String minion, History all, History before) throws IOException {
    for (Map.Entry<Integer, Publication> each : all.publications().entrySet()) {
      Publication publication = each.getValue();
      int number = each.getKey();
      if (!publication.done && !before.publications().containsKey(number)) {
        Marker marker = Folder.published(minion, number, publication.count);
        try {
          folder.disk().rename(folder.unpublished(minion, number), folder.place(marker));
        } catch (NoSuchFileException e) {
          // it was published
        }
      }
    }
  }

  /**
   * Finds out whether a claim has succeeded, and sees to it that this does not change.
   *
   * @param number the number of the claim
   */
  private boolean hasSucceeded(Claim claim, String minion, int number, OwnLog own)
      throws IOException {
    Marker from = claim.marker;
    if (from == null) {
      return true;
    }
    Marker to = from.claimed(from.from() + claim.size(), minion, number);
    if (isSeen(to)) {
      return true;
    }
    int mine = own.nextNumber();
    Marker barred = from.claimed(from.from(), own.id(), mine);
    var _ =
        own.write(
            "c %s %s %s"
                .formatted(mine, new Stretch(from.segment(), from.from(), from.from(), 0), from),
            true);
    if (renames(from, barred)) {
      var _ = own.write("g " + mine, false);
      var _ = own.write("f " + mine + " 0 0", false);
      return false;
    }
    var _ = own.write("l " + mine, false);
    return isSeen(to);
  }

  /** Renames the file with a marker, and returns whether nobody was faster. */
  boolean renames(Marker from, Marker to) throws IOException {
    try {
      folder.disk().rename(folder.place(from), folder.place(to));
      return true;
    } catch (NoSuchFileException e) {
      // a file server may have done it, and its answer was lost
      return isSeen(to);
    }
  }

  /** Returns whether there was ever a file with that marker. */
  boolean isSeen(Marker marker) throws IOException {
    if (folder.exists(marker)) {
      return true;
    }
    var _ = peers.refresh();
    return peers.referTo(marker.origin());
  }

  /** Returns the items of a claim that are over, or were published. */
  static BitSet settled(History all, int claim, Receipts receipts) {
    BitSet settled = new BitSet();
    settled.or(receipts.of(claim).acked);
    settled.or(receipts.of(claim).dead);
    all.publications()
        .values()
        .forEach(publication -> settled.or(publication.moved.getOrDefault(claim, new BitSet())));
    return settled;
  }

  private static void addLeft(List<Stretch> left, Claim claim, BitSet settled, BitSet delivered) {
    int item = 0;
    for (Stretch stretch : claim.stretches) {
      for (int at = stretch.from(); at < stretch.to(); at++, item++) {
        if (!settled.get(item)) {
          int more = stretch.more() + (delivered.get(item) ? 1 : 0);
          add(left, new Stretch(stretch.segment(), at, at + 1, more));
        }
      }
    }
  }

  private static void add(List<Stretch> stretches, Stretch next) {
    if (!stretches.isEmpty() && stretches.getLast().isContinuedBy(next)) {
      Stretch last = stretches.removeLast();
      stretches.add(new Stretch(last.segment(), last.from(), next.to(), last.more()));
    } else {
      stretches.add(next);
    }
  }
}
