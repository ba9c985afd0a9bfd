package dev.grain.resource.internal;

import dev.grain.resource.internal.Demand.Part;
import dev.grain.resource.internal.Holdings.Share;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Adds up what jobs hold. Not safe for use by several threads: whoever made it is its owner.
 *
 * <p>A core of which shares add up to the whole counts as a whole one.
 */
public final class HoldingsSum {
  // all only accessed by the owner
  private final SortedMap<Kind, Long> amounts = new TreeMap<>();
  private final SortedMap<Integer, Integer> cores = new TreeMap<>();
  private final SortedMap<Integer, Integer> gpus = new TreeMap<>();
  private final SortedMap<Kind, NavigableSet<Integer>> units = new TreeMap<>();
  private int jobs;
  private int alone;

  private final boolean heap;

  /**
   * Makes the sum of nothing.
   *
   * @param offer what the node has; its heap counts only if that has a limit
   */
  public HoldingsSum(Offer offer) {
    this.heap = offer.boundsHeap();
  }

  /**
   * Adds what a job holds.
   *
   * @param alone whether it has the node to itself
   * @param fractions which core and which GPU it has a part of, and which units it has
   */
  public void add(Demand demand, boolean alone, Fractions fractions) {
    change(demand, alone, fractions, 1);
  }

  /** Takes away what was added for a job. */
  public void remove(Demand demand, boolean alone, Fractions fractions) {
    change(demand, alone, fractions, -1);
  }

  private void change(Demand demand, boolean ofAlone, Fractions fractions, int sign) {
    jobs += sign;
    alone += ofAlone ? sign : 0;
    if (heap && demand.heap > 0) {
      amounts.merge(Kind.HEAP, sign * demand.heap, HoldingsSum::sumOrNull);
    }
    for (Part part : demand.parts()) {
      Kind kind = part.kind();
      long amount = part.amount();
      if (kind.type() == Kind.Type.INDEXED) {
        int share = (int) (amount % Kind.WHOLE);
        if (share > 0) {
          boolean core = kind.equals(Kind.CPU);
          SortedMap<Integer, Integer> shares = core ? cores : gpus;
          shares.merge(
              core ? fractions.core() : fractions.gpu(), sign * share, HoldingsSum::sumOrNull);
        }
        amount -= share;
      }
      Units named = named(kind, fractions);
      if (named != null) {
        amount = (long) named.positions().size() * Kind.WHOLE;
        NavigableSet<Integer> positions = units.computeIfAbsent(kind, _ -> new TreeSet<>());
        if (sign > 0) {
          positions.addAll(named.positions());
        } else {
          named.positions().forEach(positions::remove);
        }
      }
      // a place on the head's own node is nothing that others could want
      if (amount > 0 && !kind.equals(Kind.HEAD)) {
        amounts.merge(kind, sign * amount, HoldingsSum::sumOrNull);
      }
    }
  }

  private static @Nullable Units named(Kind kind, Fractions fractions) {
    for (Units each : fractions.units()) {
      if (each.kind().equals(kind)) {
        return each;
      }
    }
    return null;
  }

  private static @Nullable Integer sumOrNull(Integer before, Integer more) {
    return before + more == 0 ? null : Integer.valueOf(before + more);
  }

  private static @Nullable Long sumOrNull(Long before, Long more) {
    return before + more == 0 ? null : Long.valueOf(before + more);
  }

  /** Returns whether nothing is held. */
  public boolean isEmpty() {
    return jobs == 0;
  }

  /** Returns this sum without another one, all of which was added here as well. */
  public Holdings without(HoldingsSum part) {
    int left = jobs - part.jobs;
    if (left == 0) {
      return Holdings.NONE;
    }
    SortedMap<Kind, Long> rest = new TreeMap<>(amounts);
    part.amounts.forEach((kind, amount) -> rest.merge(kind, -amount, HoldingsSum::sumOrNull));
    SortedMap<Kind, NavigableSet<Integer>> named = new TreeMap<>();
    units.forEach((kind, positions) -> named.put(kind, new TreeSet<>(positions)));
    part.units.forEach(
        (kind, positions) -> named.getOrDefault(kind, new TreeSet<>()).removeAll(positions));
    List<Share> coreShares = shares(Kind.CPU, cores, part.cores, rest, new TreeSet<>());
    List<Share> gpuShares =
        shares(
            Kind.GPU, gpus, part.gpus, rest, named.computeIfAbsent(Kind.GPU, _ -> new TreeSet<>()));
    List<Part> parts = new ArrayList<>();
    rest.forEach(
        (kind, amount) -> parts.add(new Part(kind, kind.type() == Kind.Type.TAG ? 1 : amount)));
    List<Units> whole = new ArrayList<>();
    named.forEach((kind, positions) -> {
      Long held = rest.get(kind);
      if (held != null && held == (long) positions.size() * Kind.WHOLE) {
        whole.add(new Units(kind, List.copyOf(positions)));
      }
    });
    return new Holdings(left, alone > part.alone, parts, coreShares, gpuShares, whole);
  }

  private static List<Share> shares(
      Kind kind,
      SortedMap<Integer, Integer> all,
      SortedMap<Integer, Integer> part,
      SortedMap<Kind, Long> wholes,
      NavigableSet<Integer> named) {
    List<Share> shares = new ArrayList<>();
    all.forEach((position, units) -> {
      int left = units - part.getOrDefault(position, 0);
      if (left == Kind.WHOLE) {
        wholes.merge(kind, (long) Kind.WHOLE, Long::sum);
        named.add(position);
      } else if (left > 0) {
        shares.add(new Share(position, left));
      }
    });
    return shares;
  }
}
