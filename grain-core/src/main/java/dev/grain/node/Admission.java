package dev.grain.node;

import dev.grain.bytes.Bytes;
import dev.grain.resource.Allocation;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Lease;
import dev.grain.resource.internal.Offer;
import dev.grain.resource.internal.Slots;
import dev.grain.wire.End;
import dev.grain.wire.Loop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.SequencedSet;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Which job gets which slots and when: in the order of arrival among those that fit, except that
 * the one that waits longest lets only so many others pass.
 *
 * <p>It is entered by the node's loop and by the threads of jobs, one at a time. The thread of a
 * job that ends gives the slots back and begins by itself what fits then, so that no slot waits for
 * the loop. The loop hears of all that by reports, in the order in which it happened.
 *
 * <p>Implementation note: an ended job's slots go to the oldest job that asks for the same and was
 * offered them, without being taken again. A run of equal jobs ends when the one that waits longest
 * has let as many pass as it has to.
 */
final class Admission {
  /** How many jobs begin at once at most, before others may enter. */
  static final int MOST_AT_ONCE = 32;

  /** How often somebody looks whether it can enter before it waits: the stays are short. */
  private static final int LOOKS = 64;

  private final String node;
  private final Loop loop;
  private final NodeEngine.Limits limits;
  private final Runnable hear;
  private final ReentrantLock lock = new ReentrantLock();

  // all guarded by the lock
  private final Slots slots;
  private final JobLine waiting = new JobLine();
  private final HandOffs handOffs = new HandOffs();
  private final SequencedSet<Holding> holdings = new LinkedHashSet<>();
  private final Queue<Report> reports = new ArrayDeque<>();
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
  // true from the moment the loop is told that there are reports until it asks for them
  private boolean told;

  /**
   * Makes one for an idle node.
   *
   * @param hear to be run on the loop when there are reports
   */
  Admission(String node, Offer offer, Loop loop, NodeEngine.Limits limits, Runnable hear) {
    this.node = node;
    this.loop = loop;
    this.limits = limits;
    this.hear = hear;
    this.slots = new Slots(offer);
  }

  private void enter() {
    for (int looks = LOOKS; looks > 0; looks--) {
      if (lock.tryLock()) {
        return;
      }
      Thread.onSpinWait();
    }
    lock.lock();
  }

  // ---------------------------------------------------------------- for the threads of jobs

  /**
   * The job has ended: its slots go to others.
   *
   * @return those that have begun, which the caller has to run; if {@link #MOST_AT_ONCE}, there may
   *     be more
   */
  List<NodeJob> ended(NodeJob job, End end) {
    long now = loop.now();
    List<NodeJob> toRun;
    boolean wakes;
    enter();
    try {
      Holding holding = heldBy(job);
      NodeJob next = handOver(holding, now);
      reports.add(new Report.Ended(job, end, now - job.startedAt, next));
      if (next == null) {
        release(holding);
        toRun = begin(now);
      } else if (changed) {
        begun.add(next);
        toRun = begin(now);
      } else {
        toRun = List.of(next);
      }
      wakes = tell();
    } finally {
      lock.unlock();
    }
    wake(wakes);
    return toRun;
  }

  /** Lets more begin after {@link #MOST_AT_ONCE}; as {@link #ended}. */
  List<NodeJob> beginMore() {
    List<NodeJob> toRun;
    boolean wakes;
    enter();
    try {
      toRun = changed ? begin(loop.now()) : List.of();
      wakes = tell();
    } finally {
      lock.unlock();
    }
    wake(wakes);
    return toRun;
  }

  /** The job, which has begun, cannot run. The loop lets others begin in its place. */
  void notRun(NodeJob job, End.Failure failure) {
    boolean wakes;
    enter();
    try {
      release(heldBy(job));
      reports.add(new Report.Ended(job, failure, 0, null));
      wakes = tell();
    } finally {
      lock.unlock();
    }
    wake(wakes);
  }

  /** The job has printed something. */
  void printed(NodeJob job, Bytes text, boolean error) {
    boolean wakes;
    enter();
    try {
      reports.add(new Report.Printed(job, text, error));
      wakes = tell();
    } finally {
      lock.unlock();
    }
    wake(wakes);
  }

  private static Holding heldBy(NodeJob job) {
    if (job.held == null) {
      throw new IllegalStateException(job + " ended, but it was not running");
    }
    return job.held;
  }

  /** Returns whether the loop is to be told that there are reports. */
  private boolean tell() {
    boolean tells = !told && !reports.isEmpty();
    told |= tells;
    return tells;
  }

  private void wake(boolean wakes) {
    if (wakes) {
      loop.post(hear);
    }
  }

  // ---------------------------------------------------------------- for the loop

