package dev.grain.node;

import dev.grain.Allocation;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Lease;
import dev.grain.resource.internal.Offer;
import dev.grain.resource.internal.Slots;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which job gets which slots and when: in the order of arrival among those that fit, except that
 * the one that waits longest lets only so many others pass. Guarded by the {@link Admission}.
 *
 * <p>The head mirrors these decisions in {@code dev.grain.schedule.SentAhead}. What both keep to is
 * in {@code docs/architecture.md}, "Who gets slots next".
 *
 * <p>Implementation note: an ended job's slots go to the oldest job that asks for the same and was
 * offered them, without being taken again. A run of equal jobs ends when the one that waits longest
 * has let as many pass as it has to.
 */
final class SlotQueue {
  private final String node;
  private final EngineLimits limits;
  private final Consumer<? super NodeJob> whenBegun;

  private final Slots slots;
  private final JobLine waiting = new JobLine();
  private final HandOffs handOffs = new HandOffs();
  private final SequencedSet<HeldSlots> allHeld = new LinkedHashSet<>();
  // those whose jobs do not begin for the time being
  private List<JobSource> congested = List.of();
  private List<NodeJob> begun = new ArrayList<>();
  // the one that has waited longest, of those that are on offer or were looked at in the last pass
  private @Nullable NodeJob oldest;
  // whether that let others not pass, so that these may begin when it has
  private boolean barring;
  private boolean slotsReleased;
  // whether something may begin that did not when it was looked at last
  private boolean changed;

  /**
   * Makes those of an idle node.
   *
   * @param whenBegun receives each job that gets slots that nobody handed over
   */
  SlotQueue(String node, Offer offer, EngineLimits limits, Consumer<? super NodeJob> whenBegun) {
    this.node = node;
    this.limits = limits;
    this.slots = new Slots(offer);
    this.whenBegun = whenBegun;
  }

  /** Adds jobs that wait, in the order of their arrival. */
  void add(List<NodeJob> arrived) {
    arrived.forEach(waiting::addLast);
    changed = true;
  }

  /** The jobs of these sources are not to begin. */
  void congested(List<JobSource> now) {
    changed |= !now.equals(congested);
    congested = now;
  }

  /** Returns whether something may begin that did not when it was looked at last. */
  boolean changed() {
    return changed;
  }

  /** Returns the slots that a job holds. */
  static HeldSlots heldBy(NodeJob job) {
    if (job.held == null) {
      throw new IllegalStateException(job + " ended, but it was not running");
    }
    return job.held;
  }

  /** Removes a job that has not begun; returns whether it had not. */
  boolean takeBack(NodeJob job) {
    boolean taken = waiting.remove(job) || handOffs.withdraw(job);
    changed |= taken;
    return taken;
  }

  /** Jobs have got another source: those that could not begin may. */
  void onMoved() {
    changed = true;
  }

  /** Removes the jobs that have not begun, of one source or of all, in the order of arrival. */
  List<NodeJob> takeBackAll(@Nullable JobSource source) {
    handOffs.withdrawAll(waiting);
    List<NodeJob> taken =
        waiting.toList().stream().filter(job -> source == null || job.source == source).toList();
    taken.forEach(waiting::remove);
    slotsReleased = true;
    changed = true;
    return taken;
  }

  /** Returns the jobs that hold slots, in the order in which these were taken. */
  List<NodeJob> holders() {
    return allHeld.stream().map(each -> each.job).toList();
  }

  /** Returns the job that has just got slots, and those that fit beside it. */
  List<NodeJob> beginWith(NodeJob next, long now) {
    if (!changed) {
      return List.of(next);
    }
    begun.add(next);
    return begin(now);
  }

