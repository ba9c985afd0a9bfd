package dev.grain.schedule;

import dev.grain.explain.Situation;
import java.time.Duration;
import java.util.Optional;

/**
 * Finds where a job is and why. It looks at no more than so many jobs, so that it takes little time
 * however many there are.
 */
final class Explainer {
  /** How many older jobs are counted. */
  private static final int COUNTED = 1000;

  private final Scheduler scheduler;
  private final ScheduledJob job;

  Explainer(Scheduler scheduler, ScheduledJob job) {
    this.scheduler = scheduler;
    this.job = job;
  }

  Situation situation() {
    Situation.Place place =
        switch (job.phase()) {
          case NEW -> new Situation.Submitted();
          case QUEUED -> job.paused ? paused() : queued();
          case SENT -> sent(job.holder());
          case RUNNING -> running(job.holder());
          case STOPPING -> stopping(job.holder());
          case ENDED -> ended();
        };
    return new Situation(place, job.history());
  }

  // ---------------------------------------------------------------- in the queue

  private Situation.Place paused() {
    return scheduler.queue.paused.isUndecided(job)
        ? new Situation.Undecided(job.attempt + 1)
        : new Situation.Delayed(
            job.attempt, Duration.ofNanos(Math.max(0, job.due() - scheduler.query.now)));
  }

  private Situation.Place queued() {
    if (scheduler.policy.strict()) {
      int older = olderJobs();
      if (older > 0) {
        return new Situation.InLine(toOlderJobs(older));
      }
    }
    Obstacles obstacles = new Obstacles(scheduler, job);
    return obstacles.isEmpty()
        ? new Situation.Workerless()
        : new Situation.Waiting(
            wanted(),
            toOlderJobs(olderOfClass()),
            obstacles.couldEverStart(),
            obstacles.nearest(),
            obstacles.others());
  }

  private Situation.Wanted wanted() {
    return new Situation.Wanted(job.requestClass().demand(), job.alone, job.losses());
  }

  /** How many jobs of its class come before it, up to one more than are counted. */
  private int olderOfClass() {
    int older = 0;
    ScheduledJob before = job.previous;
    while (before != null && older <= COUNTED) {
      older++;
      before = before.previous;
    }
    return older;
  }

  /** How many jobs come before it in the queue, up to one more than are counted. */
  private int olderJobs() {
    int older = 0;
    for (RequestClass each : scheduler.classes.all()) {
      ScheduledJob other = each.queue.first();
      while (other != null && other.rank < job.rank && older <= COUNTED) {
        older++;
        other = other.next;
      }
    }
    return older;
  }

  private static Situation.OlderJobs toOlderJobs(int count) {
    return new Situation.OlderJobs(Math.min(count, COUNTED), count > COUNTED);
  }

  // ---------------------------------------------------------------- at a node

  private Situation.Place sent(Node node) {
    Node destination = job.destination;
    if (node.suspended) {
      return new Situation.SentOutOfReach(node.name());
    }
    if (destination != null || job.takingBack) {
      return new Situation.AskedBack(node.name(), Optional.ofNullable(destination).map(Node::name));
    }
    return job.ahead
        ? new Situation.SentEarly(wanted(), new Obstacles(scheduler, job).on(node))
        : new Situation.SentToStart(node.name(), job.requestClass().demand());
  }

  private Situation.Place running(Node node) {
    return job.freed
        ? new Situation.Returning(node.name())
        : new Situation.Running(
            node.name(), !node.suspended, job.requestClass().demand(), sinceStart());
  }

  private Situation.Place stopping(Node node) {
    return new Situation.Stopping(
        node.name(), !node.suspended, job.started ? Optional.of(sinceStart()) : Optional.empty());
  }

  private Situation.Place ended() {
    Node node = job.node;
    return node == null ? new Situation.Ended() : new Situation.GivenUp(node.name());
  }

  private Duration sinceStart() {
    return job.ranSoFar(scheduler.query.now);
  }
}
