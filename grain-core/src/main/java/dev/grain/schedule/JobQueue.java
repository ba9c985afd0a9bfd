package dev.grain.schedule;

import dev.grain.Cause;
import dev.grain.explain.Reason;
import dev.grain.resource.internal.Demand;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The jobs that wait on the head: in the queues of their classes, or {@linkplain Paused paused}. It
 * takes jobs in and gives them to nodes, has them run again, and ends those that end here.
 */
final class JobQueue {
  private final Policy policy;
  private final Ranks ranks;
  private final Indexes indexes;
  private final RequestClasses classes;
  private final Overtaking overtaking;
  private final SentAhead sentAhead;
  private final Tally.Keeper tallies;
  private final Effects effects;
  final Paused paused = new Paused();
  private long steps;

  JobQueue(
      Policy policy,
      Indexes indexes,
      Overtaking overtaking,
      SentAhead sentAhead,
      Tally.Keeper tallies,
      Effects effects) {
    this.policy = policy;
    this.ranks = Ranks.of(policy);
    this.indexes = indexes;
    this.classes = indexes.classes;
    this.overtaking = overtaking;
    this.sentAhead = sentAhead;
    this.tallies = tallies;
    this.effects = effects;
  }

  // ---------------------------------------------------------------- in and out

  /** Puts a new job at its place in the queue, or ends it if it is cancelled by now. */
  void submit(ScheduledJob job, Demand demand, long timeLimit, int attempt) {
    enter(job, demand, timeLimit, attempt);
    if (job.cancelled) {
      finish(job, Cause.CANCELLED, new Reason.Cancelled());
    } else if (indexes.isUnpreparable(job.requestClass())) {
      finish(job, Cause.NOT_STARTED, whyUnprepared(job.requestClass()));
    } else {
      enqueue(job);
    }
  }

  /** Takes a new job that may be at a node that is away. */
  void submitAwaited(
      ScheduledJob job, Demand demand, long timeLimit, int attempt, Paused.Away away) {
    enter(job, demand, timeLimit, attempt);
    await(job, away);
  }

  private void enter(ScheduledJob job, Demand demand, long timeLimit, int attempt) {
    job.attempt = attempt;
    job.alone = job.losses() >= Losses.ALONE;
    Line line = ranks.enter(job);
    job.rank = ranks.rank(job, line, indexes.now());
    Duration soft = demand.softWallTime();
    enterClass(job, demand, soft == null ? timeLimit : soft.toNanos(), line);
  }

  /** Puts the job at its place in the queue, or ends it if it will never get a node. */
  void enqueue(ScheduledJob job) {
    if (job.reprioritized) {
      job.reprioritized = false;
      changeLine(job);
    }
    RequestClass requestClass = job.requestClass();
    job.leaveAttempt();
    if (requestClass.unmeetable && policy.closed()) {
      finish(job, Cause.NOT_STARTED, whyUnmeetable(requestClass));
      return;
    }
    if (job.onHold) {
      paused.hold(job);
    }
    job.enter(ScheduledJob.Phase.QUEUED);
    tallies.queued(job);
    if (job.onHold) {
      return;
    }
    ScheduledJob last = requestClass.queue.last();
    boolean isNew = job.rank == Ranks.UNRANKED && job.attempt == 1;
    if (last == null || last.rank < job.rank || isNew) {
      requestClass.queue.addLast(job);
    } else {
      steps += requestClass.queue.addFromFront(job);
    }
    if (requestClass.queue.first() == job) {
      if (job.rank == Ranks.UNRANKED) {
        job.rank = ranks.draw(job, requestClass.line());
      }
      classes.onHeadChanged(requestClass);
    }
  }

  /** Removes a job that is to be sent to a node. */
  void take(ScheduledJob job) {
    ranks.onTaken(job);
    remove(job, true);
  }

  /** Removes a job that waits, in a queue or paused. */
  void dequeue(ScheduledJob job) {
    if (job.paused) {
      paused.remove(job);
      tallies.unqueued(job);
      return;
    }
    remove(job, false);
  }

  private void remove(ScheduledJob job, boolean taken) {
    RequestClass requestClass = job.requestClass();
    boolean wasHead = requestClass.queue.first() == job;
    boolean mayFit = classes.dirty.contains(requestClass.leaf) || !overtaking.mayGoAhead(job);
    requestClass.queue.remove(job);
    tallies.unqueued(job);
    overtaking.dropReservation(job);
    if (!wasHead) {
      return;
    }
    ScheduledJob next = requestClass.queue.first();
    if (next != null && next.rank == Ranks.UNRANKED) {
      // the lot of a job that does not go to a node falls to the next one
      next.rank = taken || job.rank < 0 ? ranks.draw(next, requestClass.line()) : job.rank;
    }
    if (mayFit) {
      classes.onHeadChanged(requestClass);
    } else {
      // where the first job did not fit, the next one does not either
      classes.updateQueued(requestClass);
    }
  }

