package dev.grain.sim;

import dev.grain.Allocation;
import dev.grain.bytes.Bytes;
import dev.grain.message.AttemptEnd;
import dev.grain.message.CodeRef;
import dev.grain.message.Order;
import dev.grain.message.Work;
import dev.grain.node.CodeAccess;
import dev.grain.node.EngineLimits;
import dev.grain.node.Equipment;
import dev.grain.node.JobRunner;
import dev.grain.node.NodeEngine;
import dev.grain.node.Runners;
import dev.grain.node.link.HeadObserver;
import dev.grain.node.link.HeadSessions;
import dev.grain.node.link.LinkProbe;
import dev.grain.schedule.Scheduler;
import dev.grain.wire.Acceptor;
import dev.grain.wire.Connection;
import dev.grain.wire.Connection.ConnectionHandler;
import dev.grain.wire.Connection.Down;
import dev.grain.wire.Hello;
import dev.grain.wire.Hello.Role;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One life of a worker that runs detached jobs, as their plans say. */
final class DetachedWorker {
  private final DetachedSimulation simulation;
  private final World world;
  private final DetachedMachine machine;
  private final String incarnation;
  private final SimulatedLoop loop;
  private final Network.Host process;
  private final NodeEngine engine;
  private final HeadSessions sessions;
  private final Usage usage;
  private final Set<RunningAttempt> running = new LinkedHashSet<>();
  private boolean draining;

  DetachedWorker(DetachedSimulation simulation, DetachedMachine machine, String incarnation) {
    this.simulation = simulation;
    this.world = simulation.world();
    this.machine = machine;
    this.incarnation = incarnation;
    this.usage = new Usage(machine.offer());
    this.loop = new SimulatedLoop(world, this::afterTask);
    this.process = simulation.network().new Host(machine.index() + 1, loop);
    this.engine =
        new NodeEngine(
            machine.name(),
            machine.offer(),
            loop,
            new EngineLimits(simulation.policy().overtaking(), Scheduler.LOOKAHEAD));
    this.sessions =
        new HeadSessions(
            engine,
            loop,
            simulation.sessionSettings(),
            this::hello,
            (_, _) ->
                new Equipment(
                    Runners.NONE
                        .with(Work.Kind.CALL, this::start)
                        .with(Work.Kind.COMMAND, this::start),
                    new FetchedCode(),
                    () -> {}),
            new Heads());
  }

  Network.Host process() {
    return process;
  }

  void begin() {
    if (machine.dials()) {
      loop.post(() -> sessions.dial(process, simulation.head().process().address()));
    } else {
      process.listen(this::accept);
    }
  }

