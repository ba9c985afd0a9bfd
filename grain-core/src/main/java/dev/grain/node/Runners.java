package dev.grain.node;

import dev.grain.Allocation;
import dev.grain.message.AttemptEnd;
import dev.grain.message.Order;
import dev.grain.message.Work;
import java.util.EnumMap;
import java.util.Locale;

/** The table that has a runner for each kind of work. Immutable. */
public final class Runners {
  /** Runs nothing; a base for {@link #with}. */
  public static final Runners NONE = new Runners(new EnumMap<>(Work.Kind.class));

  private static final JobRunner NOBODY = Runners::refuse;

  private final EnumMap<Work.Kind, JobRunner> byKind;

  private Runners(EnumMap<Work.Kind, JobRunner> byKind) {
    this.byKind = byKind;
  }

  /** Returns the table with a runner for a kind of work. */
  public Runners with(Work.Kind kind, JobRunner runner) {
    EnumMap<Work.Kind, JobRunner> more = new EnumMap<>(byKind);
    more.put(kind, runner);
    return new Runners(more);
  }

  /** Has the job run by the runner for its work; one that nobody runs ends as not started. */
  JobRunner.Running start(Order order, Allocation allocation, JobRunner.Events events) {
    JobRunner runner = byKind.get(order.spec().work().kind());
    return (runner == null ? NOBODY : runner).start(order, allocation, events);
  }

  private static JobRunner.Running refuse(
      Order order, Allocation allocation, JobRunner.Events events) {
    String kind = order.spec().work().kind().name().toLowerCase(Locale.ROOT);
    events.notRun(new AttemptEnd.NotStarted("cannot run work of the kind \"%s\"".formatted(kind)));
    return () -> {};
  }
}
