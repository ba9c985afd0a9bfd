package dev.grain.sim;

import static dev.grain.resource.Resources.capacity;
import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.custom;
import static dev.grain.resource.Resources.customIds;
import static dev.grain.resource.Resources.gpu;
import static dev.grain.resource.Resources.gpuIds;
import static dev.grain.resource.Resources.memory;
import static dev.grain.resource.Resources.none;
import static dev.grain.resource.Resources.token;

import dev.grain.QueueOrder;
import dev.grain.Resource;
import dev.grain.node.EngineLimits;
import dev.grain.node.link.HeadSessionSettings;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Ids;
import dev.grain.resource.internal.Offer;
import dev.grain.schedule.Placement;
import dev.grain.schedule.Policy;
import dev.grain.schedule.Scheduler;
import dev.grain.session.SessionLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** What a seed makes up before anything happens: the limits, the nodes and the jobs. */
final class Scenario {
  /** A millisecond in nanoseconds. */
  static final long MILLISECOND = 1_000_000;

  private static final List<String> PORTS =
      List.of("8000,", "8001,", "8000-8001", "8003", "8001,8004");

  /** So that other seeds, and what else a seed decides, stay as they are. */
  private static final long OF_PRIORITIES = 0x5DEECE66DL;

  /** So that other seeds, and what else a seed decides, stay as they are. */
  private static final long OF_HEAPS = 0x2545F491L;

  private static final double[] PRIORITIES = {100, 100, 100, 300, 1, 12.5, 1e6};

  private final World world;
  // decides about priorities alone
  private final SplittableRandom priorities;
  private final boolean prioritized;
  private final Policy policy;
  private final boolean faithful;
  private final boolean journaled;
  private final int endless;
  private final Network.Manners manners;
  private final EngineLimits nodeLimits;
  private final long cancelGrace;
  private final HeadSessionSettings sessionSettings;
  // the source of what only commands need: it changes nothing of what else a seed makes up
  private final RandomGenerator ofCommands;
  // of a hundred jobs
  private final int commands;
  // decides about heaps alone
  private final SplittableRandom heaps;
  // of a hundred nodes, how many have less heap than memory
  private final int smallHeaps;
  private final List<Plan> plans = new ArrayList<>();
  private long longest;
  private long longestPause;

  Scenario(long seed, World world, RandomGenerator ofCommands) {
    this.world = world;
    this.ofCommands = ofCommands;
    this.commands = ofCommands.nextBoolean() ? 10 + ofCommands.nextInt(81) : 0;
    this.heaps = new SplittableRandom(seed ^ OF_HEAPS);
    this.smallHeaps = heaps.nextInt(100) < 40 ? 30 + heaps.nextInt(71) : 0;
    this.priorities = new SplittableRandom(seed ^ OF_PRIORITIES);
    this.prioritized = priorities.nextInt(100) < 30;
    boolean closed = world.percent(5);
    boolean strict = world.percent(15);
    boolean raffle = prioritized && !strict && priorities.nextBoolean();
    this.policy =
        new Policy(
                raffle ? QueueOrder.RAFFLE : strict ? QueueOrder.STRICT : QueueOrder.FIFO,
                1 << world.below(6),
                closed,
                Placement.bestFit())
            .withSeed(priorities.nextLong());
    this.faithful = closed || world.percent(40);
    this.journaled = world.percent(40);
    // of a hundred attempts; where some are endless, less is known of how long others may wait
    this.endless = world.percent(50) ? 3 : 0;
    this.manners = Network.Manners.random(world);
    this.nodeLimits = new EngineLimits(policy.overtaking(), Scheduler.LOOKAHEAD);
    this.cancelGrace = world.scaled(MILLISECOND, 8);
    this.sessionSettings = sessions();
  }

  /** Small limits, so that much that is rare in life happens often. */
  private HeadSessionSettings sessions() {
    SessionLimits limits =
        new SessionLimits(
            100 << world.below(6),
            SimulatedNode.LARGE,
            (SimulatedClient.MOST_BYTES + 100L) << world.below(6),
            1_000L << world.below(8),
            1 + world.below(40),
            100L << world.below(6),
            world.scaled(10_000, 8));
    // one that is cut off for less is back before it is over
    long grace =
        faithful
            ? 100_000 * MILLISECOND
            : manners.suspicion() + world.scaled(1_000 * MILLISECOND, 5);
    return new HeadSessionSettings(limits, SimulatedNode.LARGE, grace, grace);
  }

  Policy policy() {
    return policy;
  }

  /** Returns whether jobs have priorities, or are drawn, so that their age alone means little. */
  boolean isPrioritized() {
    return prioritized;
  }

