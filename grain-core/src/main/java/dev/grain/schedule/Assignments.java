package dev.grain.schedule;

import dev.grain.resource.internal.Fractions;
import dev.grain.resource.internal.Holdings;
import dev.grain.resource.internal.Lease;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
    arrive(job, node);
    effects.run(node, job);
    nodes.onSlotsChanged(node);
  }

  private void arrive(ScheduledJob job, Node node) {
    job.node = node;
    job.enter(ScheduledJob.Phase.SENT);
    tallies.sent(job);
    node.sent.add(job);
    node.waiting.addLast(job);
  }

  // ---------------------------------------------------------------- jobs that nodes have

  /** The node has the job, which is nowhere; it has not started there. */
  void adoptWaiting(ScheduledJob job, Node node) {
    arrive(job, node);
    RequestClass requestClass = job.requestClass();
    job.lease = node.slots.take(requestClass.demand(), requestClass.alone());
    if (job.lease == null) {
      sentAhead.onDisplaced(job, node);
    } else {
      node.unstarted.add(job);
    }
    nodes.onSlotsChanged(node);
  }

  /**
   * The node has the job, which is nowhere; it has started there.
   *
   * @param fractions the slots that the node reports; null if it has none any more
   */
  void adoptStarted(ScheduledJob job, Node node, @Nullable Fractions fractions, long startedAt) {
    arrive(job, node);
    node.waiting.remove(job);
    if (fractions != null) {
      Fractions reported = node.bounded ? Fractions.NONE : fractions;
      node.others.release();
      List<ScheduledJob> unseated = node.unseatForAdopted(job, reported);
      // what was offered before may be more than what is offered now
      if (node.slots.fitsAt(job.requestClass().demand(), job.alone, reported)) {
        job.lease = node.slots.takeAt(job.requestClass().demand(), job.alone, reported);
        knowUnlessBounded(job, node);
      }
      unseated.addAll(node.claimForOthers());
      reseat(unseated, node);
    }
    job.freed = job.lease == null;
    node.freedCount += job.freed ? 1 : 0;
    tallies.started(job);
    job.started = true;
    job.startedAt = startedAt;
    node.started.addLast(job);
    job.enter(ScheduledJob.Phase.RUNNING);
    nodes.onSlotsChanged(node);
  }

  // ---------------------------------------------------------------- what nodes report

  /** Has a job come back that is at a node and not known to have started. */
  void takeBack(ScheduledJob job) {
    Node node = job.holder();
    Node holder = job.releaseLease();
    if (holder == node) {
      sentAhead.add(job, node);
    }
    if (!job.takingBack) {
      sentAhead.takeBack(job);
    }
    if (holder != null) {
      onRoom(holder);
    }
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
