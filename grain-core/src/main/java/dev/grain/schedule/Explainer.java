package dev.grain.schedule;

import dev.grain.QueueOrder;
import dev.grain.explain.Situation;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Predicate;

/**
 * Finds where a job is and why. It looks at no more than so many jobs, so that it takes little time
 * however many there are.
 */
final class Explainer {
  /** How many jobs before it are counted. */
  private static final int COUNTED = 1000;

  /** How many classes are looked at. */
  private static final int CLASSES = 10_000;

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
    Paused.Away away = scheduler.queue.paused.away(job);
    if (away != null) {
      return away(away);
    }
    if (scheduler.isHeld(job)) {
      return new Situation.Held();
    }
    return scheduler.queue.paused.isUndecided(job)
        ? new Situation.Undecided(job.attempt + 1)
        : new Situation.Delayed(
            job.attempt, Duration.ofNanos(Math.max(0, job.due() - scheduler.query.now)));
  }

  private Situation.Place away(Paused.Away away) {
    Duration ran = away.ran(scheduler.query.now);
    if (job.cancelled) {
      return new Situation.Stopping(
          away.worker(), false, away.started() ? Optional.of(ran) : Optional.empty());
    }
    return away.started()
        ? new Situation.Running(away.worker(), false, job.requestClass().demand(), ran)
        : new Situation.SentOutOfReach(away.worker());
  }

  private Situation.Place queued() {
    if (scheduler.policy.strict()) {
      int older = others(_ -> true, false);
      Situation.HigherJobs higher = higherJobs();
      if (older + higher.counted() > 0) {
        return new Situation.InLine(toOlderJobs(older), higher);
      }
    }
    Obstacles obstacles = new Obstacles(scheduler, job);
    return obstacles.isEmpty()
        ? new Situation.Workerless()
        : new Situation.Waiting(
            wanted(),
            toOlderJobs(olderWithSameRequest()),
            scheduler.policy.order() == QueueOrder.RAFFLE ? tickets() : higherJobs(),
            obstacles.couldEverStart(),
            obstacles.nearest(),
            obstacles.others());
  }

  private Situation.Wanted wanted() {
    return new Situation.Wanted(job.requestClass().demand(), job.alone, job.losses());
  }

  /**
   * How many jobs with its request come before it that have no higher priority, in a raffle those
   * of its line, up to one more than are counted.
   */
  private int olderWithSameRequest() {
    int older = 0;
    ScheduledJob before = job.previous;
    while (before != null && older <= COUNTED) {
      older++;
      before = before.previous;
    }
    RequestClass own = job.requestClass();
    boolean others = scheduler.policy.order() != QueueOrder.RAFFLE && older <= COUNTED;
    return others
        ? Math.min(older + others(each -> each != own && each.asksAs(own), false), COUNTED + 1)
        : older;
  }

  private Situation.HigherJobs higherJobs() {
    int higher = others(_ -> true, true);
    return new Situation.HigherJobs(Math.min(higher, COUNTED), higher > COUNTED);
  }

  /**
   * How many jobs of some classes come before it, of a higher priority or of none such, up to one
   * more than are counted.
   */
  private int others(Predicate<RequestClass> wanted, boolean higher) {
    int before = 0;
    int left = CLASSES;
    for (RequestClass each : scheduler.classes.all()) {
      ScheduledJob other = each.queue.first();
      if (other != null && other.priority() > job.priority() == higher && wanted.test(each)) {
        while (other != null && other.rank < job.rank && before <= COUNTED) {
          before++;
          other = other.next;
        }
      }
      if (before > COUNTED || --left == 0) {
        break;
      }
    }
    return before;
  }

  /** The tickets of its line, and those of all lines with jobs that some node could run. */
  private Situation.Tickets tickets() {
    SequencedMap<Line, ScheduledJob> nextJobs = new LinkedHashMap<>();
    Line line = job.requestClass().line();
    nextJobs.put(line, job);
    int left = CLASSES;
    for (RequestClass each : scheduler.classes.all()) {
      ScheduledJob first = each.queue.first();
      if (first != null && !each.unmeetable) {
        nextJobs.merge(each.line(), first, (one, other) -> one.rank <= other.rank ? one : other);
      }
      if (--left == 0) {
        break;
      }
    }
    double total =
        nextJobs.values().stream().mapToDouble(each -> Raffle.tickets(each.priority())).sum();
    ScheduledJob next = Objects.requireNonNull(nextJobs.get(line));
    return new Situation.Tickets(Raffle.tickets(next.priority()), total, left == 0);
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