  /**
   * Lets the oldest job that was offered these slots have them; null if there is none, or if
   * another one has waited long enough.
   */
  @Nullable NodeJob handOver(HeldSlots held, long now) {
    HandOff handOff = held.handOff;
    NodeJob next = handOff == null ? null : handOff.line.first();
    if (handOff == null || next == null || letsNotPass(oldest, next)) {
      return null;
    }
    handOffs.withdraw(next);
    countOvertakingBy(next);
    if (next == oldest) {
      oldest = oldestOfAll(handOff);
      changed |= barring;
    }
    held.job.held = null;
    held.job = next;
    holds(next, held, now);
    return next;
  }

  /**
   * Returns the one that has waited longest and whose source is not congested.
   *
   * @param busiest where most of those on offer are
   */
  private @Nullable NodeJob oldestOfAll(HandOff busiest) {
    NodeJob onOffer = handOffs.oldestOnOffer(busiest);
    NodeJob first = waiting.first();
    for (int left = limits.lookahead(); first != null && isCongested(first); first = first.next) {
      if (--left == 0) {
        return onOffer;
      }
    }
    return first == null || (onOffer != null && onOffer.arrival < first.arrival) ? onOffer : first;
  }

  private boolean letsNotPass(@Nullable NodeJob first, NodeJob job) {
    return first != null && first.arrival < job.arrival && first.overtaken >= limits.overtaking();
  }

  private static void holds(NodeJob job, HeldSlots held, long now) {
    job.held = held;
    job.begunWith = held;
    job.startedAt = now;
  }

  /** Gives slots back that nobody takes over. */
  void release(HeldSlots held) {
    held.job.held = null;
    allHeld.remove(held);
    held.lease.close();
    if (held.handOff != null) {
      handOffs.removeHolder(held.handOff);
    }
    slotsReleased = true;
    changed = true;
  }

  /** Lets begin what fits, and offers other jobs to running ones that ask for the same. */
  List<NodeJob> begin(long now) {
    changed = false;
    if (handOffs.hasOffers() && !congested.isEmpty()) {
      // whoever ends takes whatever is on offer
      handOffs.withdrawAll(waiting);
    }
    if (slotsReleased) {
      slotsReleased = false;
      beginFromOffers(now);
    }
    beginFromWaiting(now);
    if (begun.isEmpty()) {
      return List.of();
    }
    List<NodeJob> those = begun;
    begun = new ArrayList<>();
    return those;
  }

  /**
   * Slots were released. What is on offer counts as waiting, so the one that came first gets them:
   * if that is on offer it begins, otherwise all come together again.
   */
  private void beginFromOffers(long now) {
    NodeJob first = handOffs.oldestOnOffer();
    while (first != null && waiting.isYounger(first)) {
      Lease lease = slots.take(first.demand(), false);
      if (lease == null) {
        break;
      }
      handOffs.withdraw(first);
      begin(first, lease, now);
      first = handOffs.oldestOnOffer();
    }
    if (first != null && (!waiting.isYounger(first) || handOffs.offersToOthersThan(first) > 0)) {
      handOffs.withdrawAll(waiting);
    }
  }

  private void beginFromWaiting(long now) {
    barring = false;
    oldest = handOffs.oldestOnOffer();
    Demand tooLarge = null;
    int left = limits.lookahead();
    NodeJob next;
    for (NodeJob job = waiting.first(); job != null && left > 0; job = next) {
      next = job.next;
      if (begun.size() >= Admission.MOST_AT_ONCE) {
        changed = true;
        return;
      }
      if (isBarred(job)) {
        barring = true;
        return;
      }
      if (isCongested(job)) {
        left--;
        continue;
      }
      boolean alone = job.order().alone();
      Lease lease = alone || job.demand() != tooLarge ? slots.take(job.demand(), alone) : null;
      if (lease != null) {
        waiting.remove(job);
        countOvertakingBy(job);
        begin(job, lease, now);
      } else {
        tooLarge = alone ? tooLarge : job.demand();
        left -= offer(job) ? 0 : 1;
        oldest = oldest == null || job.arrival < oldest.arrival ? job : oldest;
      }
    }
  }

