package dev.grain.node;

import dev.grain.resource.internal.Holdings;
import dev.grain.resource.internal.HoldingsSum;
import dev.grain.resource.internal.Offer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * What the jobs of each source hold, as far as it was reported to the loop, while there are several
 * sources: each is notified of what the jobs of the others hold. A source that is the only one
 * costs nothing.
 *
 * <p>To be used on the node's loop.
 */
final class Sharing {
  // all only accessed by the loop
  // those that are to be notified, with what was sent to them last
  private final SequencedMap<JobSource, Told> told = new LinkedHashMap<>();
  private final SequencedMap<JobSource, HoldingsSum> held = new LinkedHashMap<>();
  private final Offer offer;
  private HoldingsSum total;
  private boolean active;
  private boolean changed;
  private boolean barred;

  /** What was sent to a source. */
  private record Told(Holdings holdings, boolean barred) {
    static final Told NOTHING = new Told(Holdings.NONE, false);
  }

  /** Creates it for a node with this offer; without sources. */
  Sharing(Offer offer) {
    this.offer = offer;
    this.total = new HoldingsSum(offer);
  }

  /**
   * Adds a source that is to be notified.
   *
   * @param running the jobs whose start was reported to the loop
   */
  void attach(JobSource source, List<NodeJob> running) {
    told.putIfAbsent(source, Told.NOTHING);
    changed |= active;
    if (!active && (told.size() > 1 || running.stream().anyMatch(job -> job.source != source))) {
      active = true;
      changed = true;
      running.forEach(this::began);
    }
  }

  /**
   * Jobs have got another source.
   *
   * @param running the jobs whose start was reported to the loop
   */
  void moved(List<NodeJob> running) {
    if (!active && running.stream().anyMatch(job -> !told.containsKey(job.source))) {
      active = true;
      changed = true;
      running.forEach(this::began);
    }
  }

  /** Tells the source nothing any more; what its jobs still hold counts for the others. */
  void detach(JobSource source) {
    told.remove(source);
    changed |= active;
  }

  /** Returns whether there is something to {@link #tell}. */
  boolean hasNews() {
    return changed;
  }

  /** Returns whether there are several sources, so that what they hold is counted. */
  boolean isActive() {
    return active;
  }

  /** A job has got slots. */
  void began(NodeJob job) {
    if (active) {
      HoldingsSum ofSource = held.computeIfAbsent(job.source, _ -> new HoldingsSum(offer));
      ofSource.add(job.demand(), job.order().alone(), job.fractions());
      total.add(job.demand(), job.order().alone(), job.fractions());
      changed = true;
    }
  }

  /** A job that has got slots has them no more. */
  void ended(NodeJob job) {
    HoldingsSum ofSource = held.get(job.source);
    if (ofSource != null) {
      ofSource.remove(job.demand(), job.order().alone(), job.fractions());
      total.remove(job.demand(), job.order().alone(), job.fractions());
      changed = true;
      if (ofSource.isEmpty()) {
        held.remove(job.source);
      }
    }
  }

  /**
   * Reports to each source what the others hold, if that has changed. One that is congested is
   * notified later, with what it is by then.
   *
   * @param barredNow whether a job that waits, of whichever source, lets no younger one begin
   * @return those that were notified
   */
  List<JobSource> tell(boolean barredNow) {
    boolean bars = barredNow && told.size() > 1;
    if (!changed && bars == barred) {
      return List.of();
    }
    changed = false;
    barred = bars;
    List<JobSource> those = new ArrayList<>();
    told.replaceAll((source, before) -> {
      Told now = new Told(heldByOthers(source), bars);
      if (now.equals(before)) {
        return before;
      }
      if (source.isCongested()) {
        changed = true;
        return before;
      }
      source.onOthersHold(now.holdings, now.barred);
      those.add(source);
      return now;
    });
    restIfAlone();
    return those;
  }

  private Holdings heldByOthers(JobSource source) {
    HoldingsSum own = held.get(source);
    return total.without(own == null ? new HoldingsSum(offer) : own);
  }

  /** Stops counting when there is one source that knows that it is the only one. */
  private void restIfAlone() {
    boolean alone =
        told.size() <= 1
            && told.values().stream().allMatch(Told.NOTHING::equals)
            && told.keySet().containsAll(held.keySet());
    if (active && alone && !changed) {
      active = false;
      held.clear();
      total = new HoldingsSum(offer);
    }
  }
}
