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

  /** Returns how many detached jobs have not ended, or wait for the store to keep their end. */
  public static int jobs(DetachedClient client) {
    return client.jobCount();
  }

  /** Takes the workers that are away for gone, with nothing. To be called on the head's loop. */
  public static void stopAwaiting(DetachedClient client) {
    for (DetachedJob job : client.awaited().jobs()) {
      client.awaited().remove(job);
      client.scheduler().missing(job);
      client.head.pass();
    }
  }

  /** Forgets that workers that are away have something. To be called on the head's loop. */
  public static void forgetAwaited(DetachedClient client) {
    client.awaited().jobs().forEach(client.awaited()::remove);
  }

  /** Sends what is to be sent. To be called on its loop. */
  public static void pass(Head head) {
    head.pass();
  }
}
