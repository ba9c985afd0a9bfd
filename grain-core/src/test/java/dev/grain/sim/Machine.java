package dev.grain.sim;

import dev.grain.resource.internal.Offer;
import dev.grain.wire.Address;
import org.jspecify.annotations.Nullable;

/** A machine of a simulation, on which one life of a worker follows the other. */
final class Machine {
  private final Simulation simulation;
  private final int index;
  private final String name;
  private final Offer offer;
  private final boolean dials;
  // null before the first, and after the last
  private @Nullable SimulatedNode life;
  private int lives;
  private boolean drained;
  // when the machine is taken away; Long.MAX_VALUE for never
  private long end = Long.MAX_VALUE;
  // how many of a hundred jobs it cannot start
  private int failures;

  /**
   * Makes one without a worker.
   *
   * @param dials whether its worker dials the head; otherwise the head dials it
   */
  Machine(Simulation simulation, int index, Offer offer, boolean dials) {
    this.simulation = simulation;
    this.index = index;
    this.name = "node" + index;
    this.offer = offer;
    this.dials = dials;
  }

  String name() {
    return name;
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

  @Nullable SimulatedNode life() {
    return life;
  }

  /** Returns whether the head may have it run jobs. */
  boolean takesJobs() {
    return life != null
        && life.hasJoined(simulation.program())
        && !drained
        && !life.process().isCut();
  }

  /** Starts a worker. */
  void start() {
    lives++;
    simulation.trace(Trace.What.JOINED, index, lives, name(), offer, "life", lives);
    life = new SimulatedNode(simulation, this, lives);
    life.begin();
  }

  /** Kills the worker, with its jobs; another one follows after that time, or none. */
  void crash(long downtime) {
    SimulatedNode dying = life;
    if (dying != null) {
      simulation.trace(Trace.What.CRASHED, index, lives, name());
      life = null;
      drained = false;
      dying.die();
      if (downtime >= 0) {
        simulation.world().after(downtime, this::start);
      }
    }
  }

  void cut(boolean silently, long duration) {
    SimulatedNode present = life;
    if (present != null && !present.process().isCut()) {
      simulation.trace(Trace.What.CUT, index, duration, name(), silently ? "silently" : "");
      present.process().cut(silently);
      simulation.world().after(duration, present.process()::mend);
    }
  }

  void freeze(long duration) {
    SimulatedNode present = life;
    if (present != null) {
      simulation.trace(Trace.What.FROZEN, index, duration, name());
      present.process().freeze(simulation.now() + duration);
    }
  }

  /** Has the worker drain at a time that it knows of, and lets another one follow later. */
  void endAt(long time, long downtime) {
    end = Math.min(end, time);
    simulation.world().at(time, this::drain);
    simulation
        .world()
        .at(
            time + simulation.scenario().cancelGrace(),
            () -> {
              end = Long.MAX_VALUE;
              crash(downtime);
            });
  }

  /** Returns whether the worker knows when it will end. */
  boolean ends() {
    return end != Long.MAX_VALUE;
  }

  long remainingMillis() {
    return Math.max(1, (end - simulation.now()) / Scenario.MILLISECOND);
  }

  /** Has it start so many of a hundred jobs not. */
  void failToStart(int ofAHundred) {
    failures = ofAHundred;
  }

  boolean mayFailToStart() {
    return failures > 0;
  }

  boolean failsToStart() {
    return failures > 0 && simulation.world().percent(failures);
  }

  void stopDialing() {
    if (life != null) {
      life.stopDialing();
    }
  }

  void drain() {
    SimulatedNode present = life;
    if (present != null && present.hasJoined(simulation.program())) {
      drained = true;
      simulation.trace(Trace.What.DRAINED, index, 0, name());
      present.drain();
    }
  }
}
