package dev.grain.head;

import dev.grain.code.Code.EncodedCall;
import dev.grain.resource.internal.Demand;
import dev.grain.schedule.ScheduledJob;

/** A job on the head: what the scheduler knows of it, and what is sent to a node. */
public final class HeadJob extends ScheduledJob {
  private final String name;
  private final Demand demand;
  private final EncodedCall call;
  private final long timeLimit;
  private final boolean platformThread;
  private final JobClient client;

  /**
   * Makes a job.
   *
   * @param number its number, unique in the run
   * @param name its name; empty if it has none
   * @param demand what it asks for
   * @param call its function and arguments, encoded
   * @param retries how often it runs again after a failure
   * @param timeLimit how long an attempt may run, in nanoseconds; 0 for no limit
   * @param platformThread whether it is to run on a platform thread
   * @param client where its end is delivered
   */
  public HeadJob(
      long number,
      String name,
      Demand demand,
      EncodedCall call,
      int retries,
      long timeLimit,
      boolean platformThread,
      JobClient client) {
    super(number, retries);
    this.name = name;
    this.demand = demand;
    this.call = call;
    this.timeLimit = timeLimit;
    this.platformThread = platformThread;
    this.client = client;
  }

  /** Returns the name; empty if it has none. */
  public String name() {
    return name;
  }

  /** Returns what it asks for. */
  public Demand demand() {
    return demand;
  }

  /** Returns how long an attempt may run, in nanoseconds; 0 for no limit. */
  public long timeLimit() {
    return timeLimit;
  }

  /** Returns how many bytes of the head's memory its arguments take. */
  public long size() {
    return call.arguments().length();
  }

  EncodedCall call() {
    return call;
  }

  boolean platformThread() {
    return platformThread;
  }

  JobClient client() {
    return client;
  }

  @Override
  public String toString() {
    return name.isEmpty() ? super.toString() : super.toString() + " (" + name + ")";
  }
}
