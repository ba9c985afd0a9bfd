package dev.grain.sim;

import dev.grain.Allocation;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Demand.Part;
import dev.grain.resource.internal.Kind;
import dev.grain.resource.internal.Offer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the running jobs of a node hold, from their allocations alone, to see that no two jobs hold
 * the same.
 */
final class Usage {
  private record Key(String run, long job) {}

  private record Holder(Demand demand, Allocation allocation, boolean alone) {}

  private final Offer offer;
  private final Set<Integer> offered = new HashSet<>();
  private final Map<Key, Holder> holders = new LinkedHashMap<>();

  Usage(Offer offer) {
    this.offer = offer;
    for (int core : offer.cores()) {
      offered.add(core);
    }
  }

  boolean isEmpty() {
    return holders.isEmpty();
  }

  void add(String run, long job, Demand demand, Allocation allocation, boolean alone) {
    Holder holder = new Holder(demand, allocation, alone);
    ensure(holders.put(new Key(run, job), holder) == null, "job", job, "runs twice");
    ensure(
        holders.size() == 1 || holders.values().stream().noneMatch(Holder::alone),
        "a job that needs the node to itself is not alone");
    check();
  }

  void remove(String run, long job) {
    ensure(holders.remove(new Key(run, job)) != null, "job", job, "does not run");
  }

  private void check() {
    Map<Kind, Long> sums = new HashMap<>();
    Map<Integer, List<Long>> cores = new HashMap<>();
    Map<String, List<Long>> gpus = new HashMap<>();
    for (Holder holder : holders.values()) {
      for (Part part : holder.demand.parts()) {
        long sum = sums.merge(part.kind(), part.amount(), Long::sum);
        long total = offer.amount(part.kind());
        boolean tag = part.kind().type() == Kind.Type.TAG;
        ensure((tag ? 1 : sum) <= total, sum, "of", part, "are held of", total);
      }
      addIds(holder.demand.amount(Kind.CPU), holder.allocation.cores(), cores);
      addIds(holder.demand.amount(Kind.GPU), holder.allocation.gpus(), gpus);
      ensure(
          holder.allocation.memory() == holder.demand.amount(Kind.MEMORY),
          holder.allocation,
          "for",
          holder.demand);
      ensure(offered.containsAll(holder.allocation.cores()), holder.allocation, "is not offered");
    }
    checkIds(cores);
    checkIds(gpus);
  }

  private static <T> void addIds(long units, List<T> ids, Map<T, List<Long>> held) {
    long expected = (units + Kind.WHOLE - 1) / Kind.WHOLE;
    ensure(
        ids.size() == expected && new HashSet<>(ids).size() == expected,
        units,
        "units came with",
        ids);
    long fraction = units % Kind.WHOLE;
    ids.forEach(id -> held.computeIfAbsent(id, _ -> new ArrayList<>()).add(fraction));
  }

  /** An id that several hold is one of which each of them holds its fraction. */
  private static void checkIds(Map<?, List<Long>> held) {
    held.forEach((id, fractions) -> {
      if (fractions.size() > 1) {
        long sum = fractions.stream().mapToLong(Long::longValue).sum();
        ensure(
            fractions.stream().noneMatch(fraction -> fraction == 0) && sum <= Kind.WHOLE,
            id,
            "is held by several:",
            fractions);
      }
    });
  }

  private static void ensure(boolean condition, Object... words) {
    if (!condition) {
      throw new IllegalStateException(
          Arrays.stream(words).map(String::valueOf).collect(Collectors.joining(" ")));
    }
  }
}
