package dev.grain;

import dev.grain.text.Decimals;
import dev.grain.text.MemoryUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The resources that a running job holds.
 *
 * <p>Whole cores and GPUs belong to this job alone for as long as it runs. If the job requested a
 * fraction, the core or GPU that it shares is listed like the others.
 *
 * @param cores the ids of the cores, ascending
 * @param gpus the ids of the GPUs, in the form that {@code CUDA_VISIBLE_DEVICES} takes: {@code 0},
 *     {@code GPU-8f6…}, {@code MIG-…}
 * @param memory in bytes; 0 if the job requested none
 * @param amounts how much of each kind it holds, except memory: {@code cpu}, {@code gpu}, {@code
 *     capacity} and the custom kinds
 * @param customIds the ids of the units that it holds of each custom kind whose units have ids, in
 *     ascending order
 * @param node the name of the worker
 */
public record Allocation(
    List<Integer> cores,
    List<String> gpus,
    long memory,
    Map<String, Double> amounts,
    Map<String, List<String>> customIds,
    String node) {
  /** Creates an allocation without units of custom kinds that have ids. */
  public Allocation(
      List<Integer> cores,
      List<String> gpus,
      long memory,
      Map<String, Double> amounts,
      String node) {
    this(cores, gpus, memory, amounts, Map.of(), node);
  }

  /** Copies the collections, and sorts the cores. */
  public Allocation {
    cores = ascending(cores);
    gpus = List.copyOf(gpus);
    amounts = Map.copyOf(amounts);
    Map<String, List<String>> copied = new HashMap<>();
    customIds.forEach((kind, ids) -> copied.put(kind, List.copyOf(ids)));
    customIds = Map.copyOf(copied);
  }

  private static List<Integer> ascending(List<Integer> ids) {
    Integer[] sorted = ids.toArray(Integer[]::new);
    Arrays.sort(sorted);
    return List.of(sorted);
  }

  /**
   * Returns how much of a kind the job holds: {@code cpu} or {@code gpu} with their fractions,
   * {@code memory} in bytes, {@code capacity}, or the name of a custom kind; 0 if it requested
   * none.
   *
   * <p>Tokens are not held by jobs, so they count as 0.
   */
  public double amount(String kind) {
    return kind.equals("memory") ? memory : amounts.getOrDefault(kind, 0.0);
  }

  /**
   * Returns the ids of the units of a kind that the job holds, always in the same order; an empty
   * list if the job holds none, or if the units of the kind have no ids on this worker.
   *
   * @param kind {@code cpu}, {@code gpu}, or the name of a custom kind
   */
  public List<String> ids(String kind) {
    return switch (kind) {
      case "cpu" -> cores.stream().map(String::valueOf).toList();
      case "gpu" -> gpus;
      default -> customIds.getOrDefault(kind, List.of());
    };
  }

  /** Returns for example {@code cores [6, 7, 9], 4 GiB on node1}. */
  @Override
  public String toString() {
    List<String> parts = new ArrayList<>();
    if (!cores.isEmpty()) {
      parts.add(indexed("core", "cores", cores, amount("cpu")));
    }
    if (!gpus.isEmpty()) {
      parts.add(indexed("GPU", "GPUs", gpus, amount("gpu")));
    }
    if (memory > 0) {
      parts.add(MemoryUnit.readable(memory));
    }
    new TreeMap<>(amounts)
        .forEach((kind, amount) -> {
          if (!kind.equals("cpu") && !kind.equals("gpu")) {
            List<String> ids = ids(kind);
            parts.add(kind + " " + (ids.isEmpty() ? Decimals.of(amount) : ids));
          }
        });
    return (parts.isEmpty() ? "nothing" : String.join(", ", parts)) + " on " + node;
  }

  private static String indexed(String one, String many, List<?> ids, double amount) {
    String listed = (ids.size() == 1 ? one : many) + " " + ids;
    return amount == ids.size() || amount == 0 ? listed : Decimals.of(amount) + " of " + listed;
  }
}
