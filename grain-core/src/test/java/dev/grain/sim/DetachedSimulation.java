package dev.grain.sim;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.memory;

import dev.grain.Attempt;
import dev.grain.Cause;
import dev.grain.QueueOrder;
import dev.grain.bytes.Bytes;
import dev.grain.dispatch.JobEnd;
import dev.grain.dispatch.JobTemplate;
import dev.grain.dispatch.StoredJob;
import dev.grain.head.DetachedClient;
import dev.grain.head.Head;
import dev.grain.head.HeadProbe;
import dev.grain.message.CodeRef;
import dev.grain.message.Message;
import dev.grain.message.Order;
import dev.grain.message.Work;
import dev.grain.node.link.HeadSessionSettings;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Offer;
import dev.grain.schedule.Placement;
import dev.grain.schedule.Policy;
import dev.grain.session.Frame;
import dev.grain.session.SessionLimits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Detached jobs: a store, the lives of a head one after the other, and workers, all of it decided
 * by the seed. The head may die at any step, and while the store commits.
 */
final class DetachedSimulation implements Story {
  private static final int MOST_EVENTS = 3_000_000;
  private static final int LEAST_JOBS = 10;
  private static final int MORE_JOBS = 40;
  private static final int MOST_NODES = 4;
  private static final int MOST_DEATHS = 4;

  /** Longer than anything in a simulation. */
  private static final long FOREVER = 100_000 * Scenario.MILLISECOND;

  private static final double[] PRIORITIES = {100, 300, 1, 12.5};

  private final World world;
  private final Trace trace;
  private final DetachedPlant plant;
  // no worker is waited for in vain, and none gives the head up
  private final boolean patient;
  // no worker dies, either
  private final boolean faithful;
  // in the end the head does not come back
  private final boolean forsaken;
  private final Policy policy;
  private final HeadSessionSettings sessionSettings;
  private final long patience;
  private final long orphansMillis;
  private final long cancelGrace;
  private final Network network;
  private final SimulatedStore store;
  private final List<DetachedMachine> machines = new ArrayList<>();
  private final List<Known> jobs = new ArrayList<>();
  private int lives;
  private DetachedHead head;
  private boolean over;
  private long diedAt;
  private long checked;

  /** What is known of a job outside of the head. */
  private static final class Known {
    final long number;
    final Plan plan;
    final boolean heldAtFirst;
    boolean cancelled;
    boolean ended;
    // the attempts that run, that have started, and that have ended by failing
    final Set<Integer> running = new HashSet<>();
    final Set<Integer> started = new HashSet<>();
    final Set<Integer> failed = new HashSet<>();
    final Set<Bytes> printed = new HashSet<>();

    Known(long number, Plan plan, boolean heldAtFirst) {
      this.number = number;
      this.plan = plan;
      this.heldAtFirst = heldAtFirst;
    }

    @Override
    public String toString() {
      return "job " + number;
    }
  }

  DetachedSimulation(long seed, Size size, boolean recording, DetachedPlant plant) {
    this.world = new World(new SplittableRandom(~seed));
    this.trace = new Trace(recording);
    this.plant = plant;
    this.patient = world.percent(70);
    this.faithful = patient && world.percent(60);
    this.forsaken = world.percent(25);
    boolean strict = world.percent(15);
    this.policy =
        new Policy(
                strict
                    ? QueueOrder.STRICT
                    : world.percent(30) ? QueueOrder.RAFFLE : QueueOrder.FIFO,
                1 << world.below(6),
                false,
                Placement.bestFit())
            .withSeed(seed);
    this.cancelGrace = world.scaled(Scenario.MILLISECOND, 6);
    Network.Manners manners = Network.Manners.random(world);
    this.sessionSettings = sessions();
    this.patience =
        patient ? FOREVER : manners.suspicion() + world.scaled(10 * Scenario.MILLISECOND, 8);
    this.orphansMillis = patient ? FOREVER / Scenario.MILLISECOND : 1 + world.below(10_000);
    this.network = new Network(world, manners, this::onArrival);
    this.store = new SimulatedStore(world, new Ends());
    int nodes = size.nodes() > 0 ? size.nodes() : 1 + world.below(MOST_NODES);
    for (int index = 1; index <= nodes; index++) {
      addMachine(index);
    }
    int count = size.jobs() > 0 ? size.jobs() : LEAST_JOBS + world.below(MORE_JOBS);
    for (int number = 1; number <= count; number++) {
      addJob(number);
    }
    this.head = start();
    addDeaths();
  }

