package dev.grain.schedule;

import dev.grain.job.Attempt;
import dev.grain.resource.internal.Wording;
import dev.grain.text.Durations;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Says why a job is where it is: the rest of a sentence that begins with the job. It looks at no
 * more than so many jobs, so that it takes little time however many there are.
 */
final class Explanation {
  /** How many older jobs are counted. */
  private static final int COUNTED = 1000;

  /** How many attempts are told. */
  private static final int ATTEMPTS = 3;

  private final Scheduler scheduler;
  private final ScheduledJob job;

  Explanation(Scheduler scheduler, ScheduledJob job) {
    this.scheduler = scheduler;
    this.job = job;
  }

  String words() {
    String words =
        switch (job.phase()) {
          case NEW -> "is about to come into the queue";
          case QUEUED -> job.paused ? paused() : queued();
          case SENT -> sent(job.holder());
          case RUNNING -> running(job.holder());
          case STOPPING -> stopping(job.holder());
          case ENDED -> ended();
        };
    return words + attempts();
  }

  private String attempts() {
    List<Attempt> history = job.history();
    return history.stream()
        .skip(Math.max(0, history.size() - ATTEMPTS))
        .map(attempt -> "; " + History.words(attempt))
        .collect(Collectors.joining());
  }

  // ---------------------------------------------------------------- in the queue

  private String paused() {
    if (scheduler.queue.paused.isUndecided(job)) {
      return "waits until its retryOn has said whether there is an attempt " + (job.attempt + 1);
    }
    return "waits %s before attempt %d".formatted(until(job.due()), job.attempt);
  }

  private String queued() {
    if (scheduler.policy.strict()) {
      int older = olderJobs();
      if (older > 0) {
        return "waits for %s, as the order is strict".formatted(jobs(older, "older "));
      }
    }
    Obstacles obstacles = new Obstacles(scheduler, job);
    if (obstacles.isEmpty()) {
      return "waits for a worker: there is none";
    }
    String lead =
        obstacles.couldEverStart()
            ? "waits for " + request()
            : "asks for %s, which no worker that is here could ever meet".formatted(request());
    return lead + behind() + ": " + obstacles.words();
  }

  private String request() {
    return job.alone
        ? "%s on a worker of its own, as it was running when workers died %d times"
            .formatted(amounts(), job.losses())
        : amounts();
  }

  private String amounts() {
    return Wording.of(job.requestClass().demand());
  }

  private String behind() {
    int older = 0;
    ScheduledJob before = job.previous;
    while (before != null && older <= COUNTED) {
      older++;
      before = before.previous;
    }
    return older == 0 ? "" : ", behind " + jobs(older, "older ") + " that ask for the same";
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

  private static String jobs(int count, String which) {
    return count > COUNTED
        ? "more than %,d %sjobs".formatted(COUNTED, which)
        : "%d %sjob%s".formatted(count, which, count == 1 ? "" : "s");
  }

  // ---------------------------------------------------------------- at a node

  private String sent(Node node) {
    Node destination = job.destination;
    if (node.suspended) {
      return "was sent to %s, which is out of reach".formatted(node);
    }
    if (destination != null) {
      return "was sent ahead to %s and is asked back, as %s has room for it"
          .formatted(node, destination);
    }
    if (job.takingBack) {
      return "was sent ahead to %s and is asked back, as others have passed it there"
          .formatted(node);
    }
    return job.ahead
        ? "was sent ahead to %s and waits there for %s: %s"
            .formatted(node, request(), new Obstacles(scheduler, job).wordsOn(node))
        : "was sent to %s, which has %s for it and has not said yet that it starts"
            .formatted(node, amounts());
  }

  private String running(Node node) {
    if (job.freed) {
      return "has ended on %s, and its value is on the way".formatted(node);
    }
    return "has run on %s for %s, with %s%s"
        .formatted(
            node,
            since(job.startedAt),
            amounts(),
            node.suspended ? "; the worker is out of reach" : "");
  }

  private String stopping(Node node) {
    String reach = node.suspended ? ", which is out of reach" : "";
    return job.started
        ? "was told to stop, and has not ended yet on %s%s, where it started %s ago"
            .formatted(node, reach, since(job.startedAt))
        : "was cancelled, and %s%s has not confirmed it yet".formatted(node, reach);
  }

  private String ended() {
    Node node = job.node;
    return node == null
        ? "has ended"
        : "was given up: it ignores the interrupt on %s and keeps its slots until it ends"
            .formatted(node);
  }

  private String since(long time) {
    return Durations.rounded(Duration.ofNanos(scheduler.query.now - time));
  }

  private String until(long time) {
    return Durations.rounded(Duration.ofNanos(Math.max(0, time - scheduler.query.now)));
  }
}
