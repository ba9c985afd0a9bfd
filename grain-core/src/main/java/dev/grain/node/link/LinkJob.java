package dev.grain.node.link;

import dev.grain.message.Order;
import dev.grain.node.NodeJob;
import org.jspecify.annotations.Nullable;

/** A job that came over a link. */
final class LinkJob extends NodeJob {
  private final LinkRun run;

  /** Whether it has started and the head was not notified; only accessed by the loop. */
  boolean startUntold;

  /** Whether it has started; only accessed by the loop. */
  boolean started;

  /**
   * Whether it was to stop for its time limit, if it does not stop; null if it has not been found
   * not to. Only accessed by the loop.
   */
  @Nullable Boolean stubbornAtLimit;

  LinkJob(Order order, LinkRun run) {
    super(order, run.intake());
    this.run = run;
  }

  LinkRun run() {
    return run;
  }
}
