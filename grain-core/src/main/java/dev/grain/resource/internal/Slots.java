package dev.grain.resource.internal;

import dev.grain.resource.internal.Demand.Part;
import dev.grain.resource.internal.Holdings.Share;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What is free of one node's {@link Offer} at the moment.
 *
 * <p>Not safe for use by several threads: whoever made it is its owner, and calls it and its leases
 * from one thread at a time.
 *
 * <p>Which ids a request gets depends on nothing but what is held: whole ids are the lowest that
 * are free, and then a fraction comes from the shared id that has the least left and still enough,
 * or else from the lowest free id.
 */
public final class Slots {
  private final Offer offer;
  private final IndexedSlots cores;
  private final IndexedSlots gpus;
  private final Map<String, Counter> customs = new HashMap<>();
  private final Map<String, IndexedSlots> listed = new HashMap<>();
  // only accessed by the owner
  private long freeMemory;
  private long freeCapacity;
  private long freeHeadPlaces;
  private long freeHeap;
  private int held;
  private long changes;
  private boolean heldAlone;

  /** Makes the slots of an idle node. */
  public Slots(Offer offer) {
    this.offer = offer;
    this.cores = new IndexedSlots(offer.coreCount());
    this.gpus = new IndexedSlots(offer.gpus().size());
    this.freeMemory = offer.memory();
    this.freeCapacity = offer.capacity();
    this.freeHeadPlaces = offer.headPlaces();
    this.freeHeap = offer.heap();
    offer
        .customs()
        .forEach((name, units) -> {
          Ids ids = offer.ids().get(name);
          if (ids == null) {
            customs.put(name, new Counter(units));
          } else {
            listed.put(name, new IndexedSlots(ids.size()));
          }
        });
  }

  /** Returns what the node has. */
  public Offer offer() {
    return offer;
  }

  /**
   * Tells whether {@link #take} would take it now.
   *
   * @param alone whether it needs the node to itself
   */
  public boolean fits(Demand demand, boolean alone) {
    return !heldAlone
        && !(alone && held > 0)
        && fitsCounted(demand)
        && (demand.cpu == 0 || cores.fits(demand.cpu))
        && (demand.gpu == 0 || fitsNow(gpus, demand, Kind.GPU, demand.gpu))
        && (listed.isEmpty() || demand.customs.isEmpty() || fitsListed(demand));
  }

  private boolean fitsCounted(Demand demand) {
    return demand.memory <= freeMemory
        && demand.capacity <= freeCapacity
        && demand.head <= freeHeadPlaces
        && demand.heap <= freeHeap
        && (!demand.engine || offer.hasEngine())
        && (demand.customs.isEmpty() || fitsCustoms(demand))
        && (demand.tokens.isEmpty() || hasTokens(demand));
  }

  private boolean fitsCustoms(Demand demand) {
    for (int i = 0; i < demand.customs.size(); i++) {
      Part part = demand.customs.get(i);
      Counter counter = customs.get(part.kind().name());
      boolean enough =
          counter == null
              ? listed.containsKey(part.kind().name())
              : counter.free >= part.amount() && !asksForIds(demand, part.kind());
      if (!enough) {
        return false;
      }
    }
    return true;
  }

  private boolean fitsListed(Demand demand) {
    for (int i = 0; i < demand.customs.size(); i++) {
      Kind kind = demand.customs.get(i).kind();
      IndexedSlots slots = listed.get(kind.name());
      if (slots != null && !fitsNow(slots, demand, kind, cost(demand.customs.get(i)))) {
        return false;
      }
    }
    return true;
  }

  private boolean fitsNow(IndexedSlots slots, Demand demand, Kind kind, long units) {
    return asksForIds(demand, kind) ? slots.areFree(positions(demand, kind)) : slots.fits(units);
  }

  private static boolean asksForIds(Demand demand, Kind kind) {
    return demand.hasIds() && !demand.ids(kind).isEmpty();
  }

  /** Returns where the units are that are asked for by their ids; -1 for one that is not here. */
  private int[] positions(Demand demand, Kind kind) {
    return demand.ids(kind).stream().mapToInt(id -> offer.position(kind, id)).toArray();
  }

