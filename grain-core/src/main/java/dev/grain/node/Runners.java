package dev.grain.node;

import dev.grain.Allocation;
import dev.grain.message.AttemptEnd;
import dev.grain.message.Isolation;
import dev.grain.message.Order;
import dev.grain.message.Work;
import dev.grain.node.prepare.Ready;
import java.util.EnumMap;
import java.util.Locale;

/** The table that has a runner for each kind of work and of isolation. Immutable. */
public final class Runners {
  /** Runs nothing; a base for {@link #with}. */
  public static final Runners NONE = new Runners(new EnumMap<>(Isolation.Kind.class));

  private static final JobRunner NOBODY = Runners::refuse;

  private final EnumMap<Isolation.Kind, EnumMap<Work.Kind, JobRunner>> byKind;

  private Runners(EnumMap<Isolation.Kind, EnumMap<Work.Kind, JobRunner>> byKind) {
    this.byKind = byKind;
  }

  /** Returns the table with a runner for a kind of work without isolation. */
  public Runners with(Work.Kind kind, JobRunner runner) {
    return with(kind, Isolation.Kind.NONE, runner);
  }

  /** Returns the table with a runner for a kind of work with a kind of isolation. */
  public Runners with(Work.Kind kind, Isolation.Kind isolation, JobRunner runner) {
    EnumMap<Isolation.Kind, EnumMap<Work.Kind, JobRunner>> more = new EnumMap<>(byKind);
    EnumMap<Work.Kind, JobRunner> known = byKind.get(isolation);
    EnumMap<Work.Kind, JobRunner> row =
        known == null ? new EnumMap<>(Work.Kind.class) : new EnumMap<>(known);
    row.put(kind, runner);
    more.put(isolation, row);
    return new Runners(more);
  }

  /** Has the job run by the runner for its work; one that nobody runs ends as not started. */
  JobRunner.Running start(
      Order order, Allocation allocation, Ready ready, JobRunner.Events events) {
    EnumMap<Work.Kind, JobRunner> row = byKind.get(order.spec().setting().isolation().kind());
    JobRunner runner = row == null ? null : row.get(order.spec().work().kind());
    return (runner == null ? NOBODY : runner).start(order, allocation, ready, events);
  }

  private static JobRunner.Running refuse(
      Order order, Allocation allocation, Ready ready, JobRunner.Events events) {
    String kind = order.spec().work().kind().name().toLowerCase(Locale.ROOT);
    String isolated =
        order.spec().setting().isolation().kind() == Isolation.Kind.NONE ? "" : " in isolation";
    events.notRun(
        new AttemptEnd.NotStarted(
            "cannot run work of the kind \"%s\"%s".formatted(kind, isolated)));
    return () -> {};
  }
}
