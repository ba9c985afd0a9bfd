package dev.grain.sim;

import dev.grain.resource.internal.Demand;
import dev.grain.schedule.Retries;
import java.util.List;

/**
 * What the client submits, and what its attempts will do.
 *
 * @param demand what it asks for; of a function, its memory is in the heap
 * @param command whether it is a command, which can be killed; otherwise it is a function
 * @param bundle the code that it runs with
 * @param timeLimit in nanoseconds; 0 for none
 * @param tries what each attempt does, from the first one on again for further ones; as many as
 *     there are attempts allowed, if none is lost with a node
 * @param backoff how long the first further attempt after a failure waits
 * @param asks whether the client is asked before each
 * @param priority how much it matters beside others
 * @param line the line in which it waits, if the order has such; 0 for one of its own
 */
record Plan(
    Demand demand,
    boolean command,
    int bundle,
    long timeLimit,
    List<Try> tries,
    long backoff,
    boolean asks,
    double priority,
    long line) {
  /** Longer than anybody waits. */
  static final long ENDLESS = 1L << 50;

  /**
   * What an attempt does.
   *
   * @param duration how long it takes if nobody interrupts it, in nanoseconds
   * @param stubborn whether it continues when it is asked to stop
   * @param fails whether it throws in the end
   * @param prints how many times it prints
   * @param kills whether it kills its process in the end, unless that is the program's
   * @param dying how long after it was killed its end is known, in nanoseconds; 0 if it cannot be
   */
  record Try(
      long duration, boolean stubborn, boolean fails, int prints, boolean kills, long dying) {}

  /** Returns what an attempt does, counted from 1. */
  Try attempt(int number) {
    return tries.get((number - 1) % tries.size());
  }

  /** Returns whether some attempt ends only when it is asked to, or killed. */
  boolean isEndless() {
    return tries.stream().anyMatch(each -> each.duration == ENDLESS);
  }

  /** Returns how long a further attempt waits at most. */
  long longestPause() {
    return 4 * backoff;
  }

  Retries retries() {
    return new Retries(tries.size() - 1, backoff, 2, longestPause(), asks);
  }
}