  // ---------------------------------------------------------------- further attempts

  /** Puts the job back into the queue, for its next attempt. */
  void enqueueNextAttempt(ScheduledJob job) {
    job.attempt++;
    enqueue(job);
  }

  /** The same before all jobs that have not been lost so. */
  void enqueueFirst(ScheduledJob job) {
    drawIfUnranked(job);
    job.rank = Ranks.beforeAll(job.rank);
    enqueueNextAttempt(job);
  }

  /** Has a job run again that has failed, at once or later. */
  void retry(ScheduledJob job) {
    tallies.retried(job);
    job.countFailure();
    job.rank = ranks.afterFailure(job.rank);
    long delay = job.retries().delay(job.failures());
    if (delay == 0) {
      enqueueNextAttempt(job);
      return;
    }
    job.attempt++;
    pause(job);
    paused.delay(job, indexes.now() + delay);
  }

  /** Keeps a job that has failed until it is {@linkplain #decided} whether it runs again. */
  void ask(ScheduledJob job) {
    pause(job);
    paused.ask(job);
  }

  private void pause(ScheduledJob job) {
    job.leaveAttempt();
    job.enter(ScheduledJob.Phase.QUEUED);
    tallies.queued(job);
  }

  /**
   * Returns whether that attempt was still to be decided; then the job runs again, or has ended.
   */
  boolean decided(ScheduledJob job, int attempt, boolean again) {
    if (job.attempt != attempt || !paused.isUndecided(job)) {
      return false;
    }
    paused.remove(job);
    tallies.unqueued(job);
    if (again) {
      retry(job);
    } else {
      end(job);
    }
    return true;
  }

  /** Puts those jobs into their queues whose time has come. */
  void resumeDue() {
    for (ScheduledJob job = paused.pollDue(indexes.now());
        job != null;
        job = paused.pollDue(indexes.now())) {
      tallies.unqueued(job);
      enqueue(job);
    }
  }

  // ---------------------------------------------------------------- holds and priorities

  /** The job is not to go to a node; one that waits here leaves its queue. */
  void hold(ScheduledJob job) {
    job.onHold = true;
    if (job.phase() == ScheduledJob.Phase.QUEUED && !job.paused) {
      dequeue(job);
      if (job.rank >= 0) {
        // its lot has gone to the next one
        job.rank = ranks.afterFailure(job.rank);
      }
      tallies.queued(job);
      paused.hold(job);
      job.entered(ScheduledJob.Phase.QUEUED);
    }
  }

  /** The job may go to a node again. */
  void unhold(ScheduledJob job) {
    job.onHold = false;
    if (paused.isHeld(job)) {
      dequeue(job);
      enqueue(job);
    }
  }

  /** The job matters more or less from now on, or if it is at a node when it is back. */
  void reprioritize(ScheduledJob job, double priority) {
    job.setPriority(priority);
    if (job.phase() != ScheduledJob.Phase.QUEUED) {
      job.reprioritized = true;
    } else if (job.paused) {
      changeLine(job);
    } else if (job.rank != Ranks.UNRANKED) {
      dequeue(job);
      changeLine(job);
      enqueue(job);
    }
  }

  /** Has the job, which is in no queue, compete as its priority says. */
  private void changeLine(ScheduledJob job) {
    RequestClass former = job.requestClass();
    Line line = ranks.enter(job);
    job.rank = ranks.moved(job.rank, former.line(), line);
    enterClass(job, former.demand(), former.time(), line);
    leaveClass(former);
    ranks.leave(former.line());
  }

  // ---------------------------------------------------------------- nodes that are away

  /** Keeps a job whose node is away and may still have it. */
  void await(ScheduledJob job, Paused.Away away) {
    job.leaveAttempt();
    paused.await(job, away);
    job.enter(ScheduledJob.Phase.QUEUED);
    tallies.queued(job);
  }

  /** Removes a job whose node is back, or will not be; returns where it was. */
  Paused.Away endAwaiting(ScheduledJob job) {
    Paused.Away away = Objects.requireNonNull(paused.away(job));
    dequeue(job);
    return away;
  }

  /** Removes a job that its node, which is back, has: it gets the rank of one that was sent. */
  void adopt(ScheduledJob job, int attempt) {
    endAwaiting(job);
    job.attempt = attempt;
    drawIfUnranked(job);
    ranks.onTaken(job);
  }

  /** Gives a job a rank that has none, as it was not sent by this head. */
  private void drawIfUnranked(ScheduledJob job) {
    if (job.rank == Ranks.UNRANKED) {
      job.rank = ranks.draw(job, job.requestClass().line());
    }
  }

  // ---------------------------------------------------------------- ends

