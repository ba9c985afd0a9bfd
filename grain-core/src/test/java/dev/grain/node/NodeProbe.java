package dev.grain.node;

import dev.grain.message.Work;
import dev.grain.resource.internal.Lease;
import java.util.Objects;

/** A look into an engine that only tests take. */
public final class NodeProbe {
  private NodeProbe() {}

  /** Returns an intake for jobs that run by the runner, with the classes of this process. */
  static Intake intake(NodeEngine engine, JobSource source, JobRunner runner) {
    Runners runners = Runners.NONE.with(Work.Kind.CALL, runner);
    return new Intake(engine, source, new Equipment(runners, CodeAccess.OWN, () -> {}), _ -> {});
  }

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
