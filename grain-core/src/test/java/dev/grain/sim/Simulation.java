package dev.grain.sim;

import dev.grain.head.Head;
import dev.grain.head.HeadProbe;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Offer;
import dev.grain.schedule.Counts;
import dev.grain.schedule.ScheduledJob;
import dev.grain.schedule.ScheduledProbe;
import dev.grain.session.Frame;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One run of a program and its nodes, all of it decided by the seed.
 *
 * <p>Everything that happens is an event of the {@link World}: faults to come are further events.
 */
final class Simulation implements Story {
  private static final int MOST_EVENTS = 3_000_000;

  /** For how many jobs the books of the head are checked after each of its passes. */
  private static final int JOBS_CHECKED = 10;

  /** How long a worker that could start no job gets none, at most, in nanoseconds. */
  private static final long LONGEST_ASIDE = 300_000 * Scenario.MILLISECOND;

  private final World world;
  private final Trace trace;
  private final Plant plant;
  private final Scenario scenario;
  private final Network network;
  private final SimulatedJournal journal;
  private final List<Machine> machines = new ArrayList<>();
  private final List<Program> lives = new ArrayList<>();
  // the last of its lives
  private Program program;
  // null if there is none
  private final @Nullable Neighbour neighbour;
  // how long nodes are away, at most
  private long outages;
  // how many passes had been made at the last check
  private long checked;
  private int passes;

  Simulation(long seed, Size size, boolean recording, Plant plant) {
    this.world = new World(new SplittableRandom(seed));
    RandomGenerator ofCommands = new SplittableRandom(seed).split();
    this.trace = new Trace(recording);
    this.plant = plant;
    this.scenario = new Scenario(seed, world, ofCommands);
    this.network = new Network(world, scenario.manners(), this::onArrival);
    this.journal = new SimulatedJournal(world);
    addMachines(scenario.policy().closed() ? 1 : size.nodes(world));
    scenario.addPlans(size.jobs(world));
    this.neighbour = machines.size() > 1 && world.percent(25) ? new Neighbour(this) : null;
    this.program = start();
    addStops();
    if (neighbour != null) {
      neighbour.begin(dialed());
    }
  }

  private void onArrival(Network.Host receiver, Frame frame) {
    if (receiver == program.process()) {
      program.onArrival(frame);
    }
  }

  World world() {
    return world;
  }

  Scenario scenario() {
    return scenario;
  }

  Network network() {
    return network;
  }

  SimulatedJournal journal() {
    return journal;
  }

  Plant plant() {
    return plant;
  }

  /** Returns the last life of the program. */
  Program program() {
    return program;
  }

  /** Returns the other program that uses the workers; null if there is none. */
  @Nullable Neighbour neighbour() {
    return neighbour;
  }

  /** Returns the life of the program that has made a run. */
  Program program(String run) {
    return lives.stream().filter(each -> each.run().equals(run)).findAny().orElseThrow();
  }

  /** Returns the earlier lives of the program. */
  Stream<Program> earlierLives() {
    return lives.stream().filter(each -> each != program);
  }

  /** Returns the worker in the process of the program; null if there is none yet. */
  @Nullable SimulatedNode embedded() {
    return machines.getFirst().life();
  }

  Stream<Machine> machines() {
    return machines.stream();
  }

  long now() {
    return world.now();
  }

  void trace(Trace.What what, long job, long detail, Object... words) {
    trace.add(world.now(), what, job, detail, words);
  }

  @Override
  public Trace trace() {
    return trace;
  }

  // ---------------------------------------------------------------- what may happen

  private void addMachines(int count) {
    for (int index = 0; index < count; index++) {
      Offer offer = scenario.offer(index, count);
      Machine machine = new Machine(this, index, offer, world.percent(30));
      machines.add(machine);
      if (index > 0) {
        long start = world.percent(40) ? world.scaled(Scenario.MILLISECOND, 8) : 0;
        // those that are there may drain before
        outages += start;
        world.at(start, machine::start);
        if (world.percent(10)) {
          world.at(world.scaled(Scenario.MILLISECOND, 8), machine::drain);
        }
        if (world.percent(5)) {
          machine.failToStart(1 + world.below(100));
          onOutage(2 * LONGEST_ASIDE);
        }
        addFaults(machine);
      }
    }
  }

  private void addFaults(Machine machine) {
    for (int left = world.percent(50) ? 1 + world.below(4) : 0; left > 0; left--) {
      long time = world.scaled(Scenario.MILLISECOND, 8);
      long duration = outage();
      int kind = world.below(scenario.isFaithful() ? 5 : 9);
      switch (kind) {
        case 0, 1 -> world.at(time, () -> machine.cut(true, duration));
        case 2, 3 -> {
          // soon enough for the first time that it is redialed: longer, it would count as dead
          long blink = world.scaled(100_000, 9);
          world.at(time, () -> machine.cut(false, blink));
        }
        case 4 -> world.at(time, () -> machine.freeze(duration));
        case 5 -> machine.endAt(time, duration);
        default -> {
          // one that is named is dialed for ever, so it comes back
          boolean returns = !machine.dials() || world.percent(70);
          world.at(time, () -> machine.crash(returns ? duration : -1));
        }
      }
    }
  }

  /** A node will be away for that long, and then until it has been dialed again. */
  void onOutage(long duration) {
    outages +=
        duration
            + network.manners().suspicion()
            + scenario.sessionSettings().grace()
            + 10_000 * Scenario.MILLISECOND;
  }

