package dev.grain.sim;

import dev.grain.Allocation;
import dev.grain.bytes.Bytes;
import dev.grain.head.NodeSession;
import dev.grain.message.AttemptEnd;
import dev.grain.message.MemoryLink;
import dev.grain.message.Order;
import dev.grain.message.Work;
import dev.grain.node.CodeAccess;
import dev.grain.node.EngineLimits;
import dev.grain.node.Equipment;
import dev.grain.node.JobRunner;
import dev.grain.node.NodeEngine;
import dev.grain.node.NodeProbe;
import dev.grain.node.Runners;
import dev.grain.node.link.HeadLink;
import dev.grain.node.link.HeadObserver;
import dev.grain.node.link.HeadSessions;
import dev.grain.node.link.LinkProbe;
import dev.grain.node.prepare.Logins;
import dev.grain.resource.internal.Demand;
import dev.grain.wire.Acceptor;
import dev.grain.wire.Connection;
import dev.grain.wire.Connection.ConnectionHandler;
import dev.grain.wire.Connection.Down;
import dev.grain.wire.Hello;
import dev.grain.wire.Hello.Role;
import java.net.SocketAddress;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One life of a worker: the real engine and sessions, with jobs that follow their plans. */
final class SimulatedNode {
  /** From how many bytes on a value goes in chunks. */
  static final int LARGE = 150;

  private final Simulation simulation;
  private final World world;
  private final Machine machine;
  private final SimulatedLoop loop;
  private final Network.Host process;
  private final NodeEngine engine;
  private final HeadSessions sessions;
  private final Usage usage;
  private final String incarnation;
  private final Set<RunningAttempt> running = new LinkedHashSet<>();
  // the last one that had the node to itself
  private @Nullable RunningAttempt lastAlone;
  // the life of the program that it has joined last
  private @Nullable Program joined;

  SimulatedNode(Simulation simulation, Machine machine, int life) {
    this.simulation = simulation;
    this.world = simulation.world();
    this.machine = machine;
    this.incarnation = machine.name() + "/" + life;
    this.usage = new Usage(machine.offer());
    boolean embedded = machine.index() == 0;
    this.loop =
        embedded ? simulation.program().loop() : new SimulatedLoop(world, this::checkEngine);
    this.process =
        embedded
            ? simulation.program().process()
            : simulation.network().new Host(machine.index() + 1, loop);
    this.engine = new NodeEngine(machine.name(), machine.offer(), loop, limits());
    this.sessions =
        new HeadSessions(
            engine,
            loop,
            simulation.scenario().sessionSettings(),
            this::hello,
            this::equip,
            new Heads());
  }

  private EngineLimits limits() {
    EngineLimits stated = simulation.scenario().nodeLimits();
    return new EngineLimits(simulation.plant().overtaking(stated.overtaking()), stated.lookahead());
  }

  Network.Host process() {
    return process;
  }

  boolean hasJoined(Program program) {
    return joined == program;
  }

  void begin() {
    if (machine.index() == 0) {
      loop.post(this::join);
    } else if (machine.dials()) {
      loop.post(() -> sessions.dial(process, simulation.program().process().address()));
    } else {
      process.listen(this::accept);
    }
  }

  /** Joins the head of its own process; on their loop. */
  private void join() {
    Program program = simulation.program();
    joined = program;
    Equipment equipment =
        new Equipment(
            runners(program),
            CodeAccess.OWN,
            new SimulatedPreparations(world, loop, machine),
            () -> {});
    HeadLink node = new HeadLink(engine, (_, _) -> equipment, Long.MAX_VALUE);
    NodeSession session =
        program
            .head()
            .join(
                machine.name(),
                machine.offer(),
                new MemoryLink<>(loop, node::received, node::batchEnded));
    node.open(new MemoryLink<>(loop, session::receive, session::batchEnded));
  }

  private Hello hello() {
    Hello hello =
        Hello.of(Role.WORKER, "simulated", "none")
            .withIncarnation(incarnation)
            .withName(machine.name())
            .withOffer(machine.offer().encode());
    if (machine.ends()) {
      hello = hello.withRemaining(machine.remainingMillis());
    }
    return machine.dials() ? hello : hello.withListen(machine.address().port());
  }

  private Acceptor.Answer accept(Hello peer, SocketAddress from) {
    return peer.role() == Role.HEAD
        ? sessions.accept(peer, from.toString())
        : new Acceptor.Answer.Accept(hello(), new Inspection());
  }