  /** Returns whether no process is lost: then no job may run twice. */
  boolean isFaithful() {
    return faithful;
  }

  /** Returns whether the program has a journal; then it may be lost, and started again. */
  boolean isJournaled() {
    return journaled;
  }

  Network.Manners manners() {
    return manners;
  }

  EngineLimits nodeLimits() {
    return nodeLimits;
  }

  long cancelGrace() {
    return cancelGrace;
  }

  HeadSessionSettings sessionSettings() {
    return sessionSettings;
  }

  List<Plan> plans() {
    return plans;
  }

  /** Returns how long an attempt takes that nobody interrupts, at most. */
  long longest() {
    return longest;
  }

  /** Returns how long a job waits between two attempts, at most. */
  long longestPause() {
    return longestPause;
  }

  /** Makes up what a node has. */
  Offer offer(int index, int count) {
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
      offer = offer.withIds("PORT", Ids.parse(world.percent(50) ? "8000-8001" : "8000-8004"));
    }
    if (world.percent(30)) {
      offer = offer.withToken("licence");
    }
    if (world.percent(15)) {
      offer = offer.withCapacity(1 + world.below(4));
    }
    if (heaps.nextInt(100) < smallHeaps) {
      offer = offer.withHeap(heaps.nextLong((offer.memory() >> 30) + 1) << 30);
    }
    return offer;
  }

  /** Makes up jobs. */
  void addPlans(int count) {
    List<Resource> requests = new ArrayList<>();
    for (int left = 1 + world.below(8); left > 0; left--) {
      requests.add(request());
    }
    int leastDoublings = world.below(8);
    for (int left = count; left > 0; left--) {
      Demand demand = Demand.of(requests.get(world.below(requests.size())));
      plans.add(plan(demand, leastDoublings));
    }
  }

  private Resource request() {
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
      request =
          request.and(
              world.percent(20)
                  ? gpuIds(world.percent(50) ? "0" : "1")
                  : gpu(world.percent(50) ? 1 : 0.25 * (1 + world.below(7))));
    }
    if (world.percent(10)) {
      request = request.and(custom("SENSOR", 0.5 * (1 + world.below(4))));
    }
    if (world.percent(20)) {
      request =
          request.and(
              world.percent(50)
                  ? custom("PORT", 0.5 * (1 + world.below(4)))
                  : customIds("PORT", PORTS.get(world.below(PORTS.size()))));
    }
    if (world.percent(10)) {
      request = request.and(token("licence"));
    }
    if (world.percent(10)) {
      request = request.and(capacity(1));
    }
    return request;
  }

  private Plan plan(Demand demand, int leastDoublings) {
    boolean limited = world.percent(15);
    boolean killer = !faithful && world.percent(3);
    List<Plan.Try> tries = new ArrayList<>();
    for (int left = 1 + (world.percent(20) ? world.below(4) : 0); left > 0; left--) {
      boolean stubborn = world.percent(10);
      long duration =
          !stubborn && world.percent(endless)
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
              killer && duration != Plan.ENDLESS && world.percent(80),
              0));
    }
    boolean command = ofCommands.nextInt(100) < commands;
    if (command) {
      tries.replaceAll(this::ofCommand);
    }
    // of the jobs that may fail, some wait before the next attempt, and of some it is asked for
    int kind = tries.size() > 1 ? (int) (longest & 3) : 0;
    Plan plan =
        new Plan(
            command ? demand : demand.inHeap(),
            command,
            world.below(3),
            limited ? world.scaled(10_000L << leastDoublings, 6) : 0,
            tries,
            kind > 1 ? longest : 0,
            kind % 2 == 1,
            prioritized ? PRIORITIES[priorities.nextInt(PRIORITIES.length)] : 100,
            prioritized ? priorities.nextInt(4) : 0);
    longestPause = Math.max(longestPause, plan.longestPause());
    return plan;
  }

  /**
   * Returns what an attempt does as a command: it may ignore the request to stop, even if it would
   * never end, and what it does to its process is not done to the worker.
   */
  private Plan.Try ofCommand(Plan.Try call) {
    boolean stubborn = call.stubborn() || ofCommands.nextInt(100) < 40;
    boolean runaway = stubborn && endless > 0 && ofCommands.nextInt(100) < 30;
    return new Plan.Try(
        runaway ? Plan.ENDLESS : call.duration(),
        stubborn,
        call.fails(),
        call.prints(),
        false,
        1 + ofCommands.nextLong(1_000L << ofCommands.nextInt(16)));
  }
}
