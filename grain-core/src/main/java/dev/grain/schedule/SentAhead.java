package dev.grain.schedule;

import dev.grain.resource.internal.Lease;
import java.util.LinkedHashSet;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/**
 * The jobs that were sent to a node ahead, without slots in the accounting: they get slots there as
 * the node itself gives them, or are taken back when another node is free.
 *
 * <p>With {@link UnstartedLeases} and {@link AheadClasses} it mirrors what {@code
 * dev.grain.node.SlotQueue} decides. What both keep to is in {@code docs/architecture.md}, "Who
 * gets slots next".
 */
final class SentAhead {
  private final Policy policy;
  private final RequestClasses classes;
  private final Nodes nodes;
  private final IndexQuery query;
  private final Overtaking overtaking;
  private final Effects effects;

  /** Those with jobs that lost their slots to one that a node started in their place. */
  private final SequencedSet<RequestClass> displaced = new LinkedHashSet<>();

  private long steps;
  private long promotions;

  SentAhead(
      Policy policy,
      RequestClasses classes,
      Nodes nodes,
      IndexQuery query,
      Overtaking overtaking,
      Effects effects) {
    this.policy = policy;
    this.classes = classes;
    this.nodes = nodes;
    this.query = query;
    this.overtaking = overtaking;
    this.effects = effects;
  }

  void add(ScheduledJob job, Node node) {
    RequestClass requestClass = job.requestClass();
    job.ahead = true;
    node.addAhead(requestClass);
    requestClass.ahead.addLast(job);
    if (requestClass.ahead.first() == job) {
      classes.updateAhead(requestClass);
    }
  }

  /** Removes the job if it is one. */
  void remove(ScheduledJob job, Node node) {
    if (!job.ahead) {
      return;
    }
    job.ahead = false;
    node.removeAhead(job.requestClass());
    if (!job.takingBack) {
      leaveAhead(job);
    }
    job.takingBack = false;
  }

  private void leaveAhead(ScheduledJob job) {
    RequestClass requestClass = job.requestClass();
    boolean wasFirst = requestClass.ahead.first() == job;
    requestClass.ahead.remove(job);
    if (wasFirst) {
      classes.updateAhead(requestClass);
    }
  }

  /** A node that has room for jobs ahead and could run the first job of the class. */
  @Nullable Node roomyNodeFor(RequestClass requestClass) {
    int left = Nodes.CANDIDATES;
    for (Node node : nodes.roomy) {
      steps++;
      if (mayGoAhead(requestClass.head(), node) && nodes.couldFit(node, requestClass)) {
        return node;
      }
      if (--left == 0) {
        break;
      }
    }
    return null;
  }

  /** Whether the job may wait at the node, where others could pass it. */
  boolean mayGoAhead(ScheduledJob job, Node node) {
    return overtaking.mayGoAhead(job) || node.isLeftToOthers(0);
  }

  /**
   * A node where jobs of other heads hold what the first job of the class could have, where it gets
   * its turn if it waits there; null if there is none, or if an older one waits somewhere already.
   * This is for the strict order, in which nothing else is sent ahead.
   */
  @Nullable Node sharedNodeFor(RequestClass requestClass) {
    if (classes.ahead.first() >= 0) {
      return null;
    }
    for (Node node : nodes.shared) {
      steps++;
      if (node.open() && node.isLeftToOthers(0) && nodes.couldFit(node, requestClass)) {
        return node;
      }
    }
    return null;
  }

  /** Gives the slots that have become free to waiting jobs, as the node itself does. */
  void promote(Node node) {
    if (node.isBarredByNode() || node.noneFits()) {
      return;
    }
    ScheduledJob first = node.waiting.first();
    promotions++;
    int left = Scheduler.LOOKAHEAD;
    for (ScheduledJob job = first; job != null && left > 0; job = job.next, left--) {
      steps++;
      if (!job.ahead || job.takingBack || job.requestClass().refusedIn == promotions) {
        continue;
      }
      if (job != first && nodes.barred(node)) {
        return;
      }
      RequestClass requestClass = job.requestClass();
      Lease lease = node.slots.take(requestClass.demand(), requestClass.alone());
      if (lease != null) {
        remove(job, node);
        job.lease = lease;
        node.unstarted.add(job);
        countOvertakingBy(job, node);
      } else {
        // what is free only gets less until the end of this
        requestClass.refusedIn = promotions;
        if (node.noneFits()) {
          return;
        }
      }
    }
  }

  /**
   * Gives the slots of a job that has ended to the one that waits longest at the node, if that asks
   * for the same and has none: the node has done so, or would.
   *
   * @return whether it did
   */
  boolean handOver(ScheduledJob ended, Node node) {
    boolean owed = node.isShared() && (node.others.bar() || node.others.lackSlots());
    if (ended.lease == null || ended.destination != null || !node.open() || owed) {
      return false;
    }
    ScheduledJob next = node.waiting.first();
    int left = Scheduler.LOOKAHEAD;
    while (next != null && (!next.ahead || next.takingBack) && left-- > 0) {
      steps++;
      next = next.next;
    }
    if (next == null
        || !next.ahead
        || next.takingBack
        || next.alone
        || !next.requestClass().asksAs(ended.requestClass())) {
      return false;
    }
    steps++;
    if (!ended.started) {
      node.unstarted.remove(ended);
    }
    remove(next, node);
    next.lease = ended.lease;
    ended.lease = null;
    node.unstarted.add(next);
    countOvertakingBy(next, node);
    return true;
  }

