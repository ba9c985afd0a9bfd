package dev.grain.schedule;

import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Fractions;
import dev.grain.resource.internal.Kind;
import dev.grain.resource.internal.Lease;
import dev.grain.resource.internal.Offer;
import dev.grain.resource.internal.Slots;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * A node as the scheduler sees it. Everything in it belongs to the scheduler's thread.
 *
 * <p>Implementation note. Why a node takes no jobs is a flag for each reason, and not one state:
 * the reasons come and go independently, so a node that is set aside may be draining and out of
 * reach as well, and takes jobs again only when none is left. Each field states which class writes
 * it.
 */
public final class Node {
  /** How much work should wait at a node, so that its slots never wait for a round trip. */
  private static final long AHEAD_NANOS = 2_000_000;

  /** Jobs that run longer than this on average are not sent ahead. */
  private static final long LONG_NANOS = 100_000_000;

  private static final int MOST_AHEAD = 4096;

  /** When so many jobs ahead are gone, others follow them, even if that is less than half. */
  private static final int MANY_GONE = 64;

  private final String name;
  private final Offer offer;
  final Slots slots;

  /** Its place in the indexes over nodes. */
  final int leaf;

  /** How many scarce resources it has; nodes that have none are taken first. */
  final int scarcity;

  /** When it goes away, on the clock of the events; {@code Long.MAX_VALUE} for never. */
  final long until;

  /** Every job it has, by number. Written by Assignments, as the next two are. */
  final JobTable sent = new JobTable();

  /** Those of them that are not known to have started, in the order of sending. */
  final JobList waiting = new JobList.Line();

  /** Those that are, in the order of starting. */
  final JobList started = new JobList.Line();

  /** Those that hold slots here and are not known to have started. Written with their leases. */
  final UnstartedLeases unstarted = new UnstartedLeases();

  /** How many of the waiting jobs have no slots. Written here, for SentAhead. */
  int aheadCount;

  /** What they ask for. */
  private final AheadClasses aheadClasses = new AheadClasses();

  /** What jobs of other heads hold there. Written by Assignments, and here. */
  final Others others;

  /**
   * How many of its jobs have freed their slots, and may not have ended. Written by Assignments.
   */
  int freedCount;

  /** What it has when idle, in the dimensions of the indexes. Written by Nodes. */
  long[] ever = {};

  /** What it has for the next job. Written by Nodes. */
  long[] visible = {};

  // what that was made of
  private long shownChanges = -1;
  private boolean shownBarred;
  private @Nullable ScheduledJob shownReservation;

  /** Whether it is among the nodes with room for jobs ahead. Written by Nodes. */
  boolean roomy;

  /** Whether it may have become able to run more. Written by Nodes. */
  boolean dirty;

  /** Whether it is gone. Written by NodeStates, as the next three are. */
  boolean lost;

  /** Whether its worker has more than it offers here, and so would start what does not fit. */
  boolean bounded;

  /** Whether it takes no more jobs. */
  boolean draining;

  /** Whether nobody knows what has become of it. */
  boolean suspended;

  /**
   * Whether it gets no jobs for a while, as it could not start several in a row. Written by
   * SetAside, as the next four are.
   */
  boolean aside;

  /** Until when, for how long in all, and why it could not start the last one. */
  long asideUntil;

  long asideNanos;
  String asideReason = "";

  /**
   * What it could not prepare lately. Jobs that need that do not come here for a while. Written by
   * Unprepared.
   */
  final SequencedMap<Object, Unprepared.Failure> unprepared = new LinkedHashMap<>(0);

  /** How many jobs it could not start since it ran one. */
  int refusals;

  private long meanRun = -1;

  /** How many jobs ahead may wait for each that has slots. */
  private int aheadEach = 1;

  Node(String name, Offer offer, long until, int leaf, int scarcity) {
    this.name = name;
    this.offer = offer;
    this.slots = new Slots(offer);
    this.others = new Others(slots);
    this.until = until;
    this.leaf = leaf;
    this.scarcity = scarcity;
  }

