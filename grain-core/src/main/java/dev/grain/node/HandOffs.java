package dev.grain.node;

import dev.grain.resource.internal.Demand;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The hand-offs of a node: one for each demand that a running job has which may hand its slots
 * over; see "Who gets slots next" in {@code docs/architecture.md}. Guarded by the {@link
 * Admission}.
 */
final class HandOffs {
  /**
   * So many are kept beside those in use, as the next jobs mostly ask for what others asked for.
   */
  private static final int KEPT = 16;

  private final SequencedMap<Demand, HandOff> byDemand = new LinkedHashMap<>();
  // the one that was asked for last; most jobs ask for the same as the one before
  private @Nullable HandOff last;
  private int offers;

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
    HandOff found = last;
    if (found == null || found.demand() != demand) {
      found = byDemand.computeIfAbsent(demand, HandOff::new);
      last = found;
    }
    found.holders++;
    return found;
  }

  /** Slots that could be handed over were released. */
  void removeHolder(HandOff handOff) {
    if (--handOff.holders == 0 && byDemand.size() > KEPT) {
      byDemand.values().removeIf(each -> each.holders == 0 && each.line.isEmpty());
      last = null;
    }
  }

  /** Offers the job to those that run and ask for the same. */
  void offer(NodeJob job, HandOff handOff) {
    job.offered = handOff;
    handOff.line.addLast(job);
    offers++;
  }

  /** Takes the job back; returns whether it was on offer. */
  boolean withdraw(NodeJob job) {
    HandOff handOff = job.offered;
    if (handOff == null) {
      return false;
    }
    handOff.line.remove(job);
    job.offered = null;
    offers--;
    return true;
  }

  /** Takes all jobs back, and puts them where they belong. */
  void withdrawAll(JobLine waiting) {
    if (offers > 0) {
      for (HandOff handOff : byDemand.values()) {
        NodeJob before = null;
        for (NodeJob job = handOff.line.first(); job != null; job = handOff.line.first()) {
          withdraw(job);
          waiting.addInOrder(job, before);
          before = job;
        }
      }
    }
  }

  boolean hasOffers() {
    return offers > 0;
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

  /**
   * Returns the job on offer that came first; null if there is none.
   *
   * @param guess where all of those on offer may be
   */
  @Nullable NodeJob oldestOnOffer(HandOff guess) {
    return guess.line.size() == offers ? guess.line.first() : oldestOnOffer();
  }

  /** Returns how many jobs are on offer that ask for something else. */
  int offersToOthersThan(NodeJob job) {
    HandOff same = job.offered;
    return offers - (same == null ? 0 : same.line.size());
  }

  /** Returns the jobs that are on offer. */
  Stream<NodeJob> onOffer() {
    return byDemand.values().stream().flatMap(handOff -> handOff.line.toList().stream());
  }
}
