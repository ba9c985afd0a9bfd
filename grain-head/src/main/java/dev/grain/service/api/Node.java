package dev.grain.service.api;

import java.time.Instant;
import java.util.SequencedMap;

/**
 * A worker that has joined a head.
 *
 * @param id the id of its process
 * @param name which no other worker has that is there at the same time
 * @param address where it is
 * @param since when it joined
 * @param amounts what it has of each kind, by the names of the kinds; memory in bytes
 * @param jobs how many jobs it has: those that run there, and those that wait there to start
 * @param version that of its program
 */
public record Node(
    String id,
    String name,
    String address,
    State state,
    Instant since,
    SequencedMap<String, Amount> amounts,
    int jobs,
    String version) {
  /** What it does. */
  public enum State {
    /** It takes jobs. */
    CONNECTED,
    /** It has no connection; it goes on with what it has, and is waited for. */
    AWAY,
    /** It takes no more jobs, and ends when those that run there have ended. */
    DRAINING
  }

  /** How much there is of a kind, and how much of that is free. */
  public record Amount(double total, double free) {}
}
