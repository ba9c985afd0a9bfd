package dev.grain.head;

import dev.grain.schedule.Scheduler;

/** A look into a head that only tests take. */
public final class HeadProbe {
  private HeadProbe() {}

  /** Returns what decides on its jobs. */
  public static Scheduler scheduler(Head head) {
    return head.scheduler;
  }

  /** Delivers the end of a job. To be called on its loop. */
  public static void deliver(Head head, HeadJob job, JobEnd end) {
    head.deliver(job, end);
  }

  /** Sends what is to be sent. To be called on its loop. */
  public static void pass(Head head) {
    head.pass();
  }
}
