package dev.grain.dispatch;

import dev.grain.bytes.Bytes;
import dev.grain.resource.internal.Demand;
import dev.grain.schedule.Retries;
import org.jspecify.annotations.Nullable;

/**
 * What jobs that are made alike have in common: it is kept once for all of them, and not by each
 * that waits in the queue.
 */
public final class JobTemplate {
  private final String name;
  private final Demand demand;
  private final Bytes function;
  private final Bytes bundle;
  private final Retries retries;
  private final long timeLimit;
  private final boolean platformThread;
  // what is asked for, encoded; only accessed by the loop
  private @Nullable Bytes request;

  /**
   * Makes a template.
   *
   * @param name the name of the jobs; empty if they have none
   * @param demand what they ask for
   * @param function the identity of their code
   * @param bundle the bundle of code that they run with; empty for the classes of this process
   * @param retries whether, and when, a job runs again after a failure
   * @param timeLimit how long an attempt may run, in nanoseconds; 0 for no limit
   * @param platformThread whether they are to run on platform threads
   */
  public JobTemplate(
      String name,
      Demand demand,
      Bytes function,
      Bytes bundle,
      Retries retries,
      long timeLimit,
      boolean platformThread) {
    this.name = name;
    this.demand = demand;
    this.function = function;
    this.bundle = bundle;
    this.retries = retries;
    this.timeLimit = timeLimit;
    this.platformThread = platformThread;
  }

  /** Returns the name of the jobs; empty if they have none. */
  public String name() {
    return name;
  }

  /** Returns what they ask for. */
  public Demand demand() {
    return demand;
  }

  /** Returns how long an attempt may run, in nanoseconds; 0 for no limit. */
  public long timeLimit() {
    return timeLimit;
  }

  /** Returns the identity of their code. */
  public Bytes function() {
    return function;
  }

  /** Returns the bundle of code that they run with. */
  public Bytes bundle() {
    return bundle;
  }

  /** Returns whether, and when, they run again after a failure. */
  public Retries retries() {
    return retries;
  }

  /** Returns whether they are to run on platform threads. */
  public boolean platformThread() {
    return platformThread;
  }

  /** Returns what is asked for, encoded; null if nobody has said so yet. */
  public @Nullable Bytes request() {
    return request;
  }

  /** Sets what is asked for, encoded. */
  public void setRequest(Bytes encoded) {
    request = encoded;
  }

  /** Compares everything; what is often the same object first. */
  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || (other instanceof JobTemplate that
            && function.equals(that.function)
            && demand.equals(that.demand)
            && name.equals(that.name)
            && bundle.equals(that.bundle)
            && retries.equals(that.retries)
            && timeLimit == that.timeLimit
            && platformThread == that.platformThread);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * function.hashCode() + demand.hashCode()) + name.hashCode();
  }

  @Override
  public String toString() {
    return name.isEmpty() ? demand.toString() : name + ": " + demand;
  }
}
