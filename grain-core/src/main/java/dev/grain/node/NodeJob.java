package dev.grain.node;

import dev.grain.loop.Loop;
import dev.grain.message.Order;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Fractions;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * An attempt of a job on its node. What changes of it belongs to the node's loop, or is guarded by
 * the {@link Admission}, as the fields say.
 */
public final class NodeJob {
  /** Why a job was told to stop. */
  enum Stop {
    /** Somebody asked for it. */
    ASKED,
    /** It ran into its time limit. */
    TIMED_OUT
  }

  /** What the loop has heard of it. */
  enum Phase {
    /** It has no slots yet. */
    WAITING,
    /** It has got slots. */
    STARTED,
    /** It has ended. */
    ENDED
  }

  /** Stands for a job that is to be interrupted as soon as it runs. */
  private static final JobRunner.Running INTERRUPTED = () -> {};

  private final Order order;
  private final Demand demand;
  final JobSource source;

  /** When it came, by counting; set by the loop before it waits. */
  long arrival;

  // guarded by the admission: by the line that it is in
  @Nullable JobLine line;
  @Nullable NodeJob previous;
  @Nullable NodeJob next;

  /** Where it is on offer; guarded by the admission. */
  @Nullable HandOff offered;

  /** The slots that it holds; guarded by the admission. */
  @Nullable HeldSlots held;

  /** How many have passed it; guarded by the admission. */
  int overtaken;

  // written within the admission when it begins, before it runs and before the loop hears of it
  @Nullable HeldSlots begunWith;
  long startedAt;

  // only accessed by the loop
  Phase phase = Phase.WAITING;
  Loop.@Nullable Timer timer;
  @Nullable Stop stop;
  public long outputLeftOut;

  /** What it has parts of, until the head was told that it has started, or need not be told. */
  public @Nullable Fractions fractions;

  // set once by whoever starts it, or before by the loop
  private final AtomicReference<JobRunner.@Nullable Running> running = new AtomicReference<>();

  /**
   * Makes a job that waits for slots.
   *
   * @param order what is to be run
   * @param source who is to be told about it
   */
  public NodeJob(Order order, JobSource source) {
    this.order = order;
    this.demand = order.spec().demand();
    this.source = source;
  }

  /** Returns what is to be run. */
  public Order order() {
    return order;
  }

  /** Returns what it needs. */
  public Demand demand() {
    return demand;
  }

  /**
   * Returns whether it may take over the slots of another job, of which the head hears a moment
   * later. A job that was on a worker before may be the one that killed it; that the head has to
   * know before it begins.
   */
  boolean mayTakeOver() {
    return !order.alone() && order.attempt() == 1;
  }

  /** Returns whether either may take over slots that the other one could. */
  boolean takesOverLike(NodeJob other) {
    return mayTakeOver() && other.mayTakeOver() && demand.equals(other.demand);
  }

  /** It runs; by whoever has started it. */
  void runs(JobRunner.Running started) {
    if (!running.compareAndSet(null, started)) {
      started.interrupt();
    }
  }

  /** Interrupts it if it runs, or else as soon as it does. */
  void interrupt() {
    JobRunner.Running now = running.updateAndGet(known -> known == null ? INTERRUPTED : known);
    if (now != null) {
      now.interrupt();
    }
  }

  @Override
  public String toString() {
    return "job " + order.job() + ", attempt " + order.attempt();
  }
}