  /**
   * Notes that the job is cancelled, and ends it if it waits here. One whose node is away may run
   * there, so it ends when more is known.
   */
  void cancel(ScheduledJob job) {
    job.cancelled = true;
    if (job.phase() == ScheduledJob.Phase.QUEUED && paused.away(job) == null) {
      dequeue(job);
      finish(job, Cause.CANCELLED, new Reason.Cancelled());
    }
  }

  /** Ends a job that waits here and will never get a node. */
  void abandon(ScheduledJob job, Reason reason) {
    dequeue(job);
    finish(job, neverStarted(job) ? Cause.NOT_STARTED : Cause.LOST, reason);
  }

  private static boolean neverStarted(ScheduledJob job) {
    return job.history().stream()
        .allMatch(each -> each.failure().equals(Optional.of(Cause.NOT_STARTED)));
  }

  /** Ends the jobs that no node could ever run, if there will be no others. */
  void endUnmeetable() {
    if (!policy.closed()) {
      return;
    }
    for (RequestClass each : List.copyOf(classes.all())) {
      if (each.unmeetable) {
        Reason reason = whyUnmeetable(each);
        for (ScheduledJob job : each.queue.toList()) {
          dequeue(job);
          finish(job, Cause.NOT_STARTED, reason);
        }
      }
    }
  }

  /** Ends the jobs that need that and that no node could prepare. */
  void endUnpreparable(Object preparation) {
    for (RequestClass each : classes.needing(preparation)) {
      if (indexes.isUnpreparable(each)) {
        Reason reason = whyUnprepared(each);
        each.queue.toList().forEach(job -> abandon(job, reason));
      }
    }
  }

  private Reason whyUnprepared(RequestClass requestClass) {
    List<Reason.FailedStart> failures =
        indexes
            .nodes
            .all()
            .map(node -> node.unprepared.get(requestClass.preparation()))
            .filter(Objects::nonNull)
            .limit(Nodes.CANDIDATES)
            .map(each -> new Reason.FailedStart(each.node().name(), each.reason()))
            .toList();
    return new Reason.Unpreparable(failures);
  }

  private Reason whyUnmeetable(RequestClass requestClass) {
    List<Reason.WorkerOffer> offers =
        indexes
            .nodes
            .all()
            .filter(Node::open)
            .limit(Nodes.CANDIDATES)
            .map(node -> new Reason.WorkerOffer(node.name(), node.offer()))
            .toList();
    return new Reason.Unmeetable(requestClass.demand(), offers, false);
  }

  /** Ends a job that is nowhere any more, and notifies its client. */
  void finish(ScheduledJob job, Cause cause, Reason reason) {
    end(job);
    effects.finish(job, cause, reason);
  }

  /** Ends a job that stays at its node, and notifies its client. */
  void finishAtNode(ScheduledJob job, Cause cause, Reason reason) {
    job.enter(ScheduledJob.Phase.ENDED);
    effects.finish(job, cause, reason);
  }

  /** Ends a job that is nowhere any more, and whose client is notified in another way. */
  void end(ScheduledJob job) {
    job.enter(ScheduledJob.Phase.ENDED);
    forget(job);
  }

  /** A job that has ended is nowhere any more. */
  void forget(ScheduledJob job) {
    job.node = null;
    RequestClass left = job.requestClass();
    leaveClass(left);
    ranks.leave(left.line());
  }

  // ---------------------------------------------------------------- classes

  /** From now on the job runs alone on its node. */
  void isolate(ScheduledJob job) {
    job.alone = true;
    RequestClass former = job.requestClass();
    enterClass(job, former.demand(), former.time(), former.line());
    leaveClass(former);
  }

  private void enterClass(ScheduledJob job, Demand demand, long time, Line line) {
    RequestClass entered = indexes.classOf(demand, job.alone, time, line, job.preparation());
    classes.enter(entered);
    job.requestClass = entered;
  }

  private void leaveClass(RequestClass left) {
    if (classes.leave(left)) {
      sentAhead.forget(left);
    }
  }

  // ---------------------------------------------------------------- what can be seen

  List<ScheduledJob> all() {
    List<ScheduledJob> jobs = new ArrayList<>();
    for (RequestClass each : classes.all()) {
      jobs.addAll(each.queue.toList());
    }
    jobs.addAll(paused.all());
    return jobs;
  }

  /** Returns the first job that waits of which this holds; null if there is none. */
  @Nullable ScheduledJob find(Predicate<? super ScheduledJob> wanted) {
    for (RequestClass each : classes.all()) {
      for (ScheduledJob job = each.queue.first(); job != null; job = job.next) {
        if (wanted.test(job)) {
          return job;
        }
      }
    }
    return paused.all().stream().filter(wanted).findFirst().orElse(null);
  }

  long steps() {
    return steps;
  }
}
