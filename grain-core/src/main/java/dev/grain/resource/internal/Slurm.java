package dev.grain.resource.internal;

import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the Slurm allocation that this process is in. */
final class Slurm {
  private static final long MEBIBYTE = 1L << 20;

  private final Machine machine;

  Slurm(Machine machine) {
    this.machine = machine;
  }

  private boolean inAllocation() {
    return machine.variable("SLURM_JOB_ID") != null || machine.variable("SLURM_JOBID") != null;
  }

  /** Takes the cores and the memory of the allocation on this node into account. */
  void apply(MachineLimits limits) {
    if (!inAllocation()) {
      return;
    }
    long cores = number("SLURM_CPUS_ON_NODE");
    long listed = coresPerNode();
    if (cores <= 0 || (listed > 0 && listed < cores)) {
      cores = listed;
    }
    if (cores > 0) {
      limits.allowCoreCount(cores);
    }
    // 0 stands for all the memory of the node
    long perNode = number("SLURM_MEM_PER_NODE");
    if (perNode > 0 && perNode < Long.MAX_VALUE / MEBIBYTE) {
      limits.allowMemory(perNode * MEBIBYTE);
    }
    long perCore = number("SLURM_MEM_PER_CPU");
    if (perCore > 0 && cores > 0 && perCore < Long.MAX_VALUE / MEBIBYTE / cores) {
      limits.allowMemory(perCore * cores * MEBIBYTE);
    }
  }

  private long number(String variable) {
    String value = machine.variable(variable);
    return value == null ? -1 : IdList.number(value);
  }

  /**
   * Returns the cores on this node by the list of all nodes, such as {@code 16(x2),8}; the least of
   * them if the number of this node is not known; -1 if there is no such list.
   */
  private long coresPerNode() {
    String list = machine.variable("SLURM_JOB_CPUS_PER_NODE");
    if (list == null) {
      return -1;
    }
    long node = number("SLURM_NODEID");
    long least = Long.MAX_VALUE;
    for (String entry : list.split(",", -1)) {
      int times = entry.indexOf("(x");
      long cores = IdList.number(times < 0 ? entry : entry.substring(0, times));
      long nodes = times < 0 ? 1 : repeats(entry.substring(times + 2));
      if (cores <= 0 || nodes <= 0) {
        return -1;
      }
      if (node >= 0 && node < nodes) {
        return cores;
      }
      node = node < 0 ? node : node - nodes;
      least = Math.min(least, cores);
    }
    return least;
  }

  private static long repeats(String text) {
    return text.endsWith(")") ? IdList.number(text.substring(0, text.length() - 1)) : -1;
  }

  /** Returns the GPUs of the step or of the job, or null if Slurm names none. */
  @Nullable List<String> gpus() {
    if (!inAllocation()) {
      return null;
    }
    for (String variable : List.of("SLURM_STEP_GPUS", "SLURM_JOB_GPUS")) {
      String value = machine.variable(variable);
      BitSet ids = value == null ? null : IdList.parse(value);
      if (ids != null) {
        return ids.stream().mapToObj(Integer::toString).toList();
      }
    }
    return null;
  }
}
