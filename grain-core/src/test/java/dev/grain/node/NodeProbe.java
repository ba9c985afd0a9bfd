package dev.grain.node;

import dev.grain.message.AttemptEnd;
import dev.grain.message.Order;
import dev.grain.message.Work;
import dev.grain.resource.internal.Lease;
import java.util.Objects;
import java.util.Optional;

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

  /** Returns whether an attempt holds slots. */
  public static boolean holdsSlots(NodeEngine engine, Order order) {
    return find(engine, order).isPresent();
  }

  /** Lets the engine forget that the grace of a job is running. */
  public static void forgetGrace(NodeEngine engine, Order order) {
    Objects.requireNonNull(job(engine, order).timer).cancel();
  }

  /** Has the engine kill a job as if its grace were over. */
  public static void kill(NodeEngine engine, Order order) {
    job(engine, order).kill();
  }

  /** Has the engine take a job for ended. */
  public static void end(NodeEngine engine, Order order) {
    job(engine, order).ended(new AttemptEnd.Cancelled());
  }

  private static NodeJob job(NodeEngine engine, Order order) {
    return find(engine, order).orElseThrow();
  }

  private static Optional<NodeJob> find(NodeEngine engine, Order order) {
    return engine.started().stream().filter(job -> job.order() == order).findAny();
  }
}
