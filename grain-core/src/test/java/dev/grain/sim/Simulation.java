package dev.grain.sim;

import static dev.grain.resource.Resources.capacity;
import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.custom;
import static dev.grain.resource.Resources.gpu;
import static dev.grain.resource.Resources.memory;
import static dev.grain.resource.Resources.none;
import static dev.grain.resource.Resources.token;

import dev.grain.head.CodeLibrary;
import dev.grain.head.Head;
import dev.grain.head.Workers;
import dev.grain.node.HeadSessions;
import dev.grain.node.NodeEngine;
import dev.grain.resource.Resource;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Offer;
import dev.grain.schedule.Counts;
import dev.grain.schedule.Placement;
import dev.grain.schedule.Policy;
import dev.grain.schedule.Scheduler;
import dev.grain.wire.Frame;
import dev.grain.wire.Hello;
import dev.grain.wire.Message;
import dev.grain.wire.Role;
import dev.grain.wire.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * One run of a head, its nodes and a client, all of it decided by the seed.
 *
 * <p>Everything that happens is an event of the {@link World}: faults to come are further events.
 */
final class Simulation {
  private static final long MILLISECOND = 1_000_000;
  private static final int MOST_EVENTS = 3_000_000;
  private static final int HEAD = 250;

  private final World world;
  private final Trace trace;
  private final Plant plant;
  private final Policy policy;
  private final Network network;
  private final NodeEngine.Limits nodeLimits;
  private final HeadSessions.Settings sessionSettings;
  private final Network.Host headProcess;
  private final Head head;
  private final Workers workers;
  private final SimulatedClient client;
  private final List<Machine> machines = new ArrayList<>();
  private final boolean faithful;
  private int sessions;
  private long longest;
  private long longestPause;
  // how long nodes are away, at most
  private long outages;

  Simulation(long seed, Size size, boolean recording, Plant plant) {
    this.world = new World(new SplittableRandom(seed));
    this.trace = new Trace(recording);
    this.plant = plant;
    boolean closed = world.percent(5);
    this.policy = new Policy(world.percent(15), 1 << world.below(6), closed, Placement.bestFit());
    this.faithful = closed || world.percent(40);
    this.network = new Network(world, Network.Manners.random(world), this::onArrival);
    this.nodeLimits =
        new NodeEngine.Limits(
            policy.overtaking(), Scheduler.LOOKAHEAD, world.scaled(MILLISECOND, 8));
    this.sessionSettings = randomSessions();
    this.headProcess = network.new Host(HEAD, new SimulatedLoop(world, this::afterHeadTask));
    this.head = new Head("simulated", headLoop(), policy, CodeLibrary.NONE);
    this.workers =
        new Workers(
            head,
            headProcess,
            new Workers.Settings(
                offer -> offer, sessionSettings.grace(), -1, sessionSettings.limits()),
            this::hello,
            new Observer());
    headProcess.listen(workers.acceptor());
    this.client = new SimulatedClient(this);
    addMachines(policy.closed() ? 1 : size.nodes(world));
    addJobs(size.jobs(world));
  }

  /** Small limits, so that much that is rare in life happens often. */
  private HeadSessions.Settings randomSessions() {
    Session.Limits limits =
        new Session.Limits(
            100 << world.below(6),
            SimulatedNode.LARGE,
            1 << 20,
            1_000L << world.below(8),
            1 + world.below(40),
            100L << world.below(6),
            world.scaled(10_000, 8));
    // one that is cut off for less is back before it is over
    long grace =
        faithful
            ? 100_000 * MILLISECOND
            : network.manners().suspicion() + world.scaled(1_000 * MILLISECOND, 5);
    return new HeadSessions.Settings(limits, SimulatedNode.LARGE, grace, grace);
  }

  private Hello hello() {
    return Hello.of(Role.HEAD, "simulated", "none")
        .withRun("simulated")
        .withSession("session " + sessions++);
  }

  private void onArrival(Network.Host receiver, Frame frame) {
    if (receiver == headProcess && frame instanceof Frame.Messages(long _, var messages)) {
      for (Message message : messages) {
        if (message instanceof Message.Ended end) {
          plant.onEnd(head, client.job(end.job()), end);
        }
      }
    }
  }

  /** Does not care. */
  private static final class Observer implements Workers.Observer {
    @Override
    public void changed() {}

