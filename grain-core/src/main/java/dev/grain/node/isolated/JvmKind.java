package dev.grain.node.isolated;

import dev.grain.Allocation;
import dev.grain.message.CodeRef;
import dev.grain.message.Isolation;

/**
 * What jobs have in common that can use the same JVM.
 *
 * @param runner has the jobs of one run
 * @param code the classes
 * @param setting which JVM it is, and what the user gives it
 * @param memory how many bytes the job requested; 0 for none
 * @param processors how many the JVM is to see
 */
record JvmKind(
    IsolatedRunner runner, CodeRef code, Isolation.Jvm setting, long memory, int processors) {
  private static final long LEAST_HEAP = 16L << 20;

  /** What a JVM takes beside its heap, whatever runs in it. */
  private static final long BESIDE_HEAP = 160L << 20;

  static JvmKind of(
      IsolatedRunner runner, CodeRef code, Isolation.Jvm isolation, Allocation allocation) {
    int processors = Math.clamp((long) allocation.amount("cpu"), 1, Integer.MAX_VALUE);
    return new JvmKind(runner, code, isolation, allocation.memory(), processors);
  }

  /**
   * Returns the bytes of heap: three quarters of the memory that was requested, as a JVM also needs
   * some for classes, compiled code, threads and buffers; 0 for what the JVM takes by itself.
   */
  long heap() {
    return memory == 0 ? 0 : Math.max(LEAST_HEAP, memory / 4 * 3);
  }

  /**
   * Returns the memory that makes the heap what it is; 0 if that was not requested, or flags do.
   */
  long memoryForHeap() {
    boolean byFlag = setting.flags().stream().anyMatch(flag -> flag.startsWith("-Xmx"));
    return byFlag ? 0 : memory;
  }

  /**
   * Returns how many bytes its processes may have together: what was requested, but not less than
   * what a JVM with this heap needs; 0 for any amount.
   */
  long limit() {
    return memory == 0 ? 0 : Math.max(memory, heap() + BESIDE_HEAP);
  }
}
