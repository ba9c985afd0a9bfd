package dev.grain.schedule;

import dev.grain.Attempt;
import dev.grain.Cause;
import dev.grain.explain.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** What becomes of the jobs of a node that is lost. */
final class Losses {
  /** Losses that count, from which on a job runs alone, and at which it ends. */
  static final int ALONE = 2;

  private static final int FATAL = 3;

  private final IndexQuery query;
  private final JobQueue queue;
  private final Assignments assignments;
  private final Tally.Keeper tallies;

  Losses(IndexQuery query, JobQueue queue, Assignments assignments, Tally.Keeper tallies) {
    this.query = query;
    this.queue = queue;
    this.assignments = assignments;
    this.tallies = tallies;
  }

  /** Ends the attempts of all jobs of a node that is gone. */
  void onLost(Node node, boolean died) {
    // the last one first, so that each finds its place at the front of its queue
    takeAll(node.waiting, node, job -> lose(job, node, died));
    takeAll(node.started, node, job -> lose(job, node, died));
  }

  /**
   * Ends the attempts of the jobs of a node that is away, but for those that may return with it.
   *
   * @return those, which are awaited now
   */
  List<ScheduledJob> onAway(Node node) {
    List<ScheduledJob> returning = new ArrayList<>();
    Consumer<ScheduledJob> each =
        job -> {
          if (job.mayReturn() && job.phase() != ScheduledJob.Phase.ENDED) {
            queue.await(job, new Paused.Away(node.name(), job.started, job.startedAt));
            returning.add(job);
          } else {
            lose(job, node, false);
          }
        };
    takeAll(node.waiting, node, each);
    takeAll(node.started, node, each);
    return returning;
  }

  /** The node of an awaited job is not back in time, or has died: the attempt is lost. */
  void onAwaitedLost(ScheduledJob job, boolean died) {
    Paused.Away away = queue.endAwaiting(job);
    if (job.cancelled) {
      queue.finish(job, Cause.CANCELLED, new Reason.CancelledAndLost(away.worker()));
    } else if (away.started()) {
      loseStarted(job, away.worker(), away.ran(query.now), died, died);
    } else {
      queue.enqueueNextAttempt(job);
    }
  }

  /** The node of an awaited job is back without it: its attempt is not there. */
  void onMissing(ScheduledJob job) {
    queue.endAwaiting(job);
    if (job.cancelled) {
      queue.finish(job, Cause.CANCELLED, new Reason.Cancelled());
    } else {
      queue.enqueueNextAttempt(job);
    }
  }

  private void takeAll(JobList jobs, Node node, Consumer<ScheduledJob> each) {
    for (ScheduledJob job = jobs.last(); job != null; job = jobs.last()) {
      assignments.leave(job, node);
      assignments.releaseLease(job);
      each.accept(job);
    }
  }

  private void lose(ScheduledJob job, Node node, boolean died) {
    if (job.phase() == ScheduledJob.Phase.ENDED) {
      queue.forget(job);
    } else if (job.cancelled) {
      queue.finish(job, Cause.CANCELLED, new Reason.CancelledAndLost(node.name()));
    } else if (job.started) {
      // the function of one that has freed its slots cannot have killed the process
      loseStarted(job, node.name(), job.ranSoFar(query.now), died, died && !job.freed);
    } else {
      queue.enqueueNextAttempt(job);
    }
  }

  private void loseStarted(
      ScheduledJob job, String worker, Duration ran, boolean died, boolean counts) {
    tallies.lost(job);
    if (counts) {
      job.countLoss();
    }
    job.record(
        new Attempt(
            job.attempt,
            worker,
            ran,
            Optional.of(Cause.LOST),
            died ? "the worker died" : "the connection to the worker was lost"));
    if (job.losses() >= FATAL) {
      queue.finish(job, Cause.LOST, new Reason.DeathOfWorker(worker));
      return;
    }
    if (job.losses() >= ALONE && !job.alone) {
      queue.isolate(job);
    }
    queue.enqueueFirst(job);
  }
}
