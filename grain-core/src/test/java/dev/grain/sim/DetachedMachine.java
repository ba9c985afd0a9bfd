package dev.grain.sim;

import dev.grain.resource.internal.Offer;
import dev.grain.wire.Address;
import org.jspecify.annotations.Nullable;

/** A machine on which one life of a worker follows the other, for detached jobs. */
final class DetachedMachine {
  private final DetachedSimulation simulation;
  private final int index;
  private final Offer offer;
  private final boolean dials;
  // null before the first, and between two
  private @Nullable DetachedWorker life;
  private int lives;

  /**
   * Makes one without a worker.
   *
   * @param index counts from 1
   * @param dials whether its worker dials the head; otherwise the head dials it
   */
  DetachedMachine(DetachedSimulation simulation, int index, Offer offer, boolean dials) {
    this.simulation = simulation;
    this.index = index;
    this.offer = offer;
    this.dials = dials;
  }

  String name() {
    return "node" + index;
  }

  int index() {
    return index;
  }

  Offer offer() {
    return offer;
  }

  boolean dials() {
    return dials;
  }

  Address address() {
    return new Address("10.0.0." + (index + 1), 4242);
  }

  @Nullable DetachedWorker life() {
    return life;
  }

  void start() {
    lives++;
    simulation.trace(Trace.What.JOINED, index, lives, name(), offer, "life", lives);
    life = new DetachedWorker(simulation, this, name() + "/" + lives);
    life.begin();
  }

  /** Kills the worker, with its jobs; another one follows after that time. */
  void crash(long downtime) {
    DetachedWorker dying = life;
    if (dying != null) {
      simulation.trace(Trace.What.CRASHED, index, lives, name());
      life = null;
      dying.die();
      simulation.world().after(downtime, this::start);
    }
  }

  /** The worker has drained, or was told to end at once; another one follows. */
  void onEnded(DetachedWorker ended) {
    if (ended == life) {
      crash(simulation.world().scaled(100_000, 10));
    }
  }

  /** Has the head tell the worker to end. */
  void drain(boolean stop) {
    simulation.head().drain(name(), stop);
  }

  void cut(boolean silently, long duration) {
    DetachedWorker present = life;
    if (present != null && !present.process().isCut()) {
      simulation.trace(Trace.What.CUT, index, duration, name(), silently ? "silently" : "");
      present.process().cut(silently);
      simulation.world().after(duration, present.process()::mend);
    }
  }

  void freeze(long duration) {
    DetachedWorker present = life;
    if (present != null) {
      simulation.trace(Trace.What.FROZEN, index, duration, name());
      present.process().freeze(simulation.world().now() + duration);
    }
  }
}
