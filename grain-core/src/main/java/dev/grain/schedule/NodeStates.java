package dev.grain.schedule;

import java.util.List;

/** Which nodes take jobs: it alone opens and closes them. */
final class NodeStates {
  private final Indexes indexes;
  private final Assignments assignments;
  private final SetAside setAside;
  private final Unprepared unprepared;

  NodeStates(Policy policy, Indexes indexes, Assignments assignments) {
    this.indexes = indexes;
    this.assignments = assignments;
    this.setAside = new SetAside(policy.setAside());
    this.unprepared = new Unprepared(policy.setAside());
  }

  /** The worker of the node has more than it offers here. */
  void bound(Node node) {
    node.bounded = true;
    indexes.nodes.updateRoom(node);
  }

  /** The node is gone; returns whether it was still there. */
  boolean lose(Node node) {
    if (node.lost) {
      return false;
    }
    node.lost = true;
    setAside.remove(node);
    indexes.close(node);
    indexes.nodes.remove(node);
    List<Object> preparations = List.copyOf(node.unprepared.keySet());
    unprepared.remove(node);
    preparations.forEach(each -> indexes.onUnpreparedChanged(node, each));
    return true;
  }

  /** The node takes no more jobs; returns whether it did. */
  boolean drain(Node node) {
    boolean open = node.open();
    node.draining = true;
    closeIf(open, node);
    return open;
  }

  /** The node takes no more jobs until it is back. */
  void suspend(Node node) {
    boolean open = node.open();
    node.suspended = true;
    closeIf(open, node);
  }

  /** The node is back. */
  void resume(Node node) {
    node.suspended = false;
    reopen(node);
  }

  /** Gives a node no jobs for a while, as it could not start several. */
  void putAside(Node node) {
    boolean open = node.open();
    setAside.add(node, indexes.now());
    closeIf(open, node);
  }

  /** The node could not prepare it: gives the node no jobs that need it for a while. */
  void failedToPrepare(Node node, Object preparation, String reason) {
    if (unprepared.add(node, preparation, reason, indexes.now())) {
      indexes.onUnpreparedChanged(node, preparation);
    }
  }

  /** Gives jobs again to those nodes that got none, or none of some, and whose time has come. */
  void resumeDue() {
    for (Unprepared.Failure failure = unprepared.pollDue(indexes.now());
        failure != null;
        failure = unprepared.pollDue(indexes.now())) {
      indexes.onUnpreparedChanged(failure.node(), failure.preparation());
    }
    for (Node node = setAside.pollDue(indexes.now());
        node != null;
        node = setAside.pollDue(indexes.now())) {
      reopen(node);
    }
  }

  /** When the first of them is tried again; {@code Long.MAX_VALUE} for never. */
  long firstDue() {
    return Math.min(setAside.firstDue(), unprepared.firstDue());
  }

  private void closeIf(boolean open, Node node) {
    if (open) {
      indexes.close(node);
    }
  }

  private void reopen(Node node) {
    if (node.open()) {
      indexes.open(node);
      assignments.onRoom(node);
    }
  }
}
