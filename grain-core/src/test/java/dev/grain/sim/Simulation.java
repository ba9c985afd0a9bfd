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
import dev.grain.node.NodeEngine;
import dev.grain.resource.Resource;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Offer;
import dev.grain.schedule.Counts;
import dev.grain.schedule.Placement;
import dev.grain.schedule.Policy;
import dev.grain.schedule.Scheduler;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * One run of a head, its nodes and a client, all of it decided by the seed.
 *
 * <p>Everything that happens is an event of the {@link World}: faults to come are further events.
 */
final class Simulation {
  private static final long MILLISECOND = 1_000_000;
  private static final int MOST_EVENTS = 1_000_000;

  private final long seed;
  private final World world;
  private final Trace trace;
  private final Plant plant;
  private final Policy policy;
  private final SimulatedLoop headLoop;
  private final Head head;
  private final SimulatedClient client;
  private final List<SimulatedNode> nodes = new ArrayList<>();
  private final long cancelGrace;
  private long longest;

  Simulation(long seed, boolean recording, Plant plant) {
    this.seed = seed;
    this.world = new World(new SplittableRandom(seed));
    this.trace = new Trace(recording);
    this.plant = plant;
    this.policy =
        new Policy(world.percent(15), 1 << world.below(6), world.percent(10), Placement.bestFit());
    this.headLoop = new SimulatedLoop(world, this::afterHeadTask);
    this.head = new Head("simulated", headLoop, policy, CodeLibrary.NONE);
    this.client = new SimulatedClient(this);
    this.cancelGrace = world.scaled(MILLISECOND, 8);
    addNodes();
    addJobs();
  }

  World world() {
    return world;
  }

  SimulatedLoop headLoop() {
    return headLoop;
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

  Stream<SimulatedNode> nodes() {
    return nodes.stream();
  }

  long now() {
    return world.now();
  }

  void trace(Trace.What what, long job, long detail, Object... words) {
    trace.add(world.now(), what, job, detail, words);
  }

  // ---------------------------------------------------------------- what may happen

  private void addNodes() {
    int count = 1 + world.below(5);
    NodeEngine.Limits limits =
        new NodeEngine.Limits(policy.overtaking(), Scheduler.LOOKAHEAD, cancelGrace);
    for (int index = 0; index < count; index++) {
      SimulatedNode node = new SimulatedNode(this, index, randomOffer(index), limits);
      nodes.add(node);
      boolean late = index > 0 && !policy.closed() && world.percent(40);
      headLoop.at(late ? world.scaled(MILLISECOND, 8) : 0, node::join);
      if (index > 0 && world.percent(20)) {
        node.drainAt(world.scaled(MILLISECOND, 8));
      }
      for (int cuts = world.percent(30) ? 1 + world.below(4) : 0; cuts > 0; cuts--) {
        headLoop.at(world.scaled(MILLISECOND, 6), node::cut);
      }
    }
  }

  private Offer randomOffer(int index) {
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

  private void addJobs() {
    int count = 15 + world.below(60);
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
              duration, stubborn, world.percent(25), world.percent(15) ? world.below(4) : 0));
    }
    return new Plan(demand, limited ? world.scaled(10_000L << leastDoublings, 6) : 0, tries);
  }

  /** How many younger jobs may start before the oldest that waits, before it must be next. */
  int passingBound() {
    return 3 * policy.overtaking() + 16;
  }

  /** How long the oldest job may wait from then on. */
  long patience() {
    return 4 * (longest + cancelGrace) + 100 * MILLISECOND;
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
      nodes.forEach(SimulatedNode::checkIdle);
      checkHeadIdle();
    } catch (RuntimeException e) {
      throw new IllegalStateException("Seed %d: %s".formatted(seed, e.getMessage()), e);
    }
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
  }

  private void checkHeadIdle() {
    Counts counts = head.progress().counts();
    if (counts.queued() + counts.sent() + counts.running() > 0) {
      throw new IllegalStateException("the head is not idle: " + counts);
    }
  }
}