  private Hello hello() {
    Hello hello =
        Hello.of(Role.WORKER, "simulated", "none")
            .withIncarnation(incarnation)
            .withName(machine.name())
            .withOffer(machine.offer().encode());
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

  /** Traces what becomes of heads. */
  private final class Heads implements HeadObserver {
    @Override
    public void joined(String head, String from) {
      simulation.trace(Trace.What.RESUMED, machine.index(), 1, machine.name(), "with", head);
    }

    @Override
    public void suspended(String head, String from, long nanos, String why) {
      simulation.trace(Trace.What.SUSPENDED, machine.index(), nanos, machine.name(), why);
    }

    @Override
    public void resumed(String head, String from) {
      simulation.trace(Trace.What.RESUMED, machine.index(), 0, machine.name());
    }

    @Override
    public void left(String head, String from, String why) {
      simulation.trace(Trace.What.LEFT, machine.index(), 0, machine.name(), why);
    }

    @Override
    public void abandoned(String head, String from, int jobs) {
      simulation.trace(Trace.What.LEFT, machine.index(), jobs, machine.name(), "gives up", head);
      simulation.onAbandoned();
    }

    @Override
    public void drainWanted(String head, String from, boolean stop) {
      loop.post(() -> {
        drain();
        if (stop) {
          leave();
        }
      });
    }

    @Override
    public void missed(String why) {}
  }

  private void drain() {
    draining = true;
    simulation.trace(Trace.What.LEFT, machine.index(), 0, machine.name(), "drains");
    String goodbye = "told to end";
    engine.drain(() -> sessions.leaveWhenDelivered(goodbye, () -> machine.onEnded(this)));
  }

  private void leave() {
    sessions.leave("told to end at once");
    machine.onEnded(this);
  }

  void stopDialing() {
    loop.post(sessions::stopDialing);
  }

  /** Its process is gone. */
  void die() {
    process.kill();
    running.forEach(RunningAttempt::vanish);
    running.clear();
  }

  private void afterTask() {
    simulation.plant().onWorkerTask(sessions);
    engine.checkInvariants();
  }

  /** Returns how many attempts run. */
  int runningCount() {
    return running.size();
  }

  /** Checks that nothing runs and everything is free, and that everything is settled. */
  void checkIdle() {
    engine.checkInvariants();
    ensure(engine.startedCount() == 0 && usage.isEmpty(), "is not idle: " + engine.started());
    ensure(LinkProbe.isDelivered(sessions), "has something that the head has not settled");
    ensure(sessions.orphanedCount() == 0, "keeps jobs of a head that is there");
    ensure(!draining, "has nothing any more, and does not end");
  }

  /** Checks that the end of the head has left nothing. */
  void checkLeft() {
    ensure(sessions.count() == 0, "still has a session");
    ensure(sessions.orphanedCount() == 0, "keeps jobs of a head that is gone");
    ensure(engine.startedCount() == 0, "still runs jobs of a head that is gone");
  }

  private void ensure(boolean condition, String otherwise) {
    if (!condition) {
      throw new IllegalStateException(machine.name() + " " + otherwise);
    }
  }

  /** Code that has to come from the head. */
  private static final class FetchedCode implements CodeAccess {
    private final Set<CodeRef> ready = new HashSet<>();
    private final Map<Bytes, Consumer<@Nullable AttemptEnd>> waiting = new HashMap<>();

    @Override
    public boolean isReady(CodeRef code) {
      return code instanceof CodeRef.Own || ready.contains(code);
    }

    @Override
    public void prepare(CodeRef code, Ask ask, Consumer<@Nullable AttemptEnd> whenDone) {
      Bytes hash = ((CodeRef.Bundle) code).hash();
      waiting.put(hash, whenDone);
      ask.ask(hash);
    }

    @Override
    public void onContent(Bytes hash, Bytes content) {
      ready.add(new CodeRef.Bundle(hash));
      Consumer<@Nullable AttemptEnd> whenDone = waiting.remove(hash);
      if (whenDone != null) {
        whenDone.accept(null);
      }
    }

    @Override
    public void onMissing(Bytes hash, String reason) {
      throw new IllegalStateException(reason);
    }

    @Override
    public void close() {}
  }

  private JobRunner.Running start(
      Order order, Allocation allocation, Object ready, JobRunner.Events events) {
    Plan plan = simulation.onStarted(order, machine);
    usage.add(order.run(), order, allocation);
    simulation.trace(
        Trace.What.STARTED,
        order.job(),
        order.attempt() * 100L + machine.index(),
        "attempt",
        order.attempt(),
        allocation);
    RunningAttempt attempt = new RunningAttempt(order, plan.attempt(order.attempt()), events);
    running.add(attempt);
    return attempt;
  }

  /** An attempt that runs, as a thread of its own would, or a process. */
  private final class RunningAttempt implements JobRunner.Running {
    private final Order order;
    private final Plan.Try plan;
    private final JobRunner.Events events;
    private boolean ended;
    private boolean killed;
    private int printed;

    RunningAttempt(Order order, Plan.Try plan, JobRunner.Events events) {
      this.order = order;
      this.plan = plan;
      this.events = events;
      printLater();
      after(plan.duration(), () -> end(plan.fails()));
    }

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
      events.printed(SimulatedClient.text(order.job(), order.attempt(), printed++), false);
      printLater();
    }

    @Override
    public void stop() {
      simulation.trace(Trace.What.INTERRUPTED, order.job(), machine.index(), "on", machine.name());
      if (!plan.stubborn()) {
        after(world.scaled(1_000, 10), () -> end(true));
      }
    }

    @Override
    public boolean kill() {
      if (order.spec().work().kind() != Work.Kind.COMMAND) {
        return false;
      }
      if (!ended && !killed) {
        killed = true;
        after(plan.dying(), () -> end(true));
      }
      return true;
    }

    /** Its process is gone. */
    void vanish() {
      ended = true;
      simulation.onStopped(order, false);
    }

    private void end(boolean throwing) {
      if (plan.kills() && !simulation.isFaithful()) {
        machine.crash(world.scaled(1_000_000, 6));
        return;
      }
      ended = true;
      running.remove(this);
      usage.remove(order.run(), order.job());
      simulation.onStopped(order, throwing);
      simulation.trace(
          Trace.What.STOPPED, order.job(), throwing ? 1 : 0, throwing ? "threw" : "returned");
      Bytes reply = SimulatedClient.bytes(order.job(), order.attempt(), 0);
      events.ended(
          throwing ? new AttemptEnd.Failure(reply, "failed") : new AttemptEnd.Value(reply));
    }
  }
}