  /**
   * Returns how many units of the kind a part takes here: units with ids are not shared, so a
   * fraction of one takes all of it.
   */
  public long cost(Part part) {
    long wholes = Math.ceilDiv(part.amount(), Kind.WHOLE);
    return part.kind().isCustom() && listed.containsKey(part.kind().name())
        ? wholes * Kind.WHOLE
        : part.amount();
  }

  private boolean hasTokens(Demand demand) {
    for (int i = 0; i < demand.tokens.size(); i++) {
      if (!offer.tokens().contains(demand.tokens.get(i).kind().name())) {
        return false;
      }
    }
    return true;
  }

  /** Tells whether it fits on the node when nothing is held, that is: whether it can ever fit. */
  public boolean couldFit(Demand demand) {
    if (!cores.couldFit(demand.cpu) || !gpus.couldFit(demand.gpu)) {
      return false;
    }
    for (Part part : demand.needs()) {
      if (part.amount() > total(part.kind())) {
        return false;
      }
    }
    return true;
  }

  /**
   * Takes everything that is asked for, or nothing.
   *
   * @param alone whether it needs the node to itself: it fits only when nothing is held, and
   *     nothing else fits while it is
   * @return null if it does not fit now
   */
  public @Nullable Lease take(Demand demand, boolean alone) {
    if (!fits(demand, alone)) {
      return null;
    }
    Lease lease = lease(demand, alone);
    if (demand.cpu > 0) {
      lease.cores = cores.takeWholes(wholes(demand.cpu));
      int fraction = fraction(demand.cpu);
      lease.sharedCore = fraction == 0 ? Fractions.UNNAMED : cores.takeFraction(fraction);
    }
    if (demand.gpu > 0) {
      lease.gpus = takeWholes(gpus, demand, Kind.GPU, demand.gpu);
      int fraction = fraction(demand.gpu);
      lease.sharedGpu = fraction == 0 ? Fractions.UNNAMED : gpus.takeFraction(fraction);
    }
    if (!listed.isEmpty() && !demand.customs.isEmpty()) {
      takeListed(lease, Fractions.NONE);
    }
    return lease;
  }

  private int[] takeWholes(IndexedSlots slots, Demand demand, Kind kind, long units) {
    return asksForIds(demand, kind)
        ? slots.takeAt(positions(demand, kind), IndexedSlots.WANTED)
        : slots.takeWholes(wholes(units));
  }

  private void takeListed(Lease lease, Fractions fractions) {
    List<Part> parts = lease.demand.customs;
    lease.listed = new int[parts.size()][];
    for (int i = 0; i < parts.size(); i++) {
      Kind kind = parts.get(i).kind();
      IndexedSlots slots = listed.get(kind.name());
      if (slots != null) {
        lease.listed[i] = takeWholesAt(slots, lease.demand, kind, cost(parts.get(i)), fractions);
      }
    }
  }

  private int[] takeWholesAt(
      IndexedSlots slots, Demand demand, Kind kind, long units, Fractions fractions) {
    int[] named = fractions.of(kind);
    if (named != null) {
      return slots.takeAt(named, IndexedSlots.KNOWN);
    }
    return takeWholes(slots, demand, kind, units);
  }

  /**
   * Takes what another copy of these slots has taken, with the fractions from the same positions,
   * so that both have the same room left.
   *
   * <p>A whole id that no request and no other copy has named is as good as any other: if it is in
   * the way, its lease gets another in its place.
   *
   * @param fractions where the fractions and the units come from; where none is named, as {@link
   *     #take} chooses
   * @throws IllegalStateException if it does not fit there
   */
  public Lease takeAt(Demand demand, boolean alone, Fractions fractions) {
    if (!fitsAt(demand, alone, fractions)) {
      throw new IllegalStateException(
          "%s does not fit with %s; free: %s".formatted(demand, fractions, describeFree()));
    }
    Lease lease = lease(demand, alone);
    lease.cores = cores.takeWholes(wholes(demand.cpu));
    lease.sharedCore = takeFractionAt(cores, fraction(demand.cpu), fractions.core());
    lease.gpus = takeWholesAt(gpus, demand, Kind.GPU, demand.gpu, fractions);
    lease.sharedGpu = takeFractionAt(gpus, fraction(demand.gpu), fractions.gpu());
    if (!listed.isEmpty() && !demand.customs.isEmpty()) {
      takeListed(lease, fractions);
    }
    return lease;
  }

