package dev.grain.code.bundle;

import dev.grain.bytes.Bytes;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Things that are opened by the first who uses them, and closed by the last. Safe for all threads.
 *
 * @param <V> the things
 */
final class RefCounted<V extends RefCounted.Resource> {
  // guarded by itself
  private final Map<Bytes, Slot<V>> slots = new HashMap<>();

  /** Something that is open. */
  @FunctionalInterface
  interface Resource {
    void close();
  }

  /** How something is opened; may block. */
  @FunctionalInterface
  interface Opener<V> {
    V open() throws IOException, InterruptedException;
  }

  private static final class Slot<V> {
    private final ReentrantLock lock = new ReentrantLock();
    // guarded by the map
    private int users;
    // guarded by the lock
    private @Nullable V value;
  }

  /**
   * Returns the open thing; the first user opens it while others wait. If that fails, the next one
   * tries.
   *
   * @throws InterruptedException if the thread is interrupted while it waits or opens
   */
  V open(Bytes key, Opener<V> opener) throws IOException, InterruptedException {
    Slot<V> slot;
    synchronized (slots) {
      slot = slots.computeIfAbsent(key, _ -> new Slot<>());
      slot.users++;
    }
    boolean open = false;
    try {
      slot.lock.lockInterruptibly();
      try {
        V value = slot.value;
        if (value == null) {
          value = opener.open();
          slot.value = value;
        }
        open = true;
        return value;
      } finally {
        slot.lock.unlock();
      }
    } finally {
      if (!open) {
        release(key);
      }
    }
  }

  /** Ends one use; called once for each {@link #open} that returned. */
  void release(Bytes key) {
    synchronized (slots) {
      Slot<V> slot = slots.get(key);
      if (slot == null) {
        throw new IllegalStateException("Nothing is open for " + key);
      }
      slot.users--;
      if (slot.users > 0) {
        return;
      }
      slots.remove(key);
      // closed before another may open it anew, as both would have the same files
      if (slot.value != null) {
        slot.value.close();
      }
    }
  }
}
