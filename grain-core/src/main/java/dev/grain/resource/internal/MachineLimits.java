package dev.grain.resource.internal;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** The least that several sources leave of the cores and the memory of a machine. */
final class MachineLimits {
  // only accessed by the thread that detects
  private @Nullable BitSet cores;
  private long coreCount = Long.MAX_VALUE;
  private long memory = Long.MAX_VALUE;

  /** Leaves those of the cores that are in the set, unless that would leave none. */
  void allowCores(@Nullable BitSet allowed) {
    if (allowed == null || allowed.isEmpty()) {
      return;
    }
    if (cores == null) {
      cores = allowed;
    } else if (cores.intersects(allowed)) {
      cores.and(allowed);
    }
  }

  /** Leaves at most that many cores, but at least one; a negative number has no effect. */
  void allowCoreCount(long count) {
    if (count >= 0) {
      coreCount = Math.min(coreCount, Math.max(1, count));
    }
  }

  /** Leaves at most that many bytes; a negative number has no effect. */
  void allowMemory(long bytes) {
    if (bytes >= 0) {
      memory = Math.min(memory, bytes);
    }
  }

  boolean knowsCores() {
    return cores != null;
  }

  boolean knowsMemory() {
    return memory != Long.MAX_VALUE;
  }

  /** Returns the cores that are left, the lowest ids. */
  int[] cores() {
    if (cores == null) {
      return new int[0];
    }
    int[] lowest = new int[(int) Math.min(coreCount, cores.cardinality())];
    int id = -1;
    for (int i = 0; i < lowest.length; i++) {
      id = cores.nextSetBit(id + 1);
      lowest[i] = id;
    }
    return lowest;
  }

  /** Returns the bytes that are left, 0 if nothing is known. */
  long memory() {
    return knowsMemory() ? memory : 0;
  }
}