  /** Tells whether {@link #takeAt} would take it now. */
  public boolean fitsAt(Demand demand, boolean alone, Fractions fractions) {
    return !heldAlone
        && !(alone && held > 0)
        && fitsCounted(demand)
        && fitsAt(cores, demand.cpu, fractions.core())
        && fitsAt(gpus, demand.gpu, fractions.gpu())
        && (demand.gpu == 0 || fitsUnitsAt(gpus, demand, Kind.GPU, demand.gpu, fractions))
        && (listed.isEmpty() || fitsListedAt(demand, fractions));
  }

  private boolean fitsListedAt(Demand demand, Fractions fractions) {
    for (Part part : demand.customs) {
      IndexedSlots slots = listed.get(part.kind().name());
      if (slots != null && !fitsUnitsAt(slots, demand, part.kind(), cost(part), fractions)) {
        return false;
      }
    }
    return true;
  }

  private boolean fitsUnitsAt(
      IndexedSlots slots, Demand demand, Kind kind, long units, Fractions fractions) {
    int[] named = fractions.of(kind);
    if (named == null) {
      return fitsNow(slots, demand, kind, units);
    }
    return named.length == wholes(units) && slots.fitsAt(named);
  }

  private static boolean fitsAt(IndexedSlots slots, long units, int named) {
    return named == Fractions.UNNAMED ? slots.fits(units) : slots.fits(units, named);
  }

  private static int takeFractionAt(IndexedSlots slots, int fraction, int named) {
    if (fraction == 0) {
      return Fractions.UNNAMED;
    }
    return named == Fractions.UNNAMED
        ? slots.takeFraction(fraction)
        : slots.takeFractionAt(named, fraction);
  }

  /**
   * Takes what jobs of others hold on the node that these slots are a copy of: all of it, or what
   * is free of it.
   */
  public Claim claim(Holdings holdings) {
    if (holdings.isEmpty()) {
      return Claim.NONE;
    }
    List<Lease> leases = new ArrayList<>();
    boolean complete = true;
    for (Share share : holdings.cores()) {
      Fractions at = new Fractions(share.position(), Fractions.UNNAMED);
      complete &= claim(Demand.of(Kind.CPU, share.units()), holdings.alone(), at, leases);
    }
    for (Share share : holdings.gpus()) {
      Fractions at = new Fractions(Fractions.UNNAMED, share.position());
      complete &= claim(Demand.of(Kind.GPU, share.units()), holdings.alone(), at, leases);
    }
    for (Units units : holdings.units()) {
      complete &= claim(units, holdings.alone(), leases);
    }
    List<Part> rest =
        holdings.parts().stream().filter(part -> !holdings.names(part.kind())).toList();
    List<Part> free = freeOf(rest);
    if (!free.isEmpty()) {
      complete &= claim(Demand.of(free), holdings.alone(), Fractions.NONE, leases);
    }
    return new Claim(leases, complete && free.equals(rest));
  }

  /**
   * Takes those that are free, and any others in place of those that a job of this copy is known to
   * hold by now.
   */
  private boolean claim(Units units, boolean alone, List<Lease> leases) {
    if (alone && !leases.isEmpty()) {
      return true;
    }
    Kind kind = units.kind();
    IndexedSlots slots = kind.isCustom() ? listed.get(kind.name()) : gpus;
    if (slots == null) {
      return false;
    }
    List<Integer> there = units.positions().stream().filter(slots::isFreeOrLoose).toList();
    int elsewhere = (int) units.positions().stream().filter(slots::isKnown).count();
    boolean complete = there.size() + elsewhere == units.positions().size();
    int open = (int) (slots.level() / Kind.WHOLE);
    if (there.size() > open) {
      there = there.subList(0, open);
      complete = false;
    }
    if (!there.isEmpty()) {
      Fractions at =
          new Fractions(Fractions.UNNAMED, Fractions.UNNAMED, List.of(new Units(kind, there)));
      complete &= claim(Demand.of(kind, (long) there.size() * Kind.WHOLE), alone, at, leases);
    }
    List<Part> more =
        elsewhere == 0 ? List.of() : freeOf(List.of(new Part(kind, (long) elsewhere * Kind.WHOLE)));
    if (!more.isEmpty()) {
      complete &= claim(Demand.of(more), alone, Fractions.NONE, leases);
    }
    return complete
        && (elsewhere == 0
            || (!more.isEmpty() && more.getFirst().amount() == (long) elsewhere * Kind.WHOLE));
  }