  /** Returns the name of its worker. */
  public String name() {
    return name;
  }

  /** Returns what it offers. */
  public Offer offer() {
    return offer;
  }

  /** Returns how much of a kind is free, in its units, by the accounting. */
  public long free(Kind kind) {
    return slots.free(kind);
  }

  /** Returns how much of a kind jobs of other heads hold, in its units. */
  public long heldByOthers(Kind kind) {
    return others.held(kind);
  }

  /** Returns how many jobs it has: those that run there, and those that were sent ahead. */
  public int jobCount() {
    return sent.size();
  }

  /** Returns the job of that number and attempt if the node has it. */
  public @Nullable ScheduledJob find(long number, int attempt) {
    ScheduledJob job = sent.find(number);
    return job != null && job.attempt == attempt ? job : null;
  }

  /** Returns whether it takes no more jobs, and ends when those that it has started have. */
  public boolean isDraining() {
    return draining;
  }

  /** Returns whether it takes jobs. */
  boolean open() {
    return !lost && !draining && !suspended && !aside;
  }

  /** Takes slots for a job of the class, which must fit. */
  Lease take(RequestClass requestClass) {
    Lease lease = slots.take(requestClass.demand(), requestClass.alone());
    if (lease == null) {
      throw new IllegalStateException(
          "%s does not fit %s, which has %s".formatted(requestClass, this, slots));
    }
    return lease;
  }

  /**
   * Takes slots from jobs that have not started until there are those that one has.
   *
   * @param fractions which core and which GPU it has a part of
   * @return those that have none now, in the order in which they lost them
   */
  List<ScheduledJob> unseatFor(ScheduledJob job, Fractions fractions) {
    List<ScheduledJob> unseated = new ArrayList<>(0);
    while (!slots.fitsAt(job.requestClass().demand(), job.alone, fractions)) {
      unseated.add(unseat(inTheWay(job, fractions)));
    }
    return unseated;
  }

  /**
   * Takes slots from jobs that have not started, until there are those that one has that the node
   * had before, or none is left to take them from.
   *
   * @return those that have none now, in the order in which they lost them
   */
  List<ScheduledJob> unseatForAdopted(ScheduledJob job, Fractions fractions) {
    List<ScheduledJob> unseated = new ArrayList<>(0);
    Demand demand = job.requestClass().demand();
    ScheduledJob victim = unstarted.last();
    while (victim != null && !slots.fitsAt(demand, job.alone, fractions)) {
      unseated.add(unseat(victim));
      victim = unstarted.last();
    }
    return unseated;
  }

  private ScheduledJob unseat(ScheduledJob victim) {
    unstarted.remove(victim);
    Objects.requireNonNull(victim.lease).close();
    victim.lease = null;
    return victim;
  }

  /**
   * Takes slots for what jobs of other heads hold, if need be from jobs that have not started. A
   * bounded node has more than these slots, so which of them others have is not known.
   *
   * @return those that have none now, in the order in which they lost them
   */
  List<ScheduledJob> claimForOthers() {
    List<ScheduledJob> unseated = new ArrayList<>(0);
    if (bounded) {
      return unseated;
    }
    others.claim();
    ScheduledJob victim = unstarted.last();
    while (victim != null && (others.bar() || others.lackSlots())) {
      unseated.add(unseat(victim));
      others.claim();
      victim = unstarted.last();
    }
    return unseated;
  }

  /** Whether jobs of other heads hold slots that are accounted for here. */
  boolean isShared() {
    return !bounded && !others.areAbsent();
  }

  /**
   * Whether the node has reported that it starts no job before one that has waited there for long.
   */
  boolean isBarredByNode() {
    return isShared() && others.bar();
  }

  /**
   * Whether the job, which is ahead or would be, waits for jobs of other heads alone: none of this
   * one could pass it, or be held back by it.
   */
  boolean isLeftToOthers(int jobs) {
    return isShared() && sent.size() == jobs && unstarted.incoming.isEmpty();
  }

