package dev.grain.schedule;

import dev.grain.Attempt;
import dev.grain.Cause;
import dev.grain.explain.Reason;
import dev.grain.resource.internal.Fractions;
import dev.grain.schedule.Scheduler.Verdict;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What nodes report of the attempts that they have, and what follows from that. */
final class Attempts {
  private final Policy policy;
  private final Indexes indexes;
  private final JobQueue queue;
  private final Assignments assignments;
  private final NodeStates nodeStates;
  private final SentAhead sentAhead;
  private long late;

  Attempts(
      Policy policy,
      Indexes indexes,
      JobQueue queue,
      Assignments assignments,
      NodeStates nodeStates,
      SentAhead sentAhead) {
    this.policy = policy;
    this.indexes = indexes;
    this.queue = queue;
    this.assignments = assignments;
    this.nodeStates = nodeStates;
    this.sentAhead = sentAhead;
  }

  /** Returns how many reports came of attempts that no longer counted. */
  long late() {
    return late;
  }

  boolean started(Node node, long number, int attempt, Fractions fractions) {
    ScheduledJob job = node.find(number, attempt);
    if (job == null || job.started) {
      late++;
      return false;
    }
    SentAhead.countOvertakingAt(node, job);
    assignments.start(job, node, fractions, indexes.now());
    return true;
  }

  void freed(Node node, long number, int attempt, long ran) {
    ScheduledJob job = node.find(number, attempt);
    if (job == null || !job.started || job.freed) {
      late++;
      return;
    }
    node.observe(ran);
    assignments.free(job, node);
  }

  Verdict ended(
      Node node, long number, int attempt, Scheduler.@Nullable Failure failure, long ran) {
    Cause cause = failure == null ? null : failure.cause();
    ScheduledJob job = onEnd(node, number, attempt, cause, ran);
    if (job == null) {
      return Verdict.LATE;
    }
    if (failure != null) {
      job.record(
          new Attempt(
              attempt,
              node.name(),
              Duration.ofNanos(ran),
              Optional.of(failure.cause()),
              failure.reason()));
    }
    boolean retry = isFailure(cause) && !job.cancelled && job.failures() < job.retries().most();
    if (!retry) {
      queue.end(job);
      return Verdict.FINAL;
    }
    if (job.retries().asks()) {
      queue.ask(job);
      return Verdict.UNDECIDED;
    }
    queue.retry(job);
    return Verdict.RETRIED;
  }

  /** Returns whether an attempt ended by what it did itself, so that a retry may help. */
  static boolean isFailure(@Nullable Cause cause) {
    return cause == Cause.FAILED || cause == Cause.TIMED_OUT || cause == Cause.OUT_OF_MEMORY;
  }

  Verdict refused(Node node, long number, int attempt, String reason) {
    boolean aside = !policy.closed() && SetAside.countRefusal(node, reason);
    ScheduledJob job = onEnd(node, number, attempt, Cause.NOT_STARTED, 0);
    if (aside) {
      nodeStates.putAside(node);
    }
    if (job == null) {
      return Verdict.LATE;
    }
    Optional<Cause> failure = Optional.of(Cause.NOT_STARTED);
    job.record(new Attempt(attempt, node.name(), Duration.ZERO, failure, reason));
    int times = job.countRefusal(node.name(), reason);
    if (job.cancelled) {
      queue.finish(job, Cause.CANCELLED, new Reason.Cancelled());
      return Verdict.LATE;
    }
    if (policy.closed() || times >= mostRefusals()) {
      queue.end(job);
      return Verdict.FINAL;
    }
    queue.enqueueNextAttempt(job);
    return Verdict.RETRIED;
  }

  Verdict unprepared(Node node, long number, int attempt, String reason) {
    ScheduledJob job = onEnd(node, number, attempt, Cause.NOT_STARTED, 0);
    if (job == null) {
      return Verdict.LATE;
    }
    Object preparation = job.preparation();
    if (preparation != null) {
      nodeStates.failedToPrepare(node, preparation, reason);
    }
    Optional<Cause> failure = Optional.of(Cause.NOT_STARTED);
    job.record(new Attempt(attempt, node.name(), Duration.ZERO, failure, reason));
    job.countRefusal(node.name(), reason);
    if (job.cancelled) {
      queue.finish(job, Cause.CANCELLED, new Reason.Cancelled());
      return Verdict.LATE;
    }
    if (policy.closed() || preparation == null || indexes.isUnpreparable(job.requestClass())) {
      queue.end(job);
      if (preparation != null) {
        queue.endUnpreparable(preparation);
      }
      return Verdict.FINAL;
    }
    queue.enqueueNextAttempt(job);
    return Verdict.RETRIED;
  }

  /** As many as all nodes together make before each is set aside, and two tries after that. */
  private int mostRefusals() {
    return SetAside.REFUSALS * Math.max(1, indexes.nodes.count()) + 2;
  }

  /**
   * An attempt has left its node.
   *
   * @return its job; null if its end was delivered before, or nobody expects it
   */
  private @Nullable ScheduledJob onEnd(
      Node node, long number, int attempt, @Nullable Cause failure, long ran) {
    ScheduledJob job = node.find(number, attempt);
    if (job == null) {
      late++;
      return null;
    }
    boolean hasRun = failure == null || isFailure(failure);
    boolean unreported = hasRun && !job.started;
    if (unreported) {
      SentAhead.countOvertakingAt(node, job);
    }
    assignments.leave(job, node);
    if (unreported && job.lease == null) {
      sentAhead.countOvertakingBy(job, node);
    }
    if (hasRun) {
      SetAside.forgive(node);
    }
    if (!job.freed && (job.started || hasRun)) {
      node.observe(ran);
    }
    assignments.passOnLease(job, node);
    if (job.phase() == ScheduledJob.Phase.ENDED) {
      queue.forget(job);
      return null;
    }
    return job;
  }

  void returned(Node node, long number, int attempt) {
    ScheduledJob job = node.find(number, attempt);
    if (job == null || job.started) {
      late++;
      return;
    }
    Node destination = job.destination;
    assignments.leave(job, node);
    assignments.onRoom(node);
    if (job.cancelled) {
      assignments.releaseLease(job);
      queue.finish(job, Cause.CANCELLED, new Reason.Cancelled());
    } else if (destination != null) {
      SentAhead.arrive(job, destination);
      assignments.send(job, destination);
    } else {
      assignments.releaseLease(job);
      queue.enqueue(job);
    }
  }

  void notStopping(Node node, long number, int attempt, boolean timedOut) {
    ScheduledJob job = node.find(number, attempt);
    if (job == null || job.phase() == ScheduledJob.Phase.ENDED) {
      late++;
      return;
    }
    Cause cause = timedOut && !job.cancelled ? Cause.TIMED_OUT : Cause.CANCELLED;
    job.record(
        new Attempt(
            attempt,
            node.name(),
            job.ranSoFar(indexes.now()),
            Optional.of(cause),
            "it ignores the interrupt"));
    queue.finishAtNode(job, cause, new Reason.IgnoredInterrupt(node.name()));
  }
}
