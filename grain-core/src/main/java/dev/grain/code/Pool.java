package dev.grain.code;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;

/** Idle objects that are dear to make, a few for each processor. Safe for all threads. */
final class Pool<T> {
  private final AtomicReferenceArray<T> idle;
  private final Supplier<T> factory;

  Pool(Supplier<T> factory) {
    this.factory = factory;
    this.idle =
        new AtomicReferenceArray<>(
            4 * Integer.highestOneBit(Runtime.getRuntime().availableProcessors()));
  }

  /** Returns an idle object or makes one. */
  T take() {
    int start = (int) Thread.currentThread().threadId();
    for (int i = 0; i < idle.length(); i++) {
      int slot = (start + i) & (idle.length() - 1);
      if (idle.get(slot) != null) {
        T taken = idle.getAndSet(slot, null);
        if (taken != null) {
          return taken;
        }
      }
    }
    return factory.get();
  }

  /** Puts an object back, or drops it where there are enough. */
  void give(T object) {
    int start = (int) Thread.currentThread().threadId();
    for (int i = 0; i < idle.length(); i++) {
      int slot = (start + i) & (idle.length() - 1);
      if (idle.get(slot) == null && idle.compareAndSet(slot, null, object)) {
        return;
      }
    }
  }
}
