package dev.grain.schedule;

/** A bug on purpose: a job that is to run again is forgotten, and the books are in order. */
public final class LostRequeue {
  private LostRequeue() {}

  /** Forgets the first job that waits for another attempt, and returns whether there was one. */
  public static boolean forgetOne(Scheduler scheduler) {
    for (RequestClass requestClass : scheduler.classes.all()) {
      for (ScheduledJob job : requestClass.queue.toList()) {
        if (job.attempt > 1) {
          scheduler.dequeue(job);
          requestClass.unended--;
          return true;
        }
      }
    }
    return false;
  }
}
