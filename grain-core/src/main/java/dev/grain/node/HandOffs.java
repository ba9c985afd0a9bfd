package dev.grain.node;

import dev.grain.resource.internal.Demand;
import java.util.LinkedHashMap;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The hand-offs of a node: one for each demand that a running job has which may hand its slots
 * over. Belongs to the node's loop.
 */
final class HandOffs {
  private final SequencedMap<Demand, HandOff> byDemand = new LinkedHashMap<>();
  // the one that was asked for last; most jobs ask for the same as the one before
  private @Nullable HandOff last;
  private int offers;
  // whether there may be some that nobody holds slots for and that have no offers
  private boolean unused;

  /** Returns where a job with the demand can be offered; null if none with it runs. */
  @Nullable HandOff find(Demand demand) {
    HandOff found = last;
    if (found == null || found.demand() != demand) {
      found = byDemand.get(demand);
    }
    if (found != null) {
      last = found;
    }
    return found != null && found.holders > 0 ? found : null;
  }

  /** A job with the demand has got slots. */
  HandOff addHolder(Demand demand) {
    HandOff handOff = byDemand.computeIfAbsent(demand, HandOff::new);
    handOff.holders++;
    return handOff;
  }

  /** The job has released its slots. */
  void removeHolder(NodeJob job) {
    HandOff handOff = job.handOff;
    unused |= handOff != null && --handOff.holders == 0;
  }

  /** Forgets the hand-offs at which nothing can happen any more. */
  void forgetUnused() {
    if (unused) {
      byDemand.values().removeIf(handOff -> handOff.holders == 0 && handOff.line.isEmpty());
      unused = byDemand.values().stream().anyMatch(handOff -> handOff.holders == 0);
      last = null;
    }
  }

  /** Offers the job to those that run and ask for the same. */
  void offer(NodeJob job, HandOff handOff) {
    job.handOff = handOff;
    handOff.offer(job);
    offers++;
  }

  /** Takes the job back, unless a thread was faster. */
  boolean withdraw(NodeJob job) {
    boolean withdrawn = job.handOff != null && job.handOff.withdraw(job);
    offers -= withdrawn ? 1 : 0;
    return withdrawn;
  }

  /** A thread has taken the job. */
  void onTaken(NodeJob job) {
    Objects.requireNonNull(job.handOff).onTaken(job);
    offers--;
  }

  /** Takes all jobs back that threads have not taken, and puts them where they belong. */
  void withdrawAll(JobLine waiting) {
    if (offers > 0) {
      for (HandOff handOff : byDemand.values()) {
        NodeJob before = null;
        for (NodeJob job = withdrawFirst(handOff); job != null; job = withdrawFirst(handOff)) {
          waiting.addInOrder(job, before);
          before = job;
        }
      }
    }
  }

  /** Takes the one back that waits longest at a hand-off; null if threads have taken all. */
  @Nullable NodeJob withdrawFirst(HandOff handOff) {
    NodeJob job = handOff.withdrawFirst();
    offers -= job == null ? 0 : 1;
    return job;
  }

  boolean hasOffers() {
    return offers > 0;
  }

  /** Returns at how many hand-offs jobs may be on offer. */
  int count() {
    return byDemand.size();
  }

  /** Returns the job on offer that came first; null if there is none. */
  @Nullable NodeJob oldestOnOffer() {
    if (offers == 0) {
      return null;
    }
    NodeJob oldest = null;
    for (HandOff handOff : byDemand.values()) {
      NodeJob first = handOff.line.first();
      if (first != null && (oldest == null || first.arrival < oldest.arrival)) {
        oldest = first;
      }
    }
    return oldest;
  }

  /** Returns how many jobs are on offer that ask for something else. */
  int offersToOthersThan(NodeJob job) {
    HandOff same = job.handOff;
    return offers - (same == null ? 0 : same.offers());
  }

  /** Returns the jobs that are on offer, or that threads have taken without the loop's knowing. */
  Stream<NodeJob> onOffer() {
    return byDemand.values().stream().flatMap(handOff -> handOff.line.toList().stream());
  }
}
