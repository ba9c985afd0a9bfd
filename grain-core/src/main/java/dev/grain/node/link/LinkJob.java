package dev.grain.node.link;

import dev.grain.message.Order;
import dev.grain.node.NodeJob;

/** A job that came over a link. */
final class LinkJob extends NodeJob {
  private final LinkRun run;

  /** Whether it has started and the head was not notified; only accessed by the loop. */
  boolean startUntold;

  LinkJob(Order order, LinkRun run) {
    super(order, run.intake());
    this.run = run;
  }

  LinkRun run() {
    return run;
  }
}