  private boolean isCongested(NodeJob job) {
    return !congested.isEmpty() && congested.contains(job.source);
  }

  /** Returns whether the oldest one lets it not pass, with those that it may still have to. */
  private boolean isBarred(NodeJob job) {
    NodeJob first = oldest;
    return first != null
        && first.arrival < job.arrival
        && !first.takesOverLike(job)
        && first.overtaken + handOffs.offersToOthersThan(first) >= limits.overtaking();
  }

  private void countOvertakingBy(NodeJob job) {
    NodeJob first = oldest;
    if (first != null && first.arrival < job.arrival) {
      first.overtaken++;
    }
  }

  /** Offers the job to those that run and ask for the same, if there are any. */
  private boolean offer(NodeJob job) {
    HandOff handOff = job.mayTakeOver() ? handOffs.find(job.demand()) : null;
    if (handOff == null) {
      return false;
    }
    waiting.remove(job);
    handOffs.offer(job, handOff);
    return true;
  }

  private void begin(NodeJob job, Lease lease, long now) {
    HandOff handOff = job.order().alone() ? null : handOffs.addHolder(job.demand());
    Allocation allocation =
        handOff == null ? lease.toAllocation(node) : handOff.allocation(lease, node);
    HeldSlots held = new HeldSlots(lease, allocation, handOff, job);
    allHeld.add(held);
    holds(job, held, now);
    begun.add(job);
    whenBegun.accept(job);
  }

  /** Returns whether the job that has waited longest lets no younger one begin. */
  boolean isBarred() {
    NodeJob first = oldest;
    return first != null
        && first.overtaken + handOffs.offersToOthersThan(first) >= limits.overtaking();
  }

  /**
   * Returns whether a job that came now would begin at once, and nobody else before it.
   *
   * @param before those that come before it, and have not been added
   */
  boolean hasRoom(Demand demand, List<NodeJob> before) {
    NodeJob first = oldest;
    boolean barred =
        first != null
            && first.overtaken + before.size() + handOffs.offersToOthersThan(first)
                >= limits.overtaking();
    return !changed && !barred && waiting.size() < limits.lookahead() && fitsBehind(before, demand);
  }

  /** Tries it out: takes the slots of those before it, and gives them back. */
  private boolean fitsBehind(List<NodeJob> before, Demand demand) {
    if (before.isEmpty()) {
      return slots.fits(demand, false);
    }
    List<Lease> leases = new ArrayList<>();
    boolean fits = true;
    for (NodeJob job : before) {
      Lease lease = slots.take(job.demand(), job.order().alone());
      if (lease == null) {
        fits = false;
        break;
      }
      leases.add(lease);
    }
    fits &= slots.fits(demand, false);
    leases.reversed().forEach(Lease::close);
    return fits;
  }

  /**
   * Checks that the slots are sound, and that no waiting job fits that should have begun.
   *
   * @throws IllegalStateException if that is not so
   */
  void checkInvariants() {
    checkSlots();
    int left = limits.lookahead();
    for (NodeJob job : waiting.toList()) {
      if (isBarred(job) || left-- == 0) {
        break;
      }
      ensureItMustWait(job);
    }
    handOffs.onOffer().forEach(this::ensureItMustWait);
  }

  /**
   * Checks that the slots are sound, which holds at any time.
   *
   * @throws IllegalStateException if that is not so
   */
  void checkSlots() {
    slots.checkInvariants();
    if (allHeld.isEmpty() != slots.idle()) {
      throw new IllegalStateException(
          "%s jobs hold slots, but the slots are %s".formatted(allHeld.size(), slots));
    }
  }

  private void ensureItMustWait(NodeJob job) {
    if (!isCongested(job) && slots.fits(job.demand(), job.order().alone())) {
      throw new IllegalStateException(job + " fits and does not start");
    }
  }
}