  private static final class Inspection implements ConnectionHandler {
    @Override
    public void up(Connection connection, Hello peer) {
      connection.close();
    }

    @Override
    public void down(Down why) {}
  }

  private Equipment equip(String run, Logins logins) {
    Neighbour neighbour = simulation.neighbour();
    if (neighbour != null && run.equals(Neighbour.RUN)) {
      return new Equipment(
          Runners.NONE.with(Work.Kind.CALL, runner(neighbour)), CodeAccess.OWN, () -> {});
    }
    Program program = simulation.program(run);
    return new Equipment(
        runners(program),
        new SimulatedCode(world, loop, machine),
        new SimulatedPreparations(world, loop, machine),
        () -> {});
  }

  /** Traces what becomes of heads, each of which has one run of the same name. */
  private final class Heads implements HeadObserver {
    @Override
    public void joined(String run, String from) {
      if (!run.equals(Neighbour.RUN)) {
        joined = simulation.program(run);
      }
    }

    @Override
    public void suspended(String run, String from, long nanos, String why) {
      simulation.trace(Trace.What.SUSPENDED, machine.index(), nanos, machine.name(), why);
    }

    @Override
    public void resumed(String run, String from) {
      simulation.trace(Trace.What.RESUMED, machine.index(), 0, machine.name());
      if (run.equals(Neighbour.RUN)) {
        return;
      }
      Program program = simulation.program(run);
      program.loop().post(() -> simulation.plant().onResumed(program.head(), machine.name()));
    }

    @Override
    public void left(String run, String from, String why) {
      simulation.trace(Trace.What.LEFT, machine.index(), 0, machine.name(), why);
    }

    @Override
    public void missed(String why) {}
  }

  void stopDialing() {
    loop.post(sessions::stopDialing);
  }

  void drain() {
    loop.post(() -> engine.drain(() -> {}));
  }

  /** Its process is gone. */
  void die() {
    process.kill();
    running.forEach(RunningAttempt::vanish);
    running.clear();
    if (lastAlone != null) {
      lastAlone.tellDeath();
    }
  }

  void checkEngine() {
    engine.checkInvariants();
  }

  /** Checks that nothing runs and everything is free, and that everything is delivered. */
  void checkIdle() {
    engine.checkInvariants();
    if (engine.startedCount() > 0 || !usage.isEmpty()) {
      throw new IllegalStateException(machine.name() + " is not idle: " + engine.started());
    }
    if (!LinkProbe.isDelivered(sessions)) {
      throw new IllegalStateException(machine.name() + " has something to tell the head");
    }
  }

  /** Checks that the end of the run has left nothing. */
  void checkLeft() {
    if (sessions.count() > 0) {
      throw new IllegalStateException(machine.name() + " still has a session");
    }
  }

  private Runners runners(Program program) {
    JobRunner runner = runner(program);
    return Runners.NONE.with(Work.Kind.CALL, runner).with(Work.Kind.COMMAND, runner);
  }

  private JobRunner runner(Program program) {
    return (order, allocation, _, events) -> {
      if (machine.failsToStart()) {
        program.client().onRefused(order);
        simulation.trace(Trace.What.REFUSED, order.job(), order.attempt(), "on", machine.name());
        world.after(
            world.scaled(1_000, 6),
            () -> loop.whenAlive(() -> events.notRun(new AttemptEnd.Unable("it has no thread"))));
        return () -> {};
      }
      return start(program, order, allocation, events);
    };
  }

  private JobRunner runner(Neighbour neighbour) {
    return (order, allocation, _, events) -> {
      usage.add(Neighbour.RUN, order, allocation);
      simulation.trace(
          Trace.What.STARTED, order.job(), machine.index(), "of the neighbour", allocation);
      return neighbour.start(loop, usage, order, events);
    };
  }

  /** Returns whether a job with the demand would start if it came. */
  boolean hasRoom(Demand demand) {
    return engine.hasRoom(demand);
  }

  private JobRunner.Running start(
      Program program, Order order, Allocation allocation, JobRunner.Events events) {
    Plan plan = program.client().onStarted(order, machine);
    Demand demand = order.spec().demand();
    if (!demand.equals(plan.demand()) || !allocation.node().equals(machine.name())) {
      throw new IllegalStateException(demand + " is not what was asked for: " + plan.demand());
    }
    usage.add(program.run(), order, allocation);
    simulation.trace(
        Trace.What.STARTED,
        order.job(),
        order.attempt() * 100L + machine.index(),
        "attempt",
        order.attempt(),
        allocation);
    simulation.plant().onStarted(engine, order.job());
    RunningAttempt attempt =
        new RunningAttempt(program, order, plan.attempt(order.attempt()), events);
    running.add(attempt);
    if (order.alone()) {
      lastAlone = attempt;
    }
    return attempt;
  }

