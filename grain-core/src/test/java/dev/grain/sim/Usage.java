package dev.grain.sim;

import dev.grain.Allocation;
import dev.grain.message.Order;
import dev.grain.message.Work;
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
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the running jobs of a node hold, from their allocations alone, to see that no two jobs hold
 * the same.
 */
final class Usage {
  private record Key(String run, long job) {}

  private record Holder(Demand demand, Allocation allocation, boolean alone, boolean function) {}

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

  void add(String run, Order order, Allocation allocation) {
    Order.Spec spec = order.spec();
    boolean function = spec.work() instanceof Work.Call;
    Holder holder = new Holder(spec.demand(), allocation, order.alone(), function);
    ensure(
        holders.put(new Key(run, order.job()), holder) == null, "job", order.job(), "runs twice");
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
    Map<Kind, Map<String, List<Long>>> units = new HashMap<>();
    for (Holder holder : holders.values()) {
      for (Part part : holder.demand.parts()) {
        boolean listed = offer.ids().containsKey(part.kind().name());
        long amount = listed ? wholes(part.amount()) * Kind.WHOLE : part.amount();
        long sum = sums.merge(part.kind(), amount, Long::sum);
        if (listed) {
          Map<String, List<Long>> held = units.computeIfAbsent(part.kind(), _ -> new HashMap<>());
          checkUnits(
              holder,
              part.kind(),
              amount,
              Objects.requireNonNull(offer.ids().get(part.kind().name())).list());
          addIds(amount, holder.allocation.ids(part.kind().name()), held);
        }
        long total = offer.amount(part.kind());
        boolean tag = part.kind().type() == Kind.Type.TAG;
        ensure((tag ? 1 : sum) <= total, sum, "of", part, "are held of", total);
      }
      addIds(holder.demand.amount(Kind.CPU), holder.allocation.cores(), cores);
      checkUnits(holder, Kind.GPU, holder.demand.amount(Kind.GPU), offer.gpus());
      addIds(holder.demand.amount(Kind.GPU), holder.allocation.gpus(), gpus);
      ensure(
          holder.allocation.memory() == holder.demand.amount(Kind.MEMORY),
          holder.allocation,
          "for",
          holder.demand);
      ensure(offered.containsAll(holder.allocation.cores()), holder.allocation, "is not offered");
    }
    long heap =
        holders.values().stream()
            .filter(Holder::function)
            .mapToLong(holder -> holder.allocation.memory())
            .sum();
    ensure(heap <= offer.heap(), "functions hold", heap, "of a heap of", offer.heap());
    checkIds(cores);
    checkIds(gpus);
    units.values().forEach(Usage::checkIds);
  }

  /** What it has is offered, and is what it asked for if it asked for certain units. */
  private static void checkUnits(Holder holder, Kind kind, long amount, List<String> offered) {
    List<String> wanted = holder.demand.ids(kind);
    List<String> given = holder.allocation.ids(kind.name());
    ensure(amount == 0 || offered.containsAll(given), given, "are not all offered");
    ensure(
        wanted.isEmpty() || new HashSet<>(wanted).equals(new HashSet<>(given)),
        wanted,
        "were requested, given are",
        given);
  }

  private static long wholes(long units) {
    return (units + Kind.WHOLE - 1) / Kind.WHOLE;
  }

  private static <T> void addIds(long units, List<T> ids, Map<T, List<Long>> held) {
    long expected = wholes(units);
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
