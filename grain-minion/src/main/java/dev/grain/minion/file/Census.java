package dev.grain.minion.file;

import dev.grain.minion.QueueStats;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.OptionalLong;

/** Counts what there is in a queue. It changes meanwhile, so the numbers may not fit together. */
final class Census {
  private Census() {}

  static QueueStats of(Folder folder) throws IOException {
    long ready = folder.readyMarkers().stream().mapToLong(Marker::left).sum();
    Peers peers = new Peers(folder, () -> 0);
    peers.refresh();
    long done = 0;
    long inFlight = 0;
    long minions = 0;
    for (Peers.Peer peer : peers.all()) {
      Receipts receipts = receipts(folder, peer.minion());
      done += receipts.acked();
      minions += peer.isActive() ? 1 : 0;
      if (peer.taker() == null || peers.caredFor(peer) < 0) {
        inFlight += open(peer.history(), receipts);
      }
    }
    return new QueueStats(
        OptionalLong.of(ready),
        OptionalLong.of(inFlight),
        OptionalLong.of(done),
        OptionalLong.of(new Letters(folder).count()),
        OptionalLong.of(minions));
  }

  private static long open(History history, Receipts receipts) {
    long open = 0;
    for (var each : history.claims().entrySet()) {
      History.Claim claim = each.getValue();
      if (claim.isOpen() && !claim.isUncertain()) {
        open += claim.size() - Takeover.settled(history, each.getKey(), receipts).cardinality();
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
