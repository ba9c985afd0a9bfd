package dev.grain.sim;

import dev.grain.resource.internal.Demand;
import java.util.List;

/**
 * What the client submits, and what its attempts will do.
 *
 * @param demand what it asks for
 * @param timeLimit in nanoseconds; 0 for none
 * @param tries what each attempt does; as many as there are attempts allowed
 */
record Plan(Demand demand, long timeLimit, List<Try> tries) {
  /** Longer than anybody waits. */
  static final long ENDLESS = 1L << 50;

  /**
   * What an attempt does.
   *
   * @param duration how long it takes if nobody interrupts it, in nanoseconds
   * @param stubborn whether it ignores an interrupt
   * @param fails whether it throws in the end
   * @param prints how many times it prints
   */
  record Try(long duration, boolean stubborn, boolean fails, int prints) {}

  /** Returns whether some attempt ends only when it is interrupted. */
  boolean isEndless() {
    return tries.stream().anyMatch(each -> each.duration == ENDLESS);
  }

  int retries() {
    return tries.size() - 1;
  }
}