  /** Of a job that has the node to itself one lease is enough: nothing fits beside it. */
  private boolean claim(Demand demand, boolean alone, Fractions at, List<Lease> leases) {
    if (alone && !leases.isEmpty()) {
      return true;
    }
    boolean fits = fitsAt(demand, alone, at);
    if (fits) {
      leases.add(takeAt(demand, alone, at));
    }
    return fits;
  }

  /** Returns what is free of these, in whole cores and GPUs. */
  private List<Part> freeOf(List<Part> parts) {
    List<Part> free = new ArrayList<>();
    for (Part part : parts) {
      Kind kind = part.kind();
      long level = level(kind);
      boolean wholes = kind.type() == Kind.Type.INDEXED || listed.containsKey(kind.name());
      long most = level - (wholes ? level % Kind.WHOLE : 0);
      if (most >= part.amount()) {
        free.add(part);
      } else if (most > 0) {
        free.add(new Part(kind, most));
      }
    }
    return free;
  }

  private Lease lease(Demand demand, boolean alone) {
    held++;
    changes++;
    heldAlone = alone;
    freeMemory -= demand.memory;
    freeCapacity -= demand.capacity;
    freeHeadPlaces -= demand.head;
    freeHeap -= demand.heap;
    addCustoms(demand, -1);
    return new Lease(this, demand);
  }

  /** Takes back what a lease holds; called by the lease, once. */
  void release(Lease lease) {
    Demand demand = lease.demand;
    held--;
    changes++;
    heldAlone = false;
    freeMemory += demand.memory;
    freeCapacity += demand.capacity;
    freeHeadPlaces += demand.head;
    freeHeap += demand.heap;
    addCustoms(demand, 1);
    if (demand.cpu > 0) {
      release(cores, lease.cores, lease.sharedCore, fraction(demand.cpu));
    }
    if (demand.gpu > 0) {
      release(gpus, lease.gpus, lease.sharedGpu, fraction(demand.gpu));
    }
    forEachListed(lease, IndexedSlots::releaseWholes);
  }

  /** The node has reported that the lease is where it is. */
  void know(Lease lease) {
    gpus.fix(lease.gpus, IndexedSlots.KNOWN);
    forEachListed(lease, (slots, positions) -> slots.fix(positions, IndexedSlots.KNOWN));
  }

  private void forEachListed(Lease lease, BiConsumer<IndexedSlots, int[]> action) {
    for (int i = 0; i < lease.listed.length; i++) {
      int[] positions = lease.listed[i];
      if (positions != null) {
        String name = lease.demand.customs.get(i).kind().name();
        action.accept(Objects.requireNonNull(listed.get(name)), positions);
      }
    }
  }

  private static void release(IndexedSlots slots, int[] wholes, int shared, int fraction) {
    slots.releaseWholes(wholes);
    if (fraction > 0) {
      slots.releaseFraction(shared, fraction);
    }
  }

  private void addCustoms(Demand demand, int sign) {
    for (int i = 0; i < demand.customs.size(); i++) {
      Part part = demand.customs.get(i);
      Counter counter = customs.get(part.kind().name());
      if (counter != null) {
        counter.free += sign * part.amount();
      }
    }
  }

  private static int wholes(long units) {
    return (int) (units / Kind.WHOLE);
  }

  private static int fraction(long units) {
    return (int) (units % Kind.WHOLE);
  }

