package dev.grain.node;

import dev.grain.Allocation;
import dev.grain.bytes.Bytes;
import dev.grain.loop.Loop;
import dev.grain.message.AttemptEnd;
import dev.grain.message.Order;
import dev.grain.node.prepare.Ready;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Fractions;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * An attempt of a job on its node. What changes of it belongs to the node's loop, or is guarded by
 * the {@link Admission}, as stated on the fields. A source that keeps something with each job
 * extends it.
 */
public class NodeJob implements JobRunner.Events {
  /** Why a job was asked to stop. */
  enum StopReason {
    /** Somebody asked for it. */
    ASKED,
    /** It reached its time limit. */
    TIMED_OUT
  }

  /** What was reported of it to the loop. */
  enum Heard {
    /** It has no slots yet. */
    NOTHING,
    /** It has got slots. */
    STARTED,
    /** It has ended. */
    ENDED
  }

  /** Stands for a job that is to be stopped as soon as it runs. */
  private static final JobRunner.Running STOPPED = () -> {};

  private final Order order;
  private final Demand demand;
  private final Intake intake;

  /** Where it comes from; set by the loop, read by any thread. */
  volatile JobSource source;

  /** What was made ready for it; set by the loop before it waits for slots. */
  Ready ready = Ready.NOTHING;

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

  // written within the admission when it begins, before it runs and before the loop is notified
  @Nullable HeldSlots begunWith;
  long startedAt;

  // only accessed by the loop
  Heard heard = Heard.NOTHING;
  Loop.@Nullable Timer timer;
  @Nullable StopReason stop;
  private long outputLeftOut;

  // set once by whoever starts it; before that the loop may set that it is to be stopped
  private final AtomicReference<JobRunner.@Nullable Running> running = new AtomicReference<>();

  /**
   * Makes a job that waits for slots.
   *
   * @param order what is to be run
   * @param intake the one that is to take it
   */
  public NodeJob(Order order, Intake intake) {
    this.order = order;
    this.demand = order.spec().demand();
    this.intake = intake;
    this.source = intake.source();
  }

  /** Returns what is to be run. */
  public final Order order() {
    return order;
  }

  /** Returns how long it has run by now, in nanoseconds; to be called as {@link #fractions}. */
  public final long ranSoFar(long now) {
    return now - startedAt;
  }

  /** Returns what it needs. */
  final Demand demand() {
    return demand;
  }

  /** Returns what it has parts of; to be called when its start was reported to its source. */
  public final Fractions fractions() {
    return Objects.requireNonNull(begunWith).fractions;
  }

  /**
   * Returns whether it may take over the slots of another job, of which its source is notified a
   * moment later. A job that was on a worker before may be the one that killed it; that the source
   * has to know before it begins.
   */
  final boolean mayTakeOver() {
    return !order.alone() && order.attempt() == 1;
  }

  /** Returns whether either may take over slots that the other one could. */
  final boolean takesOverLike(NodeJob other) {
    return mayTakeOver() && other.mayTakeOver() && demand.equals(other.demand);
  }

  // ---------------------------------------------------------------- starting and stopping

  /** Has it run; by the thread or the loop that is to start it. */
  final void start() {
    Allocation allocation = Objects.requireNonNull(begunWith).allocation;
    JobRunner.Running started = intake.runners().start(order, allocation, ready, this);
    if (running.getAndSet(started) != null) {
      started.stop();
    }
  }

  /**
   * Returns whether its runner has it; when it has begun, another thread may be about to start it.
   */
  final boolean runs() {
    JobRunner.Running now = running.get();
    return now != null && now != STOPPED;
  }

  /** Tells it to stop if it runs, or else as soon as it does. */
  final void tellToStop() {
    JobRunner.Running now = running.updateAndGet(known -> known == null ? STOPPED : known);
    if (now != null) {
      now.stop();
    }
  }

  /** Ends it by force, and returns true if that is possible with its work. */
  final boolean kill() {
    JobRunner.Running now = running.get();
    return now != null && now.kill();
  }

  // ---------------------------------------------------------------- events from its runner

  @Override
  public final void ended(AttemptEnd end) {
    intake.engine().ended(this, end);
  }

  @Override
  public final void notRun(AttemptEnd why) {
    intake.engine().notRun(this, why);
  }

  @Override
  public final void printed(Bytes text, boolean error) {
    intake.engine().printed(this, text, error);
  }

  // ---------------------------------------------------------------- output, on the loop

  /**
   * Hands on what it has printed. Output is not worth waiting for: what comes while the source is
   * congested is left out.
   */
  final void handOn(Bytes text, boolean error) {
    if (!source.takesOutput()) {
      outputLeftOut += text.length();
      return;
    }
    tellWhatWasLeftOut(error);
    source.onOutput(this, text, error);
  }

  /** Reports how much of its output was left out, if any was since the last report. */
  final void tellWhatWasLeftOut(boolean error) {
    long leftOut = outputLeftOut;
    if (leftOut > 0) {
      outputLeftOut = 0;
      source.onOutputLeftOut(this, leftOut, error);
    }
  }

  @Override
  public final String toString() {
    return "job " + order.job() + ", attempt " + order.attempt();
  }
}