  private long outage() {
    long duration = world.scaled(100_000, scenario.isFaithful() ? 12 : 17);
    onOutage(duration);
    return duration;
  }

  // ---------------------------------------------------------------- lives of the program

  private Program start() {
    Program life = new Program(this, lives.size() + 1);
    program = life;
    lives.add(life);
    machines.getFirst().start();
    life.begin(dialed());
    return life;
  }

  /** Returns the machines whose workers do not dial. */
  private List<Machine> dialed() {
    return machines.stream().filter(machine -> machine.index() > 0 && !machine.dials()).toList();
  }

  private void addStops() {
    if (world.percent(10)) {
      long duration = outage();
      world.at(
          world.scaled(Scenario.MILLISECOND, 8),
          () -> program.process().freeze(world.now() + duration));
    }
    if (scenario.isJournaled() && !scenario.isFaithful()) {
      for (int left = world.below(4); left > 0; left--) {
        long time = world.scaled(Scenario.MILLISECOND, 10);
        long downtime = outage();
        world.at(time, world.percent(70) ? () -> kill(downtime) : () -> interrupt(downtime));
      }
      if (world.percent(50)) {
        long downtime = outage();
        journal.duringWrite(1 + world.below(20), () -> kill(downtime));
      }
    }
  }

  /** The process of the program is killed, and started again later. */
  private void kill(long downtime) {
    if (program.isAlive()) {
      trace(Trace.What.CRASHED, -1, lives.size(), program.run());
      program.die();
      machines.getFirst().crash(-1);
      journal.crash();
      // what the nodes had of it goes on for a while
      onOutage(0);
      world.after(downtime, this::start);
    }
  }

  /** The program is interrupted, ends soon, and is started again later. */
  private void interrupt(long downtime) {
    if (program.isAlive()) {
      trace(Trace.What.DRAINED, -1, lives.size(), program.run());
      program.stop();
      world.after(world.scaled(10_000, 14), () -> kill(downtime));
    }
  }

  /** How many younger jobs may start before the oldest that waits, before it must be next. */
  int passingBound() {
    return 3 * scenario.policy().overtaking() + 16;
  }

  /** How long the oldest job may wait from then on, beside the time that endless jobs take. */
  long patience() {
    // a node whose link is congested starts nothing; the first has none
    long slow = machines.size() == 1 ? 0 : 100 * (1_000L << scenario.manners().doublings());
    return 4 * (scenario.longest() + outages)
        + scenario.longestPause()
        + 10 * Scenario.MILLISECOND
        + (neighbour == null ? 0 : neighbour.patience())
        + slow;
  }

  // ---------------------------------------------------------------- running

  @Override
  public void run() {
    try {
      runUntilQuiet();
      endNeighbourhood();
      journal.duringWrite(0, () -> {});
      program.client().cancelUnmeetable();
      runUntilQuiet();
      program.client().checkAllEnded();
      lives.forEach(life -> life.client().checkNothingRuns());
      workers().forEach(SimulatedNode::checkIdle);
      checkHeadIdle();
      program.leave();
      if (neighbour != null) {
        neighbour.leave();
      }
      machines.stream().filter(Machine::dials).forEach(Machine::stopDialing);
      runUntilQuiet();
      workers().forEach(SimulatedNode::checkLeft);
    } catch (RuntimeException | AssertionError e) {
      throw new IllegalStateException(String.valueOf(e.getMessage()), e);
    }
  }

  /** All messages have arrived: then no job waits for the other program beside a free node. */
  private void endNeighbourhood() {
    if (neighbour != null) {
      program.client().waiting().forEach(job -> ensureMustWait(program.head(), job, machines()));
      neighbour.unended().forEach(job -> ensureMustWait(neighbour.head(), job, dialed().stream()));
      neighbour.release();
      runUntilQuiet();
    }
  }

  private void ensureMustWait(Head head, ScheduledJob job, Stream<Machine> nodes) {
    Demand demand = ScheduledProbe.demand(job);
    boolean exempt = scenario.policy().strict() || job.alone();
    for (Machine machine : nodes.toList()) {
      SimulatedNode life = machine.life();
      if (!exempt
          && job.phase() != ScheduledJob.Phase.RUNNING
          && life != null
          && machine.takesJobs()
          && life.hasRoom(demand)
          && ScheduledProbe.isOpenTo(HeadProbe.scheduler(head), machine.name(), job)) {
        throw new IllegalStateException(
            "%s waits at %s for other programs, and %s has room for %s"
                .formatted(job, job.nodeName(), machine.name(), demand));
      }
    }
  }

  private Stream<SimulatedNode> workers() {
    return machines.stream().map(Machine::life).filter(Objects::nonNull);
  }

  private void runUntilQuiet() {
    int left = MOST_EVENTS;
    while (world.step()) {
      if (--left == 0) {
        throw new IllegalStateException("it does not come to an end");
      }
    }
  }

  /** Checks the books of the head after each of its passes, or with many jobs every few. */
  void checkHead(Head head) {
    long made = HeadProbe.passes(head);
    if (made == checked) {
      return;
    }
    checked = made;
    passes++;
    Counts counts = HeadProbe.scheduler(head).counts();
    if (passes > (counts.queued() + counts.sent() + counts.running()) / JOBS_CHECKED) {
      passes = 0;
      head.checkInvariants();
    }
  }

  private void checkHeadIdle() {
    Counts counts = HeadProbe.scheduler(program.head()).counts();
    if (counts.queued() + counts.sent() + counts.running() > 0) {
      throw new IllegalStateException("the head is not idle: " + counts);
    }
  }
}