  private ScheduledJob inTheWay(ScheduledJob job, Fractions fractions) {
    Demand demand = job.requestClass().demand();
    ScheduledJob victim = null;
    if (slots.fits(demand, job.alone)) {
      // there is enough of everything, but not on the core and the GPU that the node names
      Fractions core = new Fractions(fractions.core(), Fractions.UNNAMED);
      Fractions gpu = new Fractions(Fractions.UNNAMED, fractions.gpu());
      victim =
          !slots.fitsAt(demand, job.alone, core)
              ? unstarted.lastOnCore(fractions.core())
              : slots.fitsAt(demand, job.alone, gpu) ? null : unstarted.lastOnGpu(fractions.gpu());
    }
    victim = victim == null ? unstarted.last() : victim;
    if (victim == null) {
      throw new IllegalStateException(
          "%s started %s, for which it cannot have slots: %s".formatted(this, job, slots));
    }
    return victim;
  }

  /** Takes other slots for a job that has lost its own, and returns whether there are some. */
  boolean reseat(ScheduledJob job) {
    RequestClass requestClass = job.requestClass();
    job.lease = slots.take(requestClass.demand(), requestClass.alone());
    if (job.lease == null) {
      return false;
    }
    unstarted.add(job);
    return true;
  }

  /**
   * Returns whether the slots that the job was sent with stand for those that the worker reports. A
   * worker with more than it offers here counts its cores otherwise.
   */
  boolean stands(Lease lease, Fractions reported) {
    return bounded || lease.fractions().equals(reported);
  }

  /** Takes note of how long a job ran. */
  void observe(long ran) {
    meanRun = meanRun < 0 ? ran : meanRun + (ran - meanRun) / 8;
    aheadEach =
        meanRun > LONG_NANOS
            ? 0
            : Math.clamp(Math.ceilDiv(AHEAD_NANOS, Math.max(1, meanRun)), 1, MOST_AHEAD);
  }

  /** How many jobs without slots may wait here. */
  int aheadLimit() {
    if (bounded) {
      return 0;
    }
    long own = meanRun < 0 ? concurrent() : (long) aheadEach * concurrent();
    // as others start jobs there that wait, so that this head gets its turn
    return (int) Math.min(MOST_AHEAD, own + (long) Math.max(1, aheadEach) * others.jobs());
  }

  private int concurrent() {
    return Math.max(1, sent.size() - aheadCount - freedCount);
  }

  /**
   * Whether so many of the jobs ahead are gone that others are to follow. They follow several at a
   * time, as each time wakes the node, but before a slot could find none.
   */
  boolean runsLow() {
    int limit = aheadLimit();
    int gone = limit - aheadCount;
    return gone > 0 && (2 * gone >= limit || gone >= MANY_GONE || aheadCount < concurrent());
  }

  /** One more of the waiting jobs has no slots. */
  void addAhead(RequestClass requestClass) {
    aheadCount++;
    aheadClasses.add(requestClass);
  }

  /** One of the waiting jobs without slots has left, or has slots now. */
  void removeAhead(RequestClass requestClass) {
    aheadCount--;
    aheadClasses.remove(requestClass);
  }

  /** Tells, without looking at them, whether no waiting job could get slots; false if unsure. */
  boolean noneFits() {
    return aheadCount == 0 || aheadClasses.noneFits(slots);
  }

  /**
   * Takes note of what {@link #visible} is about to be made of, beside what never changes.
   *
   * @return whether it is anything new
   */
  boolean showsOther(boolean barred, @Nullable ScheduledJob reservation) {
    if (shownChanges == slots.changes()
        && shownBarred == barred
        && shownReservation == reservation) {
      return false;
    }
    shownChanges = slots.changes();
    shownBarred = barred;
    shownReservation = reservation;
    return true;
  }

  /** Has {@link #visible} made again, whatever it was made of. */
  void forgetShown() {
    shownChanges = -1;
  }

  @Override
  public String toString() {
    return name;
  }
}