  /** Adds jobs, which have an arrival, in its order. They begin with {@link #begin(List)}. */
  void add(List<NodeJob> arrived) {
    enter();
    try {
      arrived.forEach(waiting::addLast);
      changed = true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Lets begin what fits.
   *
   * @param congestedNow the sources whose jobs are not to begin
   * @return those that have begun, which the caller has to run; if {@link #MOST_AT_ONCE}, there may
   *     be more
   */
  List<NodeJob> begin(List<JobSource> congestedNow) {
    enter();
    try {
      changed |= !congestedNow.equals(congested);
      congested = congestedNow;
      return changed ? begin(loop.now()) : List.of();
    } finally {
      lock.unlock();
    }
  }

  /** Removes the next reports, at most so many, and returns them. */
  List<Report> takeReports(int most) {
    enter();
    try {
      int count = Math.min(most, reports.size());
      List<Report> taken = new ArrayList<>(count);
      for (int left = count; left > 0; left--) {
        taken.add(reports.remove());
      }
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** Returns how many reports there are. */
  int reportCount() {
    enter();
    try {
      return reports.size();
    } finally {
      lock.unlock();
    }
  }

  /** The loop is about to ask for so many reports; it is told again if there are more. */
  void onHearing(int most) {
    boolean wakes;
    enter();
    try {
      told = reports.size() > most;
      wakes = told;
    } finally {
      lock.unlock();
    }
    wake(wakes);
  }

  /** Removes a job that has not begun; returns whether it had not. */
  boolean takeBack(NodeJob job) {
    enter();
    try {
      boolean taken = waiting.remove(job) || handOffs.withdraw(job);
      changed |= taken;
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** Removes the jobs that have not begun, of one source or of all, in the order of arrival. */
  List<NodeJob> takeBackAll(@Nullable JobSource source) {
    enter();
    try {
      handOffs.withdrawAll(waiting);
      List<NodeJob> taken =
          waiting.toList().stream().filter(job -> source == null || job.source == source).toList();
      taken.forEach(waiting::remove);
      slotsReleased = true;
      changed = true;
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** Returns the jobs of the source that have begun and whose end the loop has not heard of. */
  List<NodeJob> unfinished(JobSource source) {
    enter();
    try {
      List<NodeJob> found = new ArrayList<>();
      for (Report report : reports) {
        if (report instanceof Report.Ended ended && ended.job().source == source) {
          found.add(ended.job());
        }
      }
      holdings.stream()
          .map(each -> each.job)
          .filter(job -> job.source == source)
          .forEach(found::add);
      return found;
    } finally {
      lock.unlock();
    }
  }

  /** Returns the jobs that hold slots, in the order in which these were taken. */
  List<NodeJob> holders() {
    enter();
    try {
      return holdings.stream().map(each -> each.job).toList();
    } finally {
      lock.unlock();
    }
  }

  /** Returns whether no job holds slots and the loop has heard of it. */
  boolean isIdle() {
    enter();
    try {
      return holdings.isEmpty() && reports.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  // ---------------------------------------------------------------- within the lock

  /**
   * Lets the oldest job that was offered these slots have them; null if there is none, or if
   * another one has waited long enough.
   */
  private @Nullable NodeJob handOver(Holding holding, long now) {
    HandOff handOff = holding.handOff;
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
    holding.job.held = null;
    holding.job = next;
    holds(next, holding, now);
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

  private static void holds(NodeJob job, Holding holding, long now) {
    job.held = holding;
    job.begunWith = holding;
    job.startedAt = now;
  }

  private void release(Holding holding) {
    holding.job.held = null;
    holdings.remove(holding);
    holding.lease.close();
    if (holding.handOff != null) {
      handOffs.removeHolder(holding.handOff);
    }
    slotsReleased = true;
    changed = true;
  }

  /** Lets begin what fits, and offers other jobs to running ones that ask for the same. */
  private List<NodeJob> begin(long now) {
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
      if (begun.size() >= MOST_AT_ONCE) {
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
    Holding holding = new Holding(lease, allocation, handOff, job);
    holdings.add(holding);
    holds(job, holding, now);
    begun.add(job);
    reports.add(new Report.Began(job));
  }

  /**
   * Checks that the slots are sound, and that no waiting job fits that should have begun.
   *
   * @throws IllegalStateException if that is not so
   */
  void checkInvariants() {
    enter();
    try {
      slots.checkInvariants();
      if (holdings.isEmpty() != slots.idle()) {
        throw new IllegalStateException(
            "%d jobs hold slots, but the slots are %s".formatted(holdings.size(), slots));
      }
      int left = limits.lookahead();
      for (NodeJob job : waiting.toList()) {
        if (isBarred(job) || left-- == 0) {
          break;
        }
        ensureItMustWait(job);
      }
      handOffs.onOffer().forEach(this::ensureItMustWait);
    } finally {
      lock.unlock();
    }
  }

  private void ensureItMustWait(NodeJob job) {
    if (!isCongested(job) && slots.fits(job.demand(), job.order().alone())) {
      throw new IllegalStateException(job + " fits and does not start");
    }
  }
}
