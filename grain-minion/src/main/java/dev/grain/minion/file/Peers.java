package dev.grain.minion.file;

import dev.grain.minion.file.History.Claim;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The other minions of a queue, as far as their logs tell. Whether one lives is seen by whether its
 * files grow, by the clock of this machine alone. For one thread.
 */
final class Peers {
  /** How often logs are looked for that are renamed meanwhile. */
  private static final int LOOKS = 100;

  /** For how much of the lease, at most, a minion counts as silent by one look. */
  static final int LOOKS_PER_LEASE = 4;

  private final Folder folder;
  private final LongSupplier nanos;
  private final long lease;
  private final SequencedMap<String, Peer> peers = new LinkedHashMap<>();

  /** Another minion. */
  static final class Peer {
    private final String minion;
    private final History history = new History();
    private @Nullable String taker;
    private long size = -1;
    private long receipts = -1;
    // when they were looked at last, and for how long none of them had grown by then
    private long looked;
    private long silence;

    Peer(String minion) {
      this.minion = minion;
    }

    String minion() {
      return minion;
    }

    History history() {
      return history;
    }

    /** Returns who has taken its log; null for nobody. */
    @Nullable String taker() {
      return taker;
    }

    /** Returns how long its log is. */
    long size() {
      return size;
    }

    Folder.Log log() {
      return new Folder.Log(minion, taker);
    }

    /** Returns whether it has not left, and nobody has taken its log. */
    boolean isActive() {
      return taker == null && !history.hasEnded();
    }
  }

  /**
   * Makes some that were not looked at.
   *
   * @param nanos the time, in nanoseconds from any moment on
   * @param lease after how many of them a minion that gives no sign of life is taken for dead
   */
  Peers(Folder folder, LongSupplier nanos, long lease) {
    this.folder = folder;
    this.nanos = nanos;
    this.lease = lease;
  }

  /**
   * Reads what they have written since the last time, and forgets those whose logs were removed.
   *
   * @return whether the logs of all that were there were read
   */
  boolean refresh() throws IOException {
    // where there are many minions, some log is always renamed or removed before its turn
    Set<Folder.Log> read = new HashSet<>();
    for (int i = 0; i < LOOKS; i++) {
      List<Folder.Log> logs = new ArrayList<>();
      boolean complete = folder.lists(logs);
      if (refreshAll(logs, complete, read)) {
        return complete;
      }
    }
    throw new IOException("the logs of minions are renamed all the time");
  }

  /** Reads those that were not read; returns false if the log of one was renamed meanwhile. */
  private boolean refreshAll(List<Folder.Log> logs, boolean complete, Set<Folder.Log> read)
      throws IOException {
    long now = nanos.getAsLong();
    for (Folder.Log log : logs) {
      Peer peer = peers.computeIfAbsent(log.minion(), Peer::new);
      peer.taker = log.taker();
      if (!read.contains(log) && read(peer, now)) {
        read.add(log);
      }
    }
    if (complete) {
      Set<String> there = logs.stream().map(Folder.Log::minion).collect(Collectors.toSet());
      peers.keySet().retainAll(there);
    }
    return read.containsAll(logs);
  }

  /** Returns false if its log was renamed meanwhile. */
  private boolean read(Peer peer, long now) throws IOException {
    long size = folder.disk().size(folder.log(peer.log()));
    if (size < 0) {
      return false;
    }
    if (size > peer.history.length()) {
      try {
        peer.history.feed(folder.disk().read(folder.log(peer.log()), peer.history.length()));
      } catch (NoSuchFileException e) {
        return false;
      }
    }
    boolean grown = size != peer.size;
    peer.size = size;
    if (peer.isActive()) {
      long receipts = folder.disk().size(folder.receipts(peer.minion));
      grown |= receipts != peer.receipts;
      peer.receipts = receipts;
    }
    // this minion, or the file server for all of them, may have stood still since the last look
    long more = Math.min(now - peer.looked, lease / LOOKS_PER_LEASE);
    peer.silence = grown ? 0 : peer.silence + more;
    peer.looked = now;
    return true;
  }

  /** Returns those that were there at the last look, the own one among them. */
  List<Peer> all() {
    return List.copyOf(peers.values());
  }

  @Nullable Peer find(String minion) {
    return peers.get(minion);
  }

  /** Returns whether it has shown no sign of life for the time of a lease, in several looks. */
  boolean isSilent(Peer peer) {
    return peer.silence >= lease;
  }

  /** Returns whether any of them has tried to claim from the marker that this has made. */
  boolean referTo(String origin) {
    return peers.values().stream().anyMatch(peer -> peer.history.refersTo(origin));
  }

  /**
   * Returns how much of the log of a minion that was taken is taken care of: for what was claimed
   * there, somebody else is responsible; -1 if that is nothing yet.
   */
  long caredFor(Peer peer) {
    long most = -1;
    for (Peer other : peers.values()) {
      most = Math.max(most, caredFor(peer, other));
    }
    return most;
  }

  private static long caredFor(Peer peer, Peer by) {
    return by.history.adoptedLength(peer.minion, by.minion.equals(peer.taker));
  }

  /** Returns whether nobody has taken care of more of the log of the other one than this one. */
  boolean caresFor(Peer peer, Peer other) {
    long cared = caredFor(other, peer);
    return other.taker != null && cared >= 0 && cared == caredFor(other);
  }

  /** Returns the claims that nobody else is responsible for, by their numbers. */
  SequencedMap<Integer, Claim> openClaims(Peer peer) {
    SequencedMap<Integer, Claim> open = new LinkedHashMap<>();
    if (peer.taker == null || caredFor(peer) < peer.size) {
      peer.history
          .claims()
          .forEach((number, claim) -> {
            if (claim.isOpen()) {
              open.put(number, claim);
            }
          });
    }
    return open;
  }
}