    @Override
    public void deserted(String why) {
      throw new IllegalStateException(why);
    }
  }

  World world() {
    return world;
  }

  Network network() {
    return network;
  }

  Network.Host headProcess() {
    return headProcess;
  }

  SimulatedLoop headLoop() {
    return headProcess.loop();
  }

  Head head() {
    return head;
  }

  SimulatedClient client() {
    return client;
  }

  Plant plant() {
    return plant;
  }

  Policy policy() {
    return policy;
  }

  Trace trace() {
    return trace;
  }

  NodeEngine.Limits nodeLimits() {
    return nodeLimits;
  }

  HeadSessions.Settings sessionSettings() {
    return sessionSettings;
  }

  /** Returns whether no node is lost: then no job may run twice. */
  boolean isFaithful() {
    return faithful;
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

  // ---------------------------------------------------------------- what may happen

  private void addMachines(int count) {
    for (int index = 0; index < count; index++) {
      Machine machine = new Machine(this, index, randomOffer(index, count), world.percent(30));
      machines.add(machine);
      world.at(index > 0 && world.percent(40) ? world.scaled(MILLISECOND, 8) : 0, machine::start);
      if (index > 0) {
        if (world.percent(10)) {
          world.at(world.scaled(MILLISECOND, 8), machine::drain);
        }
        addFaults(machine);
      }
    }
    headLoop()
        .at(
            1,
            () ->
                workers.dial(
                    machines.stream()
                        .filter(machine -> machine.index() > 0 && !machine.dials())
                        .map(Machine::address)
                        .toList()));
    if (world.percent(10)) {
      long duration = outage();
      world.at(world.scaled(MILLISECOND, 8), () -> headProcess.freeze(world.now() + duration));
    }
  }

  private void addFaults(Machine machine) {
    for (int left = world.percent(50) ? 1 + world.below(4) : 0; left > 0; left--) {
      long time = world.scaled(MILLISECOND, 8);
      long duration = outage();
      int kind = world.below(faithful ? 5 : 8);
      switch (kind) {
        case 0, 1 -> world.at(time, () -> machine.cut(true, duration));
        case 2, 3 -> {
          // soon enough for the first time that it is redialed: longer, it would count as dead
          long blink = world.scaled(100_000, 9);
          world.at(time, () -> machine.cut(false, blink));
        }
        case 4 -> world.at(time, () -> machine.freeze(duration));
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
        duration + network.manners().suspicion() + sessionSettings.grace() + 10_000 * MILLISECOND;
  }

  private long outage() {
    long duration = world.scaled(100_000, faithful ? 12 : 17);
    onOutage(duration);
    return duration;
  }

  private Offer randomOffer(int index, int count) {
    if (index == 0 && count > 1 && world.percent(70)) {
      // the usual head: it runs only what asks for nothing
      return Offer.EMPTY.withHeadPlaces(1 + world.below(3));
    }
    int[] cores = new int[1 + world.below(6)];
    int id = world.below(3);
    for (int i = 0; i < cores.length; i++) {
      cores[i] = id;
      id += 1 + world.below(2);
    }
    Offer offer =
        Offer.EMPTY
            .withCores(cores)
            .withMemory((1L + world.below(16)) << 30)
            .withHeadPlaces(index == 0 ? 1 + world.below(3) : 0);
    if (world.percent(30)) {
      offer = offer.withGpus(world.percent(50) ? List.of("0") : List.of("0", "1"));
    }
    if (world.percent(30)) {
      offer = offer.withCustom("SENSOR", 10_000L * (1 + world.below(3)));
    }
    if (world.percent(30)) {
      offer = offer.withToken("licence");
    }
    if (world.percent(15)) {
      offer = offer.withCapacity(1 + world.below(4));
    }
    return offer;
  }

  private void addJobs(int count) {
    List<Resource> requests = new ArrayList<>();
    for (int left = 1 + world.below(8); left > 0; left--) {
      requests.add(randomRequest());
    }
    int leastDoublings = world.below(8);
    long time = MILLISECOND;
    for (int left = count; left > 0; left--) {
      Demand demand = Demand.of(requests.get(world.below(requests.size())));
      int job = client.prepare(randomPlan(demand, leastDoublings));
      if (world.percent(20)) {
        time += world.scaled(1_000, 14);
      }
      long submission = time;
      world.at(submission, () -> client.submit(job));
      if (world.percent(8) || isEndless(job)) {
        long delay = world.scaled(1_000, 18) - (world.percent(10) ? MILLISECOND : 0);
        world.at(Math.max(submission + delay, 1), () -> client.cancel(job));
      }
    }
  }

  private boolean isEndless(int job) {
    return client.plan(job).timeLimit() == 0 && client.plan(job).isEndless();
  }

  private Resource randomRequest() {
    Resource request =
        switch (world.below(10)) {
          case 0 -> none();
          case 1 -> cpu((1 + world.below(19)) / 10.0);
          case 2, 3 -> cpu(1 + world.below(5));
          case 4 -> memory((1L + world.below(12)) << 30);
          default -> cpu(1);
        };
    if (request.equals(none())) {
      return request;
    }
    if (world.percent(25) && !request.toString().contains("memory")) {
      request = request.and(memory((1L + world.below(8)) << 30));
    }
    if (world.percent(10)) {
      request = request.and(gpu(world.percent(50) ? 1 : 0.25 * (1 + world.below(7))));
    }
    if (world.percent(10)) {
      request = request.and(custom("SENSOR", 0.5 * (1 + world.below(4))));
    }
    if (world.percent(10)) {
      request = request.and(token("licence"));
    }
    if (world.percent(10)) {
      request = request.and(capacity(1));
    }
    return request;
  }

  private Plan randomPlan(Demand demand, int leastDoublings) {
    boolean limited = world.percent(15);
    boolean killer = !faithful && world.percent(3);
    List<Plan.Try> tries = new ArrayList<>();
    for (int left = 1 + (world.percent(20) ? world.below(4) : 0); left > 0; left--) {
      boolean stubborn = world.percent(10);
      long duration =
          !stubborn && world.percent(3)
              ? Plan.ENDLESS
              : world.scaled(4_000L << leastDoublings, world.percent(80) ? 3 : 8);
      if (duration != Plan.ENDLESS) {
        longest = Math.max(longest, duration);
      }
      tries.add(
          new Plan.Try(
              duration,
              stubborn,
              world.percent(25),
              world.percent(15) ? world.below(4) : 0,
              killer && duration != Plan.ENDLESS && world.percent(80)));
    }
    // of the jobs that may fail, some wait before the next attempt, and of some it is asked for
    int kind = tries.size() > 1 ? (int) (longest & 3) : 0;
    Plan plan =
        new Plan(
            demand,
            limited ? world.scaled(10_000L << leastDoublings, 6) : 0,
            tries,
            kind > 1 ? longest : 0,
            kind % 2 == 1);
    longestPause = Math.max(longestPause, plan.longestPause());
    return plan;
  }

  /** How many younger jobs may start before the oldest that waits, before it must be next. */
  int passingBound() {
    return 3 * policy.overtaking() + 16;
  }

  /** How long the oldest job may wait from then on. */
  long patience() {
    // a node whose link is congested starts nothing
    long slow = 100 * (1_000L << network.manners().doublings());
    return 4 * (longest + nodeLimits.cancelGrace() + outages)
        + longestPause
        + 100 * MILLISECOND
        + slow;
  }

  // ---------------------------------------------------------------- running

  /**
   * Lets everything happen.
   *
   * @throws IllegalStateException if something is not as it must be
   */
  void run() {
    try {
      runUntilQuiet();
      client.cancelUnmeetable();
      runUntilQuiet();
      client.checkAllEnded();
      lives().forEach(SimulatedNode::checkIdle);
      checkHeadIdle();
      headLoop().post(workers::close);
      machines.stream().filter(Machine::dials).forEach(Machine::stopDialing);
      runUntilQuiet();
      lives().forEach(SimulatedNode::checkLeft);
    } catch (RuntimeException | AssertionError e) {
      throw new IllegalStateException(String.valueOf(e.getMessage()), e);
    }
  }

  private Stream<SimulatedNode> lives() {
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

  private void afterHeadTask() {
    plant.onHeadTask(head);
    head.checkInvariants();
    SimulatedNode embedded = machines.getFirst().life();
    if (embedded != null) {
      embedded.checkEngine();
    }
  }

  private void checkHeadIdle() {
    Counts counts = head.progress().counts();
    if (counts.queued() + counts.sent() + counts.running() > 0) {
      throw new IllegalStateException("the head is not idle: " + counts);
    }
  }
}
