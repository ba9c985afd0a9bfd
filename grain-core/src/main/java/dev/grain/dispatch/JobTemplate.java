package dev.grain.dispatch;

import dev.grain.message.Order;
import dev.grain.resource.internal.Demand;
import dev.grain.schedule.Retries;
import dev.grain.schedule.ScheduledJob;

/**
 * What jobs that are made alike have in common: it is kept once for all of them, and not by each
 * that waits in the queue.
 *
 * @param spec what is sent to nodes
 * @param retries whether, and when, a job runs again after a failure
 * @param priority how much they matter beside others; positive and finite
 */
public record JobTemplate(Order.Spec spec, Retries retries, double priority) {
  /** Makes one of jobs of the usual priority. */
  public JobTemplate(Order.Spec spec, Retries retries) {
    this(spec, retries, ScheduledJob.USUAL_PRIORITY);
  }

  /** Returns the name of the jobs; empty if they have none. */
  public String name() {
    return spec.name();
  }

  /** Returns what they ask for. */
  public Demand demand() {
    return spec.demand();
  }

  /** Returns how long an attempt may run, in nanoseconds; 0 for no limit. */
  public long timeLimit() {
    return spec.limits().time();
  }

  @Override
  public String toString() {
    return name().isEmpty() ? demand().toString() : name() + ": " + demand();
  }
}
