package dev.grain.schedule;

import dev.grain.Attempt;
import dev.grain.Cause;
import dev.grain.explain.Reason;
import java.util.Optional;

/** What becomes of the jobs of a node that is lost. */
final class Losses {
  /** Losses that count, from which on a job runs alone, and at which it ends. */
  private static final int ALONE = 2;

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
    loseAll(node.waiting, node, died);
    loseAll(node.started, node, died);
  }

  private void loseAll(JobList jobs, Node node, boolean died) {
    for (ScheduledJob job = jobs.last(); job != null; job = jobs.last()) {
      assignments.leave(job, node);
      assignments.releaseLease(job);
      lose(job, node, died);
    }
  }

  private void lose(ScheduledJob job, Node node, boolean died) {
    if (job.phase() == ScheduledJob.Phase.ENDED) {
      queue.forget(job);
    } else if (job.cancelled) {
      queue.finish(job, Cause.CANCELLED, new Reason.CancelledAndLost(node.name()));
    } else if (job.started) {
      loseStarted(job, node, died);
    } else {
      queue.enqueueNextAttempt(job);
    }
  }

  private void loseStarted(ScheduledJob job, Node node, boolean died) {
    tallies.lost(job);
    job.record(
        new Attempt(
            job.attempt,
            node.name(),
            job.ranSoFar(query.now),
            Optional.of(Cause.LOST),
            died ? "the worker died" : "the connection to the worker was lost"));
    // the function of one that has freed its slots cannot have killed the process
    if (died && !job.freed) {
      job.countLoss();
    }
    if (job.losses() >= FATAL) {
      queue.finish(job, Cause.LOST, new Reason.DeathOfWorker(node.name()));
      return;
    }
    if (job.losses() >= ALONE && !job.alone) {
      queue.isolate(job);
    }
    queue.enqueueFirst(job);
  }
}
