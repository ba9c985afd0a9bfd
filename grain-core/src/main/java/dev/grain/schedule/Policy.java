package dev.grain.schedule;

import dev.grain.QueueOrder;
import java.util.Objects;

/**
 * What the scheduler is to keep to.
 *
 * @param order which of the queued jobs goes first
 * @param overtaking how many later jobs may start before the oldest job that does not fit, on nodes
 *     that could have run it, at least 1; then a node is reserved for it
 * @param closed whether the nodes that are there are all that will ever be, so that a request that
 *     none of them could meet ends its job at once
 * @param placement which of the nodes that fit a job is chosen
 * @param setAside for how many nanoseconds a node that could not start jobs gets none, the first
 *     time; at least 1
 * @param seed what decides what is left to chance in the order of the queue
 */
public record Policy(
    QueueOrder order,
    int overtaking,
    boolean closed,
    Placement placement,
    long setAside,
    long seed) {
  private static final long USUALLY_SET_ASIDE = 30_000_000_000L;

  /** Checks the bounds. */
  public Policy {
    Objects.requireNonNull(order, "order is null");
    if (overtaking < 1) {
      throw new IllegalArgumentException(
          "overtaking is %s: at least 1; use the strict order to let none pass"
              .formatted(overtaking));
    }
    if (setAside < 1) {
      throw new IllegalArgumentException("setAside is %s: at least 1 ns".formatted(setAside));
    }
  }

  /** Makes a policy that sets nodes aside for 30 seconds the first time, with the seed 0. */
  public Policy(QueueOrder order, int overtaking, boolean closed, Placement placement) {
    this(order, overtaking, closed, placement, USUALLY_SET_ASIDE, 0);
  }

  /**
   * Makes such a policy without a raffle.
   *
   * @param strict whether jobs start strictly in the order of the queue
   */
  public Policy(boolean strict, int overtaking, boolean closed, Placement placement) {
    this(strict ? QueueOrder.STRICT : QueueOrder.FIFO, overtaking, closed, placement);
  }

  /** Returns whether jobs start strictly in the order of the queue. */
  public boolean strict() {
    return order == QueueOrder.STRICT;
  }

  /** Returns this policy with another seed. */
  public Policy withSeed(long other) {
    return new Policy(order, overtaking, closed, placement, setAside, other);
  }

  /** Returns this policy with another time for which nodes are set aside. */
  public Policy withSetAside(long nanos) {
    return new Policy(order, overtaking, closed, placement, nanos, seed);
  }
}
