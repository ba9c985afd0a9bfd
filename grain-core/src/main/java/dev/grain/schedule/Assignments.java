package dev.grain.schedule;

import dev.grain.resource.internal.Fractions;
import dev.grain.resource.internal.Holdings;
import dev.grain.resource.internal.Lease;
import java.util.List;

/** Which jobs are at which nodes, and which slots are accounted for those that have started. */
final class Assignments {
  private final Nodes nodes;
  private final SentAhead sentAhead;
  private final Tally.Keeper tallies;
  private final Effects effects;
  private long steps;

  Assignments(Nodes nodes, SentAhead sentAhead, Tally.Keeper tallies, Effects effects) {
    this.nodes = nodes;
    this.sentAhead = sentAhead;
    this.tallies = tallies;
    this.effects = effects;
  }

  /** Sends a job that is nowhere, with slots or ahead. */
  void send(ScheduledJob job, Node node) {
    job.node = node;
    job.enter(ScheduledJob.Phase.SENT);
    tallies.sent(job);
    node.sent.add(job);
    node.waiting.addLast(job);
    effects.run(node, job);
    nodes.onSlotsChanged(node);
  }

  /** Tells the node of the job to stop it. */
  void stop(ScheduledJob job) {
    job.enter(ScheduledJob.Phase.STOPPING);
    effects.stop(job.holder(), job);
  }

  /** The job has started on the node, with the slots that the node reports. */
  void start(ScheduledJob job, Node node, Fractions fractions, long now) {
    leaveWaiting(job, node);
    if (job.lease == null) {
      sentAhead.countOvertakingBy(job, node);
    }
    boolean exact =
        job.lease != null && job.destination == null && node.stands(job.lease, fractions);
    if (exact) {
      node.unstarted.remove(job);
      knowUnlessBounded(job, node);
    } else {
      Node holder = job.releaseLease();
      if (holder != null && holder != node) {
        onRoom(holder);
      }
      // a worker with more than it offers here counts otherwise
      job.lease = takeReported(node, job, node.bounded ? Fractions.NONE : fractions);
    }
    tallies.started(job);
    job.started = true;
    job.startedAt = now;
    node.started.addLast(job);
    if (job.phase() == ScheduledJob.Phase.SENT) {
      job.enter(ScheduledJob.Phase.RUNNING);
    }
    onRoom(node);
  }

  private static void knowUnlessBounded(ScheduledJob job, Node node) {
    if (!node.bounded && job.lease != null) {
      job.lease.know();
    }
  }

  /**
   * Takes the slots that the node reports for the job, if need be from jobs that have not started.
   */
  private Lease takeReported(Node node, ScheduledJob job, Fractions fractions) {
    node.others.release();
    List<ScheduledJob> unseated = node.unseatFor(job, fractions);
    Lease lease = node.slots.takeAt(job.requestClass().demand(), job.alone, fractions);
    unseated.addAll(node.claimForOthers());
    reseat(unseated, node);
    return lease;
  }

  /** Finds other slots for jobs that have lost theirs, or has them wait without. */
  private void reseat(List<ScheduledJob> unseated, Node node) {
    steps += unseated.size();
    int left = Nodes.CANDIDATES;
    for (ScheduledJob victim : unseated.reversed()) {
      if (node.isBarredByNode() || left-- <= 0 || !node.reseat(victim)) {
        sentAhead.onDisplaced(victim, node);
      }
    }
  }

  /** The node reports what jobs of other heads hold there. */
  void othersHold(Node node, Holdings holdings, boolean barred) {
    node.others.report(holdings, barred);
    nodes.updateShared(node);
    reseat(node.claimForOthers(), node);
    onRoom(node);
  }

  /** The job, which has started, needs its slots no more, and has not ended yet. */
  void free(ScheduledJob job, Node node) {
    job.freed = true;
    node.freedCount++;
    releaseLease(job);
  }

  /** The job is at the node no more; its slots are to be released, or handed over. */
  void leave(ScheduledJob job, Node node) {
    node.sent.remove(job);
    tallies.left(job);
    if (job.started) {
      node.started.remove(job);
      node.freedCount -= job.freed ? 1 : 0;
    } else {
      leaveWaiting(job, node);
    }
    nodes.updateRoom(node);
  }

  private void leaveWaiting(ScheduledJob job, Node node) {
    node.waiting.remove(job);
    sentAhead.remove(job, node);
  }

  /** The slots of a job that was at the node go to others, there or where they were kept for it. */
  void passOnLease(ScheduledJob job, Node node) {
    if (!sentAhead.handOver(job, node)) {
      Node holder = job.releaseLease();
      if (holder != null && holder != node) {
        onRoom(holder);
      }
    }
    onRoom(node);
  }

  /** Releases the slots of the job, wherever it has some. */
  void releaseLease(ScheduledJob job) {
    Node holder = job.releaseLease();
    if (holder != null) {
      onRoom(holder);
    }
  }

  /** After slots became free: first those that wait there get them, as the node itself does. */
  void onRoom(Node node) {
    if (node.isShared() && node.others.lackSlots()) {
      reseat(node.claimForOthers(), node);
    }
    if (node.open()) {
      sentAhead.promote(node);
      nodes.touch(node);
    }
  }

  long steps() {
    return steps;
  }
}