  /** The job that was to start on the node, or to come there, has lost its slots to another. */
  void onDisplaced(ScheduledJob job, Node node) {
    if (job.destination != null) {
      job.destination = null;
      return;
    }
    add(job, node);
    displaced.add(job.requestClass());
  }

  /** Returns whether jobs have lost their slots that were not looked at since. */
  boolean hasDisplaced() {
    return !displaced.isEmpty();
  }

  /** Looks for no other nodes for those that have lost their slots. */
  void forgetDisplaced() {
    displaced.clear();
  }

  /** The class is gone. */
  void forget(RequestClass gone) {
    displaced.remove(gone);
  }

  // ---------------------------------------------------------------- taking back

  /** Takes jobs back that wait at other nodes, for slots that are free here. */
  void steal(Node node) {
    while (!nodes.barred(node) && nodes.reservedNode != node) {
      ScheduledJob job = aheadElsewhere(node);
      if (job == null) {
        return;
      }
      redirect(job, node);
    }
  }

  /**
   * Takes back a job that has lost its slots, if another node is free for it.
   *
   * @return whether there may be more of them
   */
  boolean placeDisplaced() {
    if (displaced.isEmpty()) {
      return false;
    }
    steps++;
    RequestClass requestClass = displaced.getFirst();
    Node target = requestClass.ahead.isEmpty() ? null : nodes.best(requestClass);
    ScheduledJob job = target == null ? null : lastElsewhere(requestClass, target);
    if (job == null || target == null) {
      displaced.removeFirst();
    } else {
      redirect(job, target);
    }
    return true;
  }

  /**
   * Takes back the oldest job that was sent ahead, if another node is free for it.
   *
   * @return whether it did
   */
  boolean placeOldest() {
    int leaf = classes.ahead.first();
    if (leaf < 0) {
      return false;
    }
    steps++;
    RequestClass requestClass = classes.at(leaf);
    Node target = nodes.best(requestClass);
    ScheduledJob job = requestClass.ahead.first();
    boolean moves = target != null && job != null && job.node != target;
    if (moves && target != null && job != null) {
      redirect(job, target);
    }
    return moves;
  }

  /** Takes slots for a job that was sent ahead to another node, and takes it back from there. */
  private void redirect(ScheduledJob job, Node node) {
    job.lease = node.take(job.requestClass());
    job.destination = node;
    countOvertakingBy(job, node);
    takeBack(job);
    node.unstarted.add(job);
    nodes.onSlotsChanged(node);
  }

  /** A job that was sent ahead to another node and fits this one. */
  private @Nullable ScheduledJob aheadElsewhere(Node node) {
    long[] fitting = query.fittingIn(node.visible);
    long after = Long.MIN_VALUE;
    for (int candidate = 0; candidate < Nodes.CANDIDATES; candidate++) {
      int leaf = classes.ahead.firstFit(fitting, after);
      if (leaf < 0) {
        return null;
      }
      ScheduledJob job = lastElsewhere(classes.at(leaf), node);
      if (job != null) {
        return job;
      }
      after = classes.ahead.rank(leaf);
    }
    return null;
  }

  private @Nullable ScheduledJob lastElsewhere(RequestClass requestClass, Node node) {
    int left = Nodes.CANDIDATES;
    ScheduledJob job = requestClass.ahead.last();
    while (job != null && left-- > 0) {
      steps++;
      if (job.node != node) {
        return job;
      }
      job = job.sidePrevious;
    }
    return null;
  }

  /** The job, which was taken back, gets the slots that were kept for it. */
  static void arrive(ScheduledJob job, Node destination) {
    destination.unstarted.remove(job);
    job.destination = null;
    destination.unstarted.add(job);
  }

  /** Asks the node of a job that was sent ahead to give it back. */
  void takeBack(ScheduledJob job) {
    Node node = job.holder();
    boolean bars = node.waiting.first() == job && nodes.barred(node);
    job.takingBack = true;
    leaveAhead(job);
    effects.takeBack(node, job);
    if (bars) {
      nodes.touch(node);
    }
  }

  // ---------------------------------------------------------------- order

  /** Counts that a job was placed before older ones, and acts when it was once too often. */
  void countOvertakingBy(ScheduledJob job, Node node) {
    if (!node.open()) {
      return;
    }
    overtaking.countOvertakingBy(job, node);
    if (classes.ahead.lowestRank() >= job.rank) {
      return;
    }
    RequestClass oldestClass = classes.at(classes.ahead.first());
    ScheduledJob oldest = oldestClass.ahead.first();
    if (oldest != null
        && oldest.node != node
        && !oldest.holder().isLeftToOthers(1)
        && nodes.couldFit(node, oldestClass)
        && ++oldest.overtaken >= policy.overtaking()) {
      takeBack(oldest);
    }
  }

  /** Counts that a node has started a job before the one that waits there longest. */
  static void countOvertakingAt(Node node, ScheduledJob job) {
    ScheduledJob first = node.waiting.first();
    if (first != null && first != job && first.ahead) {
      first.overtaken++;
    }
  }

  long steps() {
    return steps;
  }
}
