package dev.grain.schedule;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * What nodes could not prepare for reasons of their own, such as a tool that is not installed. For
 * a while a node gets no more jobs that need the same; all others it gets.
 */
final class Unprepared {
  /** For how many times as long as a node is set aside: nodes remember it for about as long. */
  private static final int TIMES = 2;

  private final long nanos;

  /** In the order in which they are over. */
  private final Deque<Failure> failures = new ArrayDeque<>();

  /**
   * A node could not prepare something.
   *
   * @param preparation what it could not prepare
   * @param reason why, in a sentence
   * @param until when it is tried again
   */
  record Failure(Node node, Object preparation, String reason, long until) {}

  /**
   * Knows of nothing yet.
   *
   * @param setAside for how many nanoseconds a node is set aside, the first time
   */
  Unprepared(long setAside) {
    this.nanos = setAside > Long.MAX_VALUE / TIMES ? Long.MAX_VALUE : TIMES * setAside;
  }

  /** The node could not prepare it; returns whether that is new. */
  boolean add(Node node, Object preparation, String reason, long now) {
    if (node.unprepared.containsKey(preparation)) {
      return false;
    }
    long until = nanos > Long.MAX_VALUE - Math.max(0, now) ? Long.MAX_VALUE : now + nanos;
    Failure failure = new Failure(node, preparation, reason, until);
    node.unprepared.put(preparation, failure);
    failures.add(failure);
    return true;
  }

  /** Forgets all of a node. */
  void remove(Node node) {
    failures.removeIf(each -> each.node() == node);
    node.unprepared.clear();
  }

  /** Removes and returns the first one whose time is over; null if there is none. */
  @Nullable Failure pollDue(long now) {
    Failure first = failures.peek();
    if (first == null || first.until() > now) {
      return null;
    }
    failures.remove();
    first.node().unprepared.remove(first.preparation());
    return first;
  }

  /** When the first of them is tried again; {@code Long.MAX_VALUE} for never. */
  long firstDue() {
    Failure first = failures.peek();
    return first == null ? Long.MAX_VALUE : first.until();
  }
}
