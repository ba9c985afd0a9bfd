package dev.grain.schedule;

import java.util.Comparator;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The nodes that get no jobs for a while, as they could not start several in a row for reasons of
 * their own. The first time is short, and each further one twice as long, until they succeed.
 */
final class SetAside {
  /** How many jobs in a row a node may fail to start. */
  static final int REFUSALS = 3;

  /** How many times as long as the first time the longest one is. */
  private static final long LONGEST = 10;

  private final long first;

  /** In the order in which they are tried again. */
  private final NavigableSet<Node> nodes =
      new TreeSet<>(
          Comparator.<Node>comparingLong(node -> node.asideUntil)
              .thenComparingInt(node -> node.leaf));

  /**
   * Sets nothing aside yet.
   *
   * @param first the first time, in nanoseconds
   */
  SetAside(long first) {
    this.first = first;
  }

  /** The node could not start a job; returns whether it is to be set aside. */
  static boolean countRefusal(Node node, String reason) {
    node.refusals++;
    node.asideReason = reason;
    return node.refusals >= REFUSALS && !node.aside;
  }

  /** The node has run a job. */
  static void forgive(Node node) {
    if (!node.aside) {
      node.refusals = 0;
      node.asideNanos = 0;
    }
  }

  void add(Node node, long now) {
    node.asideNanos = node.asideNanos == 0 ? first : Math.min(2 * node.asideNanos, LONGEST * first);
    node.asideUntil = now + node.asideNanos;
    node.aside = true;
    nodes.add(node);
  }

  void remove(Node node) {
    if (node.aside) {
      nodes.remove(node);
      node.aside = false;
    }
  }

  /** Removes and returns the first node whose time is over; null if there is none. */
  @Nullable Node pollDue(long now) {
    if (nodes.isEmpty() || nodes.getFirst().asideUntil > now) {
      return null;
    }
    Node node = nodes.removeFirst();
    node.aside = false;
    return node;
  }

  /** When the first of them is tried again; {@code Long.MAX_VALUE} for never. */
  long firstDue() {
    return nodes.isEmpty() ? Long.MAX_VALUE : nodes.getFirst().asideUntil;
  }
}
