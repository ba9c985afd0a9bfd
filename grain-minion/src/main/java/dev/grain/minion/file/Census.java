package dev.grain.minion.file;

import dev.grain.minion.QueueStats;
import dev.grain.minion.file.History.Claim;
import dev.grain.minion.file.Peers.Peer;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import java.util.OptionalLong;

/** Counts what there is in a queue. It changes meanwhile, so the numbers may not fit together. */
final class Census {
  /** How often minions are counted if one is removed meanwhile. */
  private static final int TRIES = 20;

  private Census() {}

  static QueueStats of(Folder folder) throws IOException {
    Tally before = Tally.read(folder);
    QueueStats stats = count(folder, before);
    for (int i = 0; i < TRIES; i++) {
      Tally after = Tally.read(folder);
      if (after.equals(before)) {
        break;
      }
      before = after;
      stats = count(folder, before);
    }
    return stats;
  }

  private static QueueStats count(Folder folder, Tally tally) throws IOException {
    long ready = folder.readyMarkers().stream().mapToLong(Marker::left).sum();
    Peers peers = new Peers(folder, () -> 0, Long.MAX_VALUE);
    var _ = peers.refresh();
    long done = tally.done();
    long inFlight = 0;
    long minions = 0;
    for (Peer peer : peers.all()) {
      if (!peer.minion().equals(tally.minion())) {
        done += done(folder, peer);
      }
      minions += peer.isActive() ? 1 : 0;
      if (peer.taker() == null || peers.caredFor(peer) < 0) {
        inFlight += open(folder, peer);
      }
    }
    return new QueueStats(
        OptionalLong.of(ready),
        OptionalLong.of(inFlight),
        OptionalLong.of(done),
        OptionalLong.of(new Letters(folder).count()),
        OptionalLong.of(minions));
  }

  /** Returns how many items a minion has done, also if others have taken over what is left. */
  static long done(Folder folder, Peer peer) throws IOException {
    long done = 0;
    Receipts receipts = null;
    for (Map.Entry<Integer, Claim> each : peer.history().claims().entrySet()) {
      Claim claim = each.getValue();
      if (claim.isOpen()) {
        receipts = receipts == null ? receipts(folder, peer.minion()) : receipts;
        done += receipts.of(each.getKey()).acked.cardinality();
      } else {
        done += claim.acked;
      }
    }
    return done;
  }

  private static long open(Folder folder, Peer peer) throws IOException {
    long open = 0;
    Receipts receipts = null;
    for (Map.Entry<Integer, Claim> each : peer.history().claims().entrySet()) {
      Claim claim = each.getValue();
      if (claim.isOpen() && !claim.isUncertain()) {
        receipts = receipts == null ? receipts(folder, peer.minion()) : receipts;
        open +=
            claim.size() - Takeover.settled(peer.history(), each.getKey(), receipts).cardinality();
      }
    }
    return open;
  }

  private static Receipts receipts(Folder folder, String minion) throws IOException {
    try {
      return Receipts.parse(folder.disk().read(folder.receipts(minion), 0));
    } catch (NoSuchFileException e) {
      return new Receipts();
    }
  }
}
