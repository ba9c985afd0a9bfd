package dev.grain.minion;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Adds items to a queue in parts: when there are many, or when the first of them has waited for a
 * moment, because items may come slowly, as those of {@code tail -f} do.
 *
 * @param <X> what fails
 */
public final class Parts<X extends Exception> {
  private static final long PATIENCE_NANOS = 200_000_000;

  private final int most;
  private final long mostBytes;
  private final Receiver<X> receiver;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // all guarded by the lock
  private List<byte[]> some = new ArrayList<>();
  private long bytes;
  private long due;
  private boolean ended;
  private @Nullable Throwable failure;

  /** What receives the parts, one after the other, perhaps on different threads. */
  @FunctionalInterface
  public interface Receiver<X extends Exception> {
    /** Adds some items, at least one. */
    void add(List<byte[]> items) throws X;
  }

  private Parts(int most, long mostBytes, Receiver<X> receiver) {
    this.most = most;
    this.mostBytes = mostBytes;
    this.receiver = receiver;
  }

  /**
   * Passes items on; returns when the receiver has all of them.
   *
   * @param items are taken by the calling thread; this may take as long as it likes
   * @param most how many items are a part
   * @param mostBytes after how many bytes nothing is added to a part
   * @throws X if the receiver has failed; it has then not got anything more
   */
  public static <X extends Exception> void forEach(
      Iterator<byte[]> items, int most, long mostBytes, Receiver<X> receiver) throws X {
    Parts<X> parts = new Parts<>(most, mostBytes, receiver);
    Thread late = Thread.ofVirtual().name("grain-parts").start(parts::passLate);
    try {
      while (items.hasNext()) {
        parts.add(items.next());
      }
    } finally {
      parts.end(late);
    }
    parts.passRest();
  }

  private void add(byte[] item) throws X {
    lock.lock();
    try {
      ensureWell();
      if (some.isEmpty()) {
        due = System.nanoTime() + PATIENCE_NANOS;
        changed.signal();
      }
      some.add(item);
      bytes += item.length;
      if (some.size() >= most || bytes >= mostBytes) {
        pass();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Under the lock. */
  private void pass() throws X {
    List<byte[]> part = some;
    some = new ArrayList<>();
    bytes = 0;
    receiver.add(part);
  }

  private void passRest() throws X {
    lock.lock();
    try {
      ensureWell();
      if (!some.isEmpty()) {
        pass();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Passes on what has waited for long, until the end. */
  private void passLate() {
    lock.lock();
    try {
      while (!ended) {
        if (some.isEmpty()) {
          changed.await();
        } else if (changed.awaitNanos(due - System.nanoTime()) <= 0
            && !some.isEmpty()
            && due - System.nanoTime() <= 0) {
          pass();
        }
      }
    } catch (Throwable e) {
      failure = e;
    } finally {
      lock.unlock();
    }
  }

  private void end(Thread late) {
    lock.lock();
    try {
      ended = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
    boolean interrupted = false;
    while (late.isAlive()) {
      try {
        late.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Under the lock. Throws what the receiver has thrown on the other thread. */
  @SuppressWarnings("unchecked") // the receiver throws nothing else that is checked
  private void ensureWell() throws X {
    switch (failure) {
      case null -> {}
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw (X) failure;
    }
  }
}
