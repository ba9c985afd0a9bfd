package dev.grain.schedule;

import dev.grain.resource.internal.Demand;

/** A look into a scheduler that only tests take. */
public final class ScheduledProbe {
  private ScheduledProbe() {}

  /** Returns what a job asks for. */
  public static Demand demand(ScheduledJob job) {
    return job.requestClass().demand();
  }

  /** Returns whether a job that was submitted is to start before another one. */
  public static boolean isBefore(ScheduledJob job, ScheduledJob other) {
    return job.phase() != ScheduledJob.Phase.NEW && job.rank < other.rank;
  }

  /** Returns whether a node takes the job if it has room: no other one goes first there. */
  public static boolean isOpenTo(Scheduler scheduler, String name, ScheduledJob job) {
    return scheduler
        .nodes
        .all()
        .anyMatch(node ->
            node.name().equals(name)
                && node.open()
                && !scheduler.nodes.barred(node)
                && scheduler.nodes.couldFit(node, job.requestClass())
                && (scheduler.nodes.reservedNode != node || scheduler.nodes.reservedJob == job));
  }
}
