package dev.grain.minion;

import dev.grain.text.Durations;
import java.time.Duration;

/**
 * How long a minion has not reached its broker. The first failure is logged; the minion goes on
 * trying, until the broker was away for too long. For the thread of the queue.
 */
public final class Outage {
  private static final System.Logger LOG = System.getLogger("dev.grain.minion");

  private final String broker;
  private final String queue;
  private final Duration longest;

  // both only accessed by the thread of the queue
  private boolean isAway;
  private long since;

  /**
   * Makes it of a broker that is reached.
   *
   * @param broker what people call it, such as Redis
   * @param queue the address of the queue, without a password
   * @param longest how long the minion waits for the broker
   */
  public Outage(String broker, String queue, Duration longest) {
    this.broker = broker;
    this.queue = queue;
    this.longest = longest;
  }

  /** The broker has answered. */
  public void over() {
    isAway = false;
  }

  /**
   * The broker was not reached.
   *
   * @param reason why, in a few words
   * @return whether it was away for so long that the minion has to give up
   */
  public boolean isTooLong(String reason) {
    long now = System.nanoTime();
    if (!isAway) {
      isAway = true;
      since = now;
      LOG.log(
          System.Logger.Level.WARNING,
          "The connection to {0} for the queue {1} is lost: {2}. The minion tries again for {3}.",
          broker,
          queue,
          reason,
          Durations.readable(longest));
      return false;
    }
    return now - since > Durations.toNanos(longest);
  }
}