  /** Returns the units that are free of the kind, of all ids together. */
  public long free(Kind kind) {
    return switch (kind.rank()) {
      case Kind.Rank.CPU -> cores.freeUnits();
      case Kind.Rank.MEMORY -> freeMemory;
      case Kind.Rank.GPU -> gpus.freeUnits();
      case Kind.Rank.CAPACITY -> freeCapacity;
      case Kind.Rank.HEAD -> freeHeadPlaces;
      case Kind.Rank.HEAP -> freeHeap;
      case Kind.Rank.CUSTOM -> {
        Counter counter = customs.get(kind.name());
        IndexedSlots slots = listed.get(kind.name());
        yield counter != null ? counter.free : slots != null ? slots.freeUnits() : 0;
      }
      case Kind.Rank.UNIT -> isFree(kind) ? 1 : 0;
      default -> total(kind);
    };
  }

  private boolean isFree(Kind unit) {
    String owner = unit.unitOf();
    IndexedSlots slots = owner.equals(Kind.GPU.name()) ? gpus : listed.get(owner);
    return slots != null && slots.areFree(new int[] {offer.position(unit)});
  }

  /**
   * Returns the most units of the kind that one request may ask for now: {@link #free} without what
   * is left of shared ids, but for the best of them.
   */
  public long level(Kind kind) {
    return switch (kind.rank()) {
      case Kind.Rank.CPU -> cores.level();
      case Kind.Rank.GPU -> gpus.level();
      default -> free(kind);
    };
  }

  /** Returns the units that the node has of the kind, of all ids together. */
  public long total(Kind kind) {
    return offer.amount(kind);
  }

  /** Returns a number that is another one after each change of what is held. */
  public long changes() {
    return changes;
  }

  /** Tells whether all is held by a lease that needs the node to itself. */
  public boolean heldAlone() {
    return heldAlone;
  }

  /** Tells whether nothing is held. */
  public boolean idle() {
    return held == 0;
  }

  /**
   * Checks that no id is free and held at the same time, and that what is free and what is held
   * make up the total.
   *
   * @throws IllegalStateException if that is not so
   */
  public void checkInvariants() {
    cores.checkInvariants("core");
    gpus.checkInvariants("gpu");
    checkCounter("memory", freeMemory, offer.memory());
    checkCounter("capacity", freeCapacity, offer.capacity());
    checkCounter("head", freeHeadPlaces, offer.headPlaces());
    checkCounter("heap", freeHeap, offer.heap());
    customs.forEach((name, counter) -> checkCounter(name, counter.free, counter.total));
    listed.forEach((name, slots) -> {
      slots.checkInvariants(name);
      checkCounter(name, slots.freeUnits(), slots.totalUnits());
    });
    check(held >= 0, "leases", held, "are held");
    check(!heldAlone || held == 1, "leases", held, "are held, one of them alone");
    check(
        held > 0
            || (cores.freeUnits() == cores.totalUnits() && gpus.freeUnits() == gpus.totalUnits()),
        "leases",
        held,
        "are held, but some core or GPU is not free");
  }

  private void checkCounter(String name, long free, long total) {
    if (free < 0 || free > total || (held == 0 && free != total)) {
      throw new IllegalStateException(
          "%s: %s are free of %s, %s leases are held".formatted(name, free, total, held));
    }
  }

  static void check(boolean condition, String name, long number, String otherwise) {
    if (!condition) {
      throw new IllegalStateException(name + ": " + number + " " + otherwise);
    }
  }

  /** Returns what is free, for messages. */
  private String describeFree() {
    return "%s cores, %s GPUs, %s memory, %s leases held%s"
        .formatted(
            Amounts.decimalUnits(cores.freeUnits()),
            Amounts.decimalUnits(gpus.freeUnits()),
            Amounts.readableMemory(freeMemory),
            held,
            heldAlone ? ", alone" : "");
  }

  /** Returns what the node has and what is free of it. */
  @Override
  public String toString() {
    return "%s; free: %s".formatted(offer, describeFree());
  }

  /** How much is free of a custom kind. */
  private static final class Counter {
    private final long total;
    // only accessed by the owner of the slots
    private long free;

    Counter(long total) {
      this.total = total;
      this.free = total;
    }
  }
}