  /** An attempt that runs, as a thread of its own would, or a process. */
  private final class RunningAttempt implements JobRunner.Running {
    private final Program program;
    private final Order order;
    private final Plan.Try plan;
    private final JobRunner.Events events;
    private boolean ended;
    private boolean told;
    private long toldAt;
    private boolean killed;
    private int printed;

    RunningAttempt(Program program, Order order, Plan.Try plan, JobRunner.Events events) {
      this.program = program;
      this.order = order;
      this.plan = plan;
      this.events = events;
      printLater();
      after(plan.duration(), () -> end(plan.fails()));
    }

    /**
     * Does something later, unless it has ended by then; nothing while the process stands still.
     */
    private void after(long delay, Runnable action) {
      world.after(
          delay,
          () -> {
            long wait = loop.stillUntil() - world.now();
            if (!ended && wait > 0) {
              after(wait, action);
            } else if (!ended) {
              action.run();
            }
          });
    }

    private void printLater() {
      if (printed < plan.prints()) {
        after(world.random().nextLong(plan.duration()), this::print);
      }
    }

    private void print() {
      simulation.trace(Trace.What.PRINTED, order.job(), printed, printed);
      events.printed(SimulatedClient.text(order.job(), order.attempt(), printed++), false);
      printLater();
    }

    @Override
    public void stop() {
      simulation.trace(Trace.What.INTERRUPTED, order.job(), machine.index(), "on", machine.name());
      told = true;
      toldAt = world.now();
      if (!plan.stubborn()) {
        after(world.scaled(1_000, 10), () -> end(true));
      }
      if (canBeKilled()) {
        ensureKilledAt(toldAt + grace() + SimulatedLoop.MOST_LATENESS);
      }
      simulation.plant().onStop(engine, order);
    }

    @Override
    public boolean kill() {
      simulation.plant().onGraceOver(engine, order);
      if (!canBeKilled()) {
        return false;
      }
      ensure(told && world.now() - toldAt >= grace(), "was killed before its grace was over");
      if (!ended && !killed) {
        killed = true;
        simulation.trace(Trace.What.KILLED, order.job(), machine.index(), "on", machine.name());
        after(plan.dying(), () -> end(true));
      }
      return true;
    }

    private boolean canBeKilled() {
      return order.spec().work().kind() == Work.Kind.COMMAND;
    }

    private long grace() {
      return order.spec().limits().cancelGrace();
    }

    /** Checks that it is killed or has ended by then, or soon after its process stood still. */
    private void ensureKilledAt(long time) {
      world.at(
          time,
          () -> {
            if (!ended && !killed) {
              long later = loop.stillUntil() + SimulatedLoop.MOST_LATENESS;
              ensure(later > world.now(), "was told to stop, and not killed after its grace");
              ensureKilledAt(later);
            }
          });
    }

    private void ensure(boolean condition, String otherwise) {
      if (!condition) {
        throw new IllegalStateException("job " + order.job() + " " + otherwise);
      }
    }

    /** Its process is gone, which it had to itself, at least as far as the head knows. */
    void tellDeath() {
      program.client().onDeathAlone(order);
    }

    /** Its process is gone. */
    void vanish() {
      ended = true;
      program.client().onStopped(order, true);
    }

    private void end(boolean throwing) {
      if (plan.kills() && machine.index() > 0) {
        long downtime = world.scaled(1_000_000, 6);
        simulation.onOutage(downtime);
        machine.crash(downtime);
        return;
      }
      ended = true;
      running.remove(this);
      usage.remove(program.run(), order.job());
      program.client().onStopped(order, false);
      simulation.trace(
          Trace.What.STOPPED, order.job(), throwing ? 1 : 0, throwing ? "threw" : "returned");
      Bytes reply = SimulatedClient.bytes(order.job(), order.attempt(), printed);
      ensure(NodeProbe.holdsSlots(engine, order), "had no slots any more before its end was told");
      events.ended(
          throwing ? new AttemptEnd.Failure(reply, "failed") : new AttemptEnd.Value(reply));
      ensure(!NodeProbe.holdsSlots(engine, order), "has slots after its end was told");
    }
  }
}
