package dev.grain.schedule;

/**
 * What the scheduler is to keep to.
 *
 * @param strict whether jobs start strictly in the order of the queue
 * @param overtaking how many later jobs may start before the oldest job that does not fit, on nodes
 *     that could have run it, at least 1; then a node is reserved for it
 * @param closed whether the nodes that are there are all that will ever be, so that a request that
 *     none of them could meet ends its job at once
 * @param placement which of the nodes that fit a job is chosen
 */
public record Policy(boolean strict, int overtaking, boolean closed, Placement placement) {
  /** Checks the bounds. */
  public Policy {
    if (overtaking < 1) {
      throw new IllegalArgumentException(
          "overtaking is %d: at least 1; use the strict order to let none pass"
              .formatted(overtaking));
    }
  }
}
