package dev.grain;

import dev.grain.resource.Resource;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How a run behaves. Immutable: each method returns a changed copy. */
public final class RunOptions {
  private static final RunOptions DEFAULTS =
      new RunOptions(null, null, QueueOrder.FIFO, Limits.CANCEL_GRACE, true, true, false);

  private final @Nullable Resource local;
  private final @Nullable Resource perWorker;
  private final QueueOrder queueOrder;
  private final Duration cancelGrace;
  private final boolean showsProgress;
  private final boolean echoes;
  private final boolean summarizes;

  private RunOptions(
      @Nullable Resource local,
      @Nullable Resource perWorker,
      QueueOrder queueOrder,
      Duration cancelGrace,
      boolean showsProgress,
      boolean echoes,
      boolean summarizes) {
    this.local = local;
    this.perWorker = perWorker;
    this.queueOrder = Objects.requireNonNull(queueOrder, "queueOrder is null");
    this.cancelGrace = Objects.requireNonNull(cancelGrace, "cancelGrace is null");
    this.showsProgress = showsProgress;
    this.echoes = echoes;
    this.summarizes = summarizes;
  }

  /** Returns the options of a run that is started without any. */
  public static RunOptions defaults() {
    return DEFAULTS;
  }

  /**
   * Says what this machine offers for jobs, instead of what is found on it: its cores, its visible
   * GPUs, and three quarters of the heap as memory. More may be declared than there is.
   *
   * @param offer for example {@code node(16, "32GiB").and(custom("PROBE", 2))}
   */
  public RunOptions local(Resource offer) {
    return new RunOptions(
        offer, perWorker, queueOrder, cancelGrace, showsProgress, echoes, summarizes);
  }

  /**
   * Bounds what is used of each worker: the smaller of this and what the worker offers counts.
   * Kinds that are not named are not bounded.
   */
  public RunOptions perWorker(Resource bound) {
    return new RunOptions(local, bound, queueOrder, cancelGrace, showsProgress, echoes, summarizes);
  }

  /** Sets the order of the queue; {@code FIFO} by default. */
  public RunOptions queueOrder(QueueOrder order) {
    return new RunOptions(local, perWorker, order, cancelGrace, showsProgress, echoes, summarizes);
  }

  /**
   * Sets how long a job that is cancelled or has reached its time limit may take to end before it
   * is reported as not stopping, and given up; 10 seconds by default.
   *
   * @param grace not negative
   * @throws IllegalArgumentException if it is negative
   */
  public RunOptions cancelGrace(Duration grace) {
    if (grace.isNegative()) {
      throw new IllegalArgumentException("cancelGrace is negative: " + grace);
    }
    return new RunOptions(local, perWorker, queueOrder, grace, showsProgress, echoes, summarizes);
  }

  /**
   * Says whether one line on the terminal shows how far the run is; true by default. It is on the
   * error stream, below what is printed, from half a second on, and leaves nothing behind; of
   * several runs at the same time the first one has it. There is none where the error stream goes
   * to a file or a pipe, where the environment variable {@code TERM} is missing or {@code dumb}, or
   * where {@code CI} is set. It is {@code COLUMNS} wide, or 80, and has no colours where {@code
   * NO_COLOR} is set.
   */
  public RunOptions progress(boolean shown) {
    return new RunOptions(local, perWorker, queueOrder, cancelGrace, shown, echoes, summarizes);
  }

  /**
   * Says whether what jobs print is also printed by the program, line by line, with the name of the
   * job in front; true by default. {@code job.output()} has it in any case.
   */
  public RunOptions echo(boolean echoed) {
    return new RunOptions(
        local, perWorker, queueOrder, cancelGrace, showsProgress, echoed, summarizes);
  }

  /**
   * Says whether one line on the error stream sums the run up when it has ended: its jobs, those
   * that failed, attempts that were retried, time, jobs in a second and cores; false by default.
   */
  public RunOptions summary(boolean printed) {
    return new RunOptions(
        local, perWorker, queueOrder, cancelGrace, showsProgress, echoes, printed);
  }

  @Nullable Resource localOffer() {
    return local;
  }

  @Nullable Resource perWorkerBound() {
    return perWorker;
  }

  QueueOrder order() {
    return queueOrder;
  }

  Duration grace() {
    return cancelGrace;
  }

  boolean showsProgress() {
    return showsProgress;
  }

  boolean echoes() {
    return echoes;
  }

  boolean summarizes() {
    return summarizes;
  }
}