  /** Small limits; a node may give a session up long before the head does. */
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
    long grace = world.scaled(Scenario.MILLISECOND, 12);
    return new HeadSessionSettings(
        limits, SimulatedNode.LARGE, grace, Math.min(grace, world.scaled(10_000, 12)));
  }

  private void addMachine(int index) {
    int[] cores = new int[1 + world.below(4)];
    Arrays.setAll(cores, core -> core);
    Offer offer = Offer.EMPTY.withCores(cores).withMemory(4L << 30);
    DetachedMachine machine = new DetachedMachine(this, index, offer, world.percent(50));
    machines.add(machine);
    world.at(world.percent(40) ? world.scaled(Scenario.MILLISECOND, 8) : 0, machine::start);
    for (int left = world.below(4); left > 0; left--) {
      long time = world.scaled(Scenario.MILLISECOND, 9);
      long duration = world.scaled(100_000, 14);
      switch (world.below(faithful ? 4 : 7)) {
        case 0 -> world.at(time, () -> machine.cut(true, duration));
        case 1 -> world.at(time, () -> machine.cut(false, duration));
        case 2 -> world.at(time, () -> machine.freeze(duration));
        case 3 -> world.at(time, () -> machine.drain(false));
        case 4 -> world.at(time, () -> machine.drain(true));
        default -> world.at(time, () -> machine.crash(duration));
      }
    }
  }

  private void addJob(int number) {
    int cores = machines.stream().mapToInt(each -> each.offer().coreCount()).max().orElseThrow();
    Demand demand =
        switch (world.below(5)) {
          case 0 -> Demand.of(cpu((1 + world.below(9)) / 10.0));
          case 1 -> Demand.of(cpu(1).and(memory(1L << 30)));
          case 2 -> Demand.of(cpu(1 + world.below(cores)));
          default -> Demand.of(cpu(1));
        };
    boolean command = world.percent(50);
    List<Plan.Try> tries = new ArrayList<>();
    for (int left = world.percent(30) ? 1 + world.below(3) : 0; left > 0; left--) {
      tries.add(attempt(true, command));
    }
    tries.add(attempt(world.percent(10), command));
    double priority = world.percent(20) ? 300 : 100;
    Order.Spec spec = spec(demand, command);
    Plan plan =
        new Plan(
            spec.demand(),
            command,
            0,
            0,
            tries,
            world.percent(30) ? world.scaled(1_000, 12) : 0,
            false,
            priority,
            world.below(4));
    Known job = new Known(number, plan, world.percent(10));
    jobs.add(job);
    StoredJob stored =
        new StoredJob(
            number,
            new JobTemplate(spec, plan.retries(), priority),
            priority,
            plan.line(),
            SimulatedClient.bytes(number, 0, 0),
            0,
            null,
            List.of(),
            0,
            job.heldAtFirst,
            false);
    long time = world.scaled(10_000, 14);
    world.at(time, () -> submit(job, stored));
    if (world.percent(12)) {
      world.at(time + world.scaled(10_000, 14), () -> cancel(job));
    }
    if (world.percent(15)) {
      double other = PRIORITIES[world.below(PRIORITIES.length)];
      ask(
          time + world.scaled(10_000, 12),
          job,
          client -> store.reprioritize(number, other, () -> client.reprioritize(number, other)));
    }
    if (world.percent(15)) {
      long holds = time + world.scaled(10_000, 12);
      ask(holds, job, client -> store.hold(number, true, () -> client.hold(number)));
      ask(
          holds + world.scaled(10_000, 12),
          job,
          client -> store.hold(number, false, () -> client.resume(number)));
    }
  }

  private Plan.Try attempt(boolean fails, boolean command) {
    return new Plan.Try(
        world.scaled(1_000, 15),
        world.percent(5),
        fails,
        world.percent(30) ? world.below(4) : 0,
        world.percent(2),
        command ? world.scaled(1_000, 8) : 0);
  }

  private Order.Spec spec(Demand demand, boolean command) {
    Order.Setting setting =
        world.percent(50)
            ? Order.Setting.OWN
            : new Order.Setting(
                new CodeRef.Bundle(Bytes.of(new byte[] {(byte) (1 + world.below(3))})));
    Work work = command ? new Work.Command(Bytes.empty()) : new Work.Call(Bytes.empty(), false);
    return new Order.Spec("", demand, new Order.Limits(0, cancelGrace), work, setting);
  }

  // ---------------------------------------------------------------- what people do

  /** Submits it again and again, until the store has it. */
  private void submit(Known job, StoredJob stored) {
    if (store.knows(job.number)) {
      return;
    }
    if (head.isAlive()) {
      trace(Trace.What.SUBMITTED, job.number, 0, job.plan);
      DetachedClient client = head.client();
      store.submit(stored, () -> client.start(stored));
    }
    world.after(50 * Scenario.MILLISECOND, () -> submit(job, stored));
  }

  private void cancel(Known job) {
    if (!store.knows(job.number) || !head.isAlive()) {
      world.after(20 * Scenario.MILLISECOND, () -> cancel(job));
      return;
    }
    trace(Trace.What.CANCELLED, job.number, 0);
    job.cancelled = true;
    DetachedClient client = head.client();
    store.cancel(job.number, () -> client.cancel(job.number));
  }

  private void ask(long time, Known job, Consumer<DetachedClient> action) {
    world.at(
        time,
        () -> {
          if (head.isAlive() && store.knows(job.number)) {
            action.accept(head.client());
          }
        });
  }

  // ---------------------------------------------------------------- lives of the head

  private DetachedHead start() {
    DetachedHead life = new DetachedHead(this, ++lives);
    head = life;
    trace(Trace.What.JOINED, -1, lives, life.life());
    life.begin(
        machines.stream().filter(each -> !each.dials()).map(DetachedMachine::address).toList());
    return life;
  }

  private void addDeaths() {
    for (int left = world.below(MOST_DEATHS); left > 0; left--) {
      if (world.percent(50)) {
        world.at(world.scaled(Scenario.MILLISECOND, 9), this::kill);
      } else {
        long tasks = 1L + world.below(1 << (2 + world.below(9)));
        world.at(world.scaled(10_000, 15), () -> head.dieAfter(tasks));
      }
    }
    if (world.percent(60)) {
      store.duringCommit(1 + world.below(60), this::kill);
    }
  }

  /** The process of the head is killed, and started again later. */
  void kill() {
    if (head.isAlive() && !over) {
      trace(Trace.What.CRASHED, -1, lives, head.life());
      head.die();
      store.crash();
      world.after(world.scaled(100_000, faithful ? 14 : 16), this::start);
    }
  }

  World world() {
    return world;
  }

  @Override
  public Trace trace() {
    return trace;
  }

  void trace(Trace.What what, long job, long detail, Object... words) {
    trace.add(world.now(), what, job, detail, words);
  }

  DetachedPlant plant() {
    return plant;
  }

  SimulatedStore store() {
    return store;
  }

  Network network() {
    return network;
  }

  Policy policy() {
    return policy;
  }

  HeadSessionSettings sessionSettings() {
    return sessionSettings;
  }

  long patience() {
    return patience;
  }

  long orphansMillis() {
    return orphansMillis;
  }

  /** Returns whether no worker dies, and none is waited for in vain: then nothing runs twice. */
  boolean isFaithful() {
    return faithful;
  }

  /** Returns the last life of the head. */
  DetachedHead head() {
    return head;
  }

  // ---------------------------------------------------------------- what happens

  private void onArrival(Network.Host receiver, Frame frame) {
    if (receiver != head.process() && frame instanceof Frame.Messages(long _, var messages)) {
      for (Message message : messages) {
        if (faithful && message instanceof Message.Settled(long number, int attempt)) {
          ensure(
              store.isOver(number / 2, attempt),
              "job",
              number / 2,
              "is settled, and the end of attempt",
              attempt,
              "is not in the store");
        }
      }
    }
  }

  /** A worker starts an attempt; returns its plan. */
  Plan onStarted(Order order, DetachedMachine machine) {
    Known job = job(order.job());
    int attempt = order.attempt();
    ensure(order.run().equals(DetachedHead.ID), job, "is of the run", order.run());
    ensure(order.input().equals(SimulatedClient.bytes(job.number, 0, 0)), job, "arguments");
    ensure(store.attempt(job.number) >= attempt, job, "runs attempt", attempt, "before it is kept");
    ensure(job.started.add(attempt), job, "starts attempt", attempt, "again");
    ensure(!patient || job.running.isEmpty(), job, "runs twice: attempts", job.running, attempt);
    if (faithful) {
      ensure(job.failed.size() + 1 == job.started.size(), job, "runs again", job.started);
      ensure(!store.hasEnded(job.number), job, "runs after its end");
    }
    job.running.add(attempt);
    return job.plan;
  }

  /** An attempt has ended on its worker, or with it. */
  void onStopped(Order order, boolean failed) {
    Known job = job(order.job());
    job.running.remove(order.attempt());
    if (failed) {
      job.failed.add(order.attempt());
    }
  }

  /** A worker has given the head up. */
  void onAbandoned() {
    ensure(!patient || over, "a worker gives up a head that it has to wait for");
    ensure(
        !over || world.now() - diedAt >= orphansMillis * Scenario.MILLISECOND,
        "a worker gives up a head too early");
  }

  private Known job(long number) {
    return jobs.get((int) number - 1);
  }

  /** What is certain. */
  private final class Ends implements SimulatedStore.Ends {
    @Override
    public void ended(long number, int attempt, JobEnd end) {
      Known job = job(number);
      ensure(!job.ended, job, "ended again:", end);
      job.ended = true;
      trace(Trace.What.ENDED, number, attempt, end);
      Plan.Try last = job.plan.attempt(attempt);
      switch (end) {
        case JobEnd.Returned returned -> {
          ensure(!last.fails(), job, "returned, but throws");
          ensure(returned.attempt() == attempt, job, "returned in another attempt");
          ensure(
              returned.value().equals(SimulatedClient.bytes(number, attempt, 0)),
              job,
              "returned something else");
        }
        case JobEnd.Threw(Bytes _, String _, List<Attempt> attempts) -> {
          ensure(last.fails(), job, "threw, but returns");
          long failures = count(attempts, Cause.FAILED);
          ensure(
              failures == job.plan.tries().size() || job.cancelled,
              job,
              "was not run again:",
              attempts);
        }
        case JobEnd.Ended ended ->
            ensure(
                (ended.cause() == Cause.CANCELLED && job.cancelled)
                    || (ended.cause() == Cause.LOST && count(ended.attempts(), Cause.LOST) >= 3),
                job,
                "ended for no reason:",
                end);
      }
    }

    private static long count(List<Attempt> attempts, Cause cause) {
      return attempts.stream()
          .filter(each -> each.failure().stream().anyMatch(cause::equals))
          .count();
    }

    @Override
    public void printed(long number, int attempt, Bytes text) {
      Known job = job(number);
      boolean note = text.utf8().startsWith("[...");
      ensure(note || job.printed.add(text), job, "printed twice");
    }
  }

  /** Checks the accounting of the head after each of its passes. */
  void checkHead(Head checkedHead) {
    long made = HeadProbe.passes(checkedHead);
    if (made != checked) {
      checked = made;
      checkedHead.checkInvariants();
    }
  }

  // ---------------------------------------------------------------- running

  @Override
  public void run() {
    try {
      runUntilQuiet();
      store.duringCommit(0, () -> {});
      // again if the head has died before that was certain
      for (int left = MOST_DEATHS; left > 0 && jobs.stream().anyMatch(job -> !job.ended); left--) {
        resumeAll();
        runUntilQuiet();
      }
      for (Known job : jobs) {
        ensure(job.ended, job, "did not end");
        ensure(job.running.isEmpty(), job, "still runs");
      }
      ensure(HeadProbe.jobs(head.client()) == 0, "the head still has jobs");
      workers().forEach(DetachedWorker::checkIdle);
      over = true;
      if (forsaken) {
        forsake();
      } else {
        head.leave();
        machines.forEach(each -> Objects.requireNonNull(each.life()).stopDialing());
      }
      runUntilQuiet();
      workers().forEach(DetachedWorker::checkLeft);
    } catch (RuntimeException | AssertionError e) {
      throw new IllegalStateException(String.valueOf(e.getMessage()), e);
    }
  }

  private void resumeAll() {
    for (Known job : jobs) {
      if (!job.ended) {
        DetachedClient client = head.client();
        store.hold(job.number, false, () -> client.resume(job.number));
      }
    }
  }

  /** The head dies while a job runs that does not end, and does not come back. */
  private void forsake() {
    long number = jobs.size() + 1L;
    Plan.Try endless = new Plan.Try(Plan.ENDLESS, false, false, 0, false, 0);
    Plan plan = new Plan(Demand.of(cpu(1)), true, 0, 0, List.of(endless), 0, false, 100, 0);
    jobs.add(new Known(number, plan, false));
    Order.Spec spec =
        new Order.Spec(
            "",
            plan.demand(),
            new Order.Limits(0, cancelGrace),
            new Work.Command(Bytes.empty()),
            Order.Setting.OWN);
    StoredJob stored =
        new StoredJob(
            number, new JobTemplate(spec, plan.retries()), SimulatedClient.bytes(number, 0, 0));
    DetachedClient client = head.client();
    store.submit(stored, () -> client.start(stored));
    world.after(
        500 * Scenario.MILLISECOND,
        () -> {
          diedAt = world.now();
          head.die();
          store.crash();
          workers().forEach(DetachedWorker::stopDialing);
        });
    while (world.now() < diedAt + 1 || head.isAlive()) {
      world.step();
    }
    ensure(!job(number).running.isEmpty(), job(number), "does not run");
  }

  private Stream<DetachedWorker> workers() {
    return machines.stream().map(DetachedMachine::life).filter(Objects::nonNull);
  }

  private void runUntilQuiet() {
    int left = MOST_EVENTS;
    while (world.step()) {
      if (--left == 0) {
        throw new IllegalStateException("it does not come to an end");
      }
    }
  }

  private static void ensure(boolean condition, Object... words) {
    if (!condition) {
      throw new IllegalStateException(
          Arrays.stream(words).map(String::valueOf).collect(Collectors.joining(" ")));
    }
  }
}
