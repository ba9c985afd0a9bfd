package dev.grain.node.isolated;

import dev.grain.Allocation;
import dev.grain.message.CodeRef;
import dev.grain.message.Isolation;
import dev.grain.node.prepare.Ready;
import java.util.List;

/**
 * What jobs have in common that can use the same JVM.
 *
 * @param runner has the jobs of one run
 * @param code the classes of the program
 * @param ready what else was made ready for the jobs
 * @param isolation what the JVM is isolated in, and what the user gives it
 * @param memory how many bytes the job requested; 0 for none
 * @param processors how many the JVM is to see
 * @param fixed what a JVM cannot get or give back while it runs
 */
record JvmKind(
    IsolatedRunner runner,
    CodeRef code,
    Ready ready,
    Isolation isolation,
    long memory,
    int processors,
    Fixed fixed) {
  private static final long LEAST_HEAP = 16L << 20;

  /** What a JVM takes beside its heap, whatever runs in it. */
  private static final long BESIDE_HEAP = 160L << 20;

  /**
   * What a container has from its start to its end.
   *
   * @param cores how many, as the engine limits them; 0 outside of containers
   * @param gpus their ids
   */
  record Fixed(double cores, List<String> gpus) {
    private static final Fixed NOTHING = new Fixed(0, List.of());
  }

  static JvmKind of(
      IsolatedRunner runner,
      CodeRef code,
      Ready ready,
      Isolation isolation,
      Allocation allocation) {
    double cores = allocation.amount("cpu");
    int processors = Math.clamp((long) cores, 1, Integer.MAX_VALUE);
    Fixed fixed =
        isolation.kind() == Isolation.Kind.CONTAINER
            ? new Fixed(cores, allocation.gpus())
            : Fixed.NOTHING;
    return new JvmKind(runner, code, ready, isolation, allocation.memory(), processors, fixed);
  }

  /** Returns whether the JVM runs apart from the worker: maybe as another user, and untrusted. */
  boolean isApart() {
    return isolation.kind() == Isolation.Kind.CONTAINER;
  }

  /** Returns what the user gives the JVM. */
  List<String> flags() {
    return isolation instanceof Isolation.Jvm jvm ? jvm.flags() : List.of();
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
    return flags().stream().anyMatch(flag -> flag.startsWith("-Xmx")) ? 0 : memory;
  }

  /**
   * Returns how many bytes its processes may have together: what was requested, but not less than
   * what a JVM with this heap needs; 0 for any amount.
   */
  long limit() {
    return memory == 0 ? 0 : Math.max(memory, heap() + BESIDE_HEAP);
  }
}
