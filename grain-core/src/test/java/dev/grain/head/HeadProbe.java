package dev.grain.head;

import dev.grain.dispatch.Dispatch;
import dev.grain.dispatch.JobEnd;
import dev.grain.schedule.ScheduledJob;
import dev.grain.schedule.Scheduler;

/** A look into a head that only tests take. */
public final class HeadProbe {
  private HeadProbe() {}

  /** Returns what decides on its jobs. */
  public static Scheduler scheduler(Head head) {
    return head.scheduler();
  }

  /** Returns how many passes it has made. */
  public static long passes(Head head) {
    return head.passes();
  }

  /** Returns a job as the scheduler sees it. */
  public static ScheduledJob scheduled(Dispatch.Ticket job) {
    return (HeadJob) job;
  }

  /** Delivers the end of a job. To be called on its loop. */
  public static void deliver(Dispatch.Ticket ticket, JobEnd end) {
    HeadJob job = (HeadJob) ticket;
    job.owner().deliver(job, end);
  }

  /** Sends what is to be sent. To be called on its loop. */
  public static void pass(Head head) {
    head.pass();
  }
}
