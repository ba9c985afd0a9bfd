package dev.grain.node;

import dev.grain.resource.internal.Lease;
import java.util.Objects;

/** A look into an engine that only tests take. */
public final class NodeProbe {
  private NodeProbe() {}

  /** Returns the slots of a job that has started. */
  public static Lease lease(NodeEngine engine, long job) {
    for (NodeJob each : engine.started()) {
      if (each.order().job() == job) {
        return Objects.requireNonNull(each.held).lease;
      }
    }
    throw new IllegalStateException("job " + job + " has not started");
  }
}
