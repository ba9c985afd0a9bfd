package dev.grain.schedule;

import dev.grain.resource.internal.Lease;
import org.jspecify.annotations.Nullable;

/** Finds nodes for the queued jobs, and jobs for the nodes that have got room. */
final class Placer {
  private final Policy policy;
  private final IndexQuery query;
  private final RequestClasses classes;
  private final Nodes nodes;
  private final Overtaking overtaking;
  private final SentAhead sentAhead;
  private final JobQueue queue;
  private final Assignments assignments;
  private long steps;

  Placer(
      Policy policy,
      Indexes indexes,
      Overtaking overtaking,
      SentAhead sentAhead,
      JobQueue queue,
      Assignments assignments) {
    this.policy = policy;
    this.query = indexes.query;
    this.classes = indexes.classes;
    this.nodes = indexes.nodes;
    this.overtaking = overtaking;
    this.sentAhead = sentAhead;
    this.queue = queue;
    this.assignments = assignments;
  }

  /** Takes so many decisions at most, and returns whether there may be more to do. */
  boolean place(int decisions) {
    overtaking.dropImpossibleReservation();
    for (int left = decisions; left > 0; left--) {
      boolean more = policy.strict() ? placeFirst() : placeNext();
      if (!more) {
        return false;
      }
    }
    return true;
  }

  /** Places the first job of the queue if it fits. */
  private boolean placeFirst() {
    steps++;
    if (sentAhead.placeOldest()) {
      return true;
    }
    int leaf = classes.queued.first();
    Node target = leaf < 0 ? null : nodeFor(classes.at(leaf));
    Node shared = leaf < 0 || target != null ? null : sentAhead.sharedNodeFor(classes.at(leaf));
    if (target != null) {
      place(classes.at(leaf).head(), target);
    } else if (shared != null) {
      sendAhead(classes.at(leaf).head(), shared);
    } else {
      forgetDirty();
    }
    return target != null || shared != null;
  }

  private @Nullable Node nodeFor(RequestClass requestClass) {
    Node reserved = reservedFor(requestClass.head());
    return reserved == null ? nodes.best(requestClass) : reserved;
  }

  /**
   * Returns the node that is reserved for the job, if it would start there now; null if not, as
   * when the node itself lets a job of another head go first.
   */
  private @Nullable Node reservedFor(ScheduledJob job) {
    Node node = nodes.reservedNode;
    boolean starts =
        node != null
            && nodes.reservedJob == job
            && !node.isBarredByNode()
            && node.slots.fits(job.requestClass().demand(), job.alone);
    return starts ? node : null;
  }

  private void forgetDirty() {
    sentAhead.forgetDisplaced();
    for (Node node = nodes.firstDirty(); node != null; node = nodes.firstDirty()) {
      nodes.removeDirty(node);
    }
    for (int leaf = classes.dirty.first(); leaf >= 0; leaf = classes.dirty.first()) {
      classes.dirty.clear(leaf);
    }
  }

  private boolean placeNext() {
    Node node = nodes.firstDirty();
    if (node != null) {
      placeOn(node);
      return true;
    }
    int leaf = classes.dirty.first();
    if (leaf < 0) {
      return sentAhead.placeDisplaced();
    }
    RequestClass dirtyClass = classes.at(leaf);
    if (!placeFrom(dirtyClass)) {
      classes.dirty.clear(leaf);
    }
    return true;
  }

  /** Finds a job for the first node that may have got room, or finds that there is none. */
  private void placeOn(Node node) {
    steps++;
    ScheduledJob job = candidate(node);
    if (job != null) {
      boolean alternatives =
          nodes.dirtyCount() > 1 || classes.dirty.contains(job.requestClass().leaf);
      Node better = alternatives ? nodes.best(job.requestClass()) : null;
      place(job, better == null ? node : better);
      return;
    }
    nodes.removeDirty(node);
    fillAhead(node);
    sentAhead.steal(node);
  }

  /** Finds a node for the first job of a class, and returns whether it did. */
  private boolean placeFrom(RequestClass dirtyClass) {
    steps++;
    Node target = nodes.best(dirtyClass);
    if (target != null) {
      place(dirtyClass.head(), target);
      return true;
    }
    Node roomy = sentAhead.roomyNodeFor(dirtyClass);
    if (roomy != null) {
      sendAhead(dirtyClass.head(), roomy);
    }
    return roomy != null;
  }

  /** The oldest queued job that may start on the node now. */
  private @Nullable ScheduledJob candidate(Node node) {
    ScheduledJob reserved = nodes.reservedJob;
    if (reserved != null && reservedFor(reserved) == node) {
      return reserved;
    }
    if (nodes.barred(node)) {
      return null;
    }
    int leaf = classes.queued.firstFit(query.fittingIn(node.visible), Long.MIN_VALUE);
    return leaf < 0 ? null : classes.at(leaf).head();
  }

  /** Takes slots for the job and sends it; one that nobody wants ends instead. */
  private void place(ScheduledJob job, Node node) {
    if (job.isGivenUp()) {
      queue.cancel(job);
      return;
    }
    Lease lease = node.take(job.requestClass());
    queue.take(job);
    job.lease = lease;
    node.unstarted.add(job);
    sentAhead.countOvertakingBy(job, node);
    assignments.send(job, node);
  }

  /** Sends jobs ahead to the node as far as it has room for such. */
  private void fillAhead(Node node) {
    while (node.roomy) {
      steps++;
      int leaf = classes.queued.firstFit(query.fittingIn(node.ever), Long.MIN_VALUE);
      if (leaf < 0) {
        return;
      }
      RequestClass oldest = classes.at(leaf);
      Node free = classes.dirty.contains(leaf) ? nodes.best(oldest) : null;
      if (free != null) {
        place(oldest.head(), free);
      } else if (sentAhead.mayGoAhead(oldest.head(), node)) {
        sendAhead(oldest.head(), node);
      } else {
        return;
      }
    }
  }

  private void sendAhead(ScheduledJob job, Node node) {
    if (job.isGivenUp()) {
      queue.cancel(job);
      return;
    }
    queue.take(job);
    sentAhead.add(job, node);
    assignments.send(job, node);
    nodes.goBehind(node);
  }

  long steps() {
    return steps;
  }
}
