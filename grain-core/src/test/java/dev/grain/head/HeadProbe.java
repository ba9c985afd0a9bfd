package dev.grain.head;

import dev.grain.schedule.Scheduler;

/** A look into a head that only tests take. */
public final class HeadProbe {
  private HeadProbe() {}

  /** Returns what decides on its jobs. */
  public static Scheduler scheduler(Head head) {
    return head.scheduler;
  }
}
