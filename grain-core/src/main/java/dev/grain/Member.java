package dev.grain;

import dev.grain.concurrent.Uninterruptibly;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Something that ends once and can be waited for: a job or a subtask, as the program holds it.
 *
 * <p>Implementation note: one field holds first the threads that wait and then how it ended, so
 * that an entry that nobody waits for costs nothing more.
 */
abstract sealed class Member permits StartedSubtask, SubmittedJob {
  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(Member.class, "state", Object.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  // null, a Waiter, or how it ended; set by any thread
  private volatile @Nullable Object state;
  // set before its owner learns of a failure, so that it is waited for although it is given up
  private volatile boolean ending;

  /** Who waits; a list. */
  private record Waiter(@Nullable Thread thread, @Nullable Runnable action, @Nullable Waiter next) {
    void wake() {
      if (thread != null) {
        LockSupport.unpark(thread);
      }
    }
  }

  /** Why nobody should wait for it any longer; null if it is to be waited for. */
  abstract @Nullable RuntimeException givenUp();

  /** Returns how it ended; null if it has not. */
  final @Nullable Object end() {
    Object current = state;
    return current instanceof Waiter ? null : current;
  }

  /** Says that it is about to end with a failure, whatever becomes of its owner for that. */
  final void announceEnd() {
    ending = true;
  }

  /** Ends it, unless it has ended, and wakes those that wait. Returns whether it had not ended. */
  final boolean endWith(Object end) {
    while (true) {
      Object current = state;
      if (current != null && !(current instanceof Waiter)) {
        return false;
      }
      if (STATE.compareAndSet(this, current, end)) {
        for (Waiter waiter = (Waiter) current; waiter != null; waiter = waiter.next()) {
          waiter.wake();
          if (waiter.action() != null) {
            Thread.startVirtualThread(waiter.action());
          }
        }
        return true;
      }
    }
  }

  /** Puts another form of the same end in its place. */
  final void replaceEnd(Object former, Object end) {
    STATE.compareAndSet(this, former, end);
  }

  /** Lets those that wait look again whether it is given up. */
  final void wakeWaiters() {
    if (state instanceof Waiter first) {
      for (Waiter waiter = first; waiter != null; waiter = waiter.next()) {
        waiter.wake();
      }
    }
  }

  /** Runs the action on a virtual thread when it has ended. */
  final void whenEnded(Runnable action) {
    if (!push(null, action)) {
      Thread.startVirtualThread(action);
    }
  }

  /**
   * Waits until it has ended.
   *
   * @param waitedFor what is waited for, for the message of an interruption
   * @return how it ended
   */
  final Object await(String waitedFor) {
    Object ended = end();
    if (ended != null) {
      return ended;
    }
    push(Thread.currentThread(), null);
    while (true) {
      ended = end();
      if (ended != null) {
        return ended;
      }
      RuntimeException reason = givenUp();
      if (reason != null && !ending) {
        throw reason;
      }
      if (Thread.interrupted()) {
        throw new GrainInterruptedException(waitedFor);
      }
      LockSupport.park(this);
    }
  }

  /** Waits until it has ended or the time is over, interrupted or not. */
  final void awaitEnd(long nanos) {
    push(Thread.currentThread(), null);
    Uninterruptibly.park(this, nanos, () -> end() != null);
  }

  /** Adds somebody who waits. Returns false if it has ended. */
  private boolean push(@Nullable Thread thread, @Nullable Runnable action) {
    while (true) {
      Object current = state;
      if (current != null && !(current instanceof Waiter)) {
        return false;
      }
      if (STATE.compareAndSet(this, current, new Waiter(thread, action, (Waiter) current))) {
        return true;
      }
    }
  }
}
