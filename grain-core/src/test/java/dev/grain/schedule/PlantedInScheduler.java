package dev.grain.schedule;

import dev.grain.resource.internal.Holdings;

/** Bugs on purpose, where the books stay in order. */
public final class PlantedInScheduler {
  private PlantedInScheduler() {}

  /**
   * Forgets the first job that waits for another attempt, and returns whether there was one: a
   * requeue that is lost.
   */
  public static boolean forgetOne(Scheduler scheduler) {
    for (RequestClass requestClass : scheduler.classes.all()) {
      for (ScheduledJob job : requestClass.queue.toList()) {
        if (job.attempt > 1) {
          scheduler.queue.dequeue(job);
          requestClass.unended--;
          return true;
        }
      }
    }
    return false;
  }

  /** Counts a job in the queue that is not there. */
  public static void miscount(Scheduler scheduler) {
    scheduler.tallies.queued(new ScheduledJob(0) {});
  }

  /** Forgets what nodes have reported of the jobs of other heads: reports that are not heeded. */
  public static void forgetOthers(Scheduler scheduler) {
    scheduler.nodes().forEach(node -> scheduler.othersHold(node, Holdings.NONE, false));
  }

  /** Sends all jobs of a node again: a session that does not know what has arrived. */
  public static void sendAgain(Scheduler scheduler, String name) {
    scheduler
        .nodes
        .all()
        .filter(node -> node.name().equals(name))
        .forEach(node -> {
          node.waiting.toList().forEach(job -> scheduler.effects.run(node, job));
          node.started.toList().forEach(job -> scheduler.effects.run(node, job));
        });
  }

  /** Ends the attempt of a job that is under way, wherever it is. */
  public static Scheduler.Verdict takeLateReply(Scheduler scheduler, ScheduledJob job) {
    Node node = job.node;
    return node == null
        ? Scheduler.Verdict.LATE
        : scheduler.ended(node, job.number(), job.attempt, null, 1);
  }
}
