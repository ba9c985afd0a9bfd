package dev.grain.schedule;

import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Demand.Part;

/**
 * Sees to it that the oldest job in the queue is not passed forever: it counts the younger ones
 * that start where it could have run, and at the bound reserves a node for it.
 */
final class Overtaking {
  private final Policy policy;
  private final RequestClasses classes;
  private final Nodes nodes;

  Overtaking(Policy policy, RequestClasses classes, Nodes nodes) {
    this.policy = policy;
    this.classes = classes;
    this.nodes = nodes;
  }

  /** Whether the job may wait at a node, where others could pass it. */
  boolean mayGoAhead(ScheduledJob job) {
    return !job.alone && job != nodes.reservedJob && job.overtaken < policy.overtaking();
  }

  /** Counts that a job gets slots of the node before the oldest one in the queue. */
  void countOvertakingBy(ScheduledJob job, Node node) {
    if (classes.queued.lowestRank() >= job.rank || nodes.reservedJob != null) {
      return;
    }
    RequestClass oldestClass = classes.at(classes.queued.first());
    ScheduledJob oldest = oldestClass.head();
    if (nodes.couldFit(node, oldestClass) && ++oldest.overtaken >= policy.overtaking()) {
      reserve(oldest);
    }
  }

  private void reserve(ScheduledJob job) {
    RequestClass requestClass = job.requestClass();
    Node best = null;
    double least = Double.MAX_VALUE;
    for (Node node : nodes.firstWhenIdle(requestClass)) {
      double missing = missing(node, requestClass.demand());
      if (missing < least) {
        least = missing;
        best = node;
      }
    }
    if (best == null) {
      classes.setUnmeetable(requestClass, true);
      return;
    }
    nodes.reserve(best, job);
  }

  /** How much of what the job asks for is taken on the node, as a part of what it has. */
  private static double missing(Node node, Demand demand) {
    double most = 0;
    for (Part part : demand.needs()) {
      double lacking = part.amount() - node.slots.level(part.kind());
      most = Math.max(most, lacking / Math.max(1, node.slots.total(part.kind())));
    }
    return most;
  }

  /** Gives up a reservation if the node will not be there for long enough any more. */
  void dropImpossibleReservation() {
    ScheduledJob job = nodes.reservedJob;
    Node node = nodes.reservedNode;
    if (job != null && node != null && !nodes.couldFit(node, job.requestClass())) {
      dropReservation(job);
    }
  }

  /** The job is in the queue no more. */
  void dropReservation(ScheduledJob job) {
    if (nodes.reservedJob == job) {
      nodes.endReservation();
    }
  }
}
