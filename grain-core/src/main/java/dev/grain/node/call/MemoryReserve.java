package dev.grain.node.call;

import org.jspecify.annotations.Nullable;

/**
 * A part of the heap that is kept until there is no other: with it a worker can report that it is
 * out of memory, and let its jobs end, and a program can end its run. Safe for all threads.
 */
public final class MemoryReserve {
  private static final int SHARE = 64;
  private static final long LEAST = 1L << 20;
  private static final long MOST = 2L << 20;

  // given back by any thread
  @SuppressWarnings("UnusedVariable") // what is of use is that it is there
  private volatile byte @Nullable [] kept;

  /** Takes a 64th of the heap, at least 1 MiB and at most 2 MiB: large values need the rest. */
  public MemoryReserve() {
    long size = Runtime.getRuntime().maxMemory() / SHARE;
    kept = new byte[(int) Math.clamp(size, LEAST, MOST)];
  }

  /** Gives it back to the heap; does nothing the second time. */
  public void release() {
    kept = null;
  }
}
