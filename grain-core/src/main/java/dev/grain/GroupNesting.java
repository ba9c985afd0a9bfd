package dev.grain;

import dev.grain.GroupFailures.Cancellation;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a group stands among others, and its cancellation, which goes down to the groups within it.
 *
 * <p>The lock is the monitor of the group; it is never held while another group's is taken.
 */
final class GroupNesting {
  private final Group group;
  private final @Nullable Group around;

  // guarded by the group
  private final Set<Group> within = new LinkedHashSet<>();
  // set once by any thread, under the group
  private volatile @Nullable Cancellation cancellation;
  // set by the owner of the group, under the group
  private volatile boolean closed;

  GroupNesting(Group group, @Nullable Group around) {
    this.group = group;
    this.around = around;
  }

  @Nullable Group around() {
    return around;
  }

  /** Returns why the group was cancelled; null if it was not. */
  @Nullable Cancellation cancellation() {
    return cancellation;
  }

  boolean isCancelled() {
    return cancellation != null;
  }

  /** Returns whether the group around it was cancelled. */
  boolean isCancelledFromAround() {
    return around != null && around.isGivenUp();
  }

  boolean isClosed() {
    return closed;
  }

  /** Adds a group that was opened within; returns false if this one was cancelled. */
  boolean add(Group inner) {
    synchronized (group) {
      if (cancellation == null) {
        within.add(inner);
      }
      return cancellation == null;
    }
  }

  private void remove(Group inner) {
    synchronized (group) {
      within.remove(inner);
    }
  }

  /** The group is closed; to be called under the group. */
  void close() {
    closed = true;
  }

  /** Has the group around it forget it. */
  void leave() {
    if (around != null) {
      around.nesting().remove(group);
    }
  }

  /**
   * Marks the group and those within it that are not marked yet, without recursion, before anything
   * in them is stopped.
   *
   * @return those that were marked, which are to stop what is in them
   */
  List<Group> mark(Cancellation reason) {
    List<Group> marked = new ArrayList<>();
    Deque<Group> toMark = new ArrayDeque<>();
    toMark.add(group);
    while (!toMark.isEmpty()) {
      Group next = toMark.remove();
      Cancellation own =
          next == group
              ? reason
              : new Cancellation("%s around it was cancelled".formatted(group), null, false);
      if (next.nesting().markAlone(own, toMark)) {
        marked.add(next);
      }
    }
    return marked;
  }

  private boolean markAlone(Cancellation reason, Deque<Group> toMark) {
    synchronized (group) {
      if (cancellation != null || closed) {
        return false;
      }
      cancellation = reason;
      toMark.addAll(within);
      return true;
    }
  }

  /** Returns a new exception that states why the group is cancelled. */
  GroupCancelledException toException() {
    Cancellation why = cancellation;
    if (why == null) {
      throw new IllegalStateException(group + " is not cancelled");
    }
    return new GroupCancelledException(
        "%s is cancelled: %s".formatted(group, why.reason()),
        why.failure() == null ? null : why.failure().error().get());
  }
}
