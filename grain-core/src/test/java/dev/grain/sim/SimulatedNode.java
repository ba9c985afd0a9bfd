package dev.grain.sim;

import dev.grain.bytes.Bytes;
import dev.grain.head.Head;
import dev.grain.node.CodeAccess;
import dev.grain.node.HeadLink;
import dev.grain.node.JobRunner;
import dev.grain.node.NodeEngine;
import dev.grain.resource.Allocation;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Offer;
import dev.grain.wire.End;
import dev.grain.wire.Message;
import dev.grain.wire.Session;

/** A node: the real engine, with jobs that do what their plans say. */
final class SimulatedNode {
  private final Simulation simulation;
  private final World world;
  private final int index;
  private final Offer offer;
  private final SimulatedLoop loop;
  private final NodeEngine engine;
  private final Usage usage;
  private final SimulatedLine line;
  private final HeadLink headLink;
  // from joining
  private Head.NodeSession session;
  private boolean drained;

  SimulatedNode(Simulation simulation, int index, Offer offer, NodeEngine.Limits limits) {
    this.simulation = simulation;
    this.world = simulation.world();
    this.index = index;
    this.offer = offer;
    this.usage = new Usage(offer);
    this.loop = new SimulatedLoop(world, this::check);
    this.engine = new NodeEngine(name(), offer, loop, limits);
    this.headLink = new HeadLink(engine, this::start, CodeAccess.OWN, SimulatedLine.LARGE);
    this.line = new SimulatedLine(world, simulation.headLoop(), loop, new AtHead(), headLink);
    headLink.open(line.nodeSession());
  }

  /** What the head hears of this node. */
  private final class AtHead implements Session.Owner<Message.ToHead> {
    @Override
    public void received(Message.ToHead message) {
      session.receive(message);
    }

    @Override
    public void refused(Message.ToHead message, long length) {
      throw new IllegalStateException(message + " was refused");
    }

    @Override
    public void batchEnded() {
      session.batchEnded();
    }

    @Override
    public void congestionEnded() {}
  }

  String name() {
    return "node" + index;
  }

  Offer offer() {
    return offer;
  }

  /** Returns whether the head may have it run jobs. */
  boolean takesJobs() {
    return session != null && !drained;
  }

  /** Joins the head; on the head's loop. */
  void join() {
    simulation.trace(Trace.What.JOINED, index, 0, name(), offer);
    session = simulation.head().join(name(), offer, line.headSession());
  }

  /** Breaks the connection with the head; the sessions outlive it. */
  void cut() {
    simulation.trace(Trace.What.CUT, index, 0, name());
    line.cut();
  }

  /** Lets it take no more jobs from a time of the world on; before it joins nothing happens. */
  void drainAt(long time) {
    loop.at(
        time,
        () -> {
          if (takesJobs()) {
            drained = true;
            simulation.trace(Trace.What.DRAINED, index, 0, name());
            engine.drain(() -> {});
          }
        });
  }

  private void check() {
    engine.checkInvariants();
  }

  /** Checks that nothing runs and everything is free. */
  void checkIdle() {
    engine.checkInvariants();
    line.checkIdle(name());
    if (engine.startedCount() > 0 || !usage.isEmpty()) {
      throw new IllegalStateException(name() + " is not idle: " + engine.started());
    }
  }

  private JobRunner.Running start(
      Message.Run order, Allocation allocation, JobRunner.Events events) {
    Plan plan = simulation.client().onStarted(order, this);
    Demand demand = Demand.decode(order.request());
    if (!demand.equals(plan.demand()) || !allocation.node().equals(name())) {
      throw new IllegalStateException(demand + " is not what was asked for: " + plan.demand());
    }
    usage.add(order.job(), demand, allocation, order.alone());
    simulation.trace(
        Trace.What.STARTED,
        order.job(),
        order.attempt() * 100L + index,
        "attempt",
        order.attempt(),
        allocation);
    simulation.plant().onStarted(engine, order.job());
    return new RunningAttempt(order, plan.tries().get(order.attempt() - 1), events);
  }

  /** An attempt that runs, as a thread of its own would. */
  private final class RunningAttempt implements JobRunner.Running {
    private final Message.Run order;
    private final Plan.Try plan;
    private final JobRunner.Events events;
    private boolean ended;
    private int printed;

    RunningAttempt(Message.Run order, Plan.Try plan, JobRunner.Events events) {
      this.order = order;
      this.plan = plan;
      this.events = events;
      printLater();
      world.after(plan.duration(), () -> end(plan.fails()));
    }

    private void printLater() {
      if (printed < plan.prints()) {
        world.after(world.random().nextLong(plan.duration()), this::print);
      }
    }

    private void print() {
      if (!ended) {
        simulation.trace(Trace.What.PRINTED, order.job(), printed, printed);
        events.printed(SimulatedClient.text(order.job(), order.attempt(), printed++), false);
        printLater();
      }
    }

    @Override
    public void interrupt() {
      simulation.trace(Trace.What.INTERRUPTED, order.job(), index, "on", name());
      if (!plan.stubborn()) {
        world.after(world.scaled(1_000, 10), () -> end(true));
      }
    }

    private void end(boolean throwing) {
      if (ended) {
        return;
      }
      ended = true;
      usage.remove(order.job());
      simulation.client().onStopped(order.job());
      simulation.trace(
          Trace.What.STOPPED, order.job(), throwing ? 1 : 0, throwing ? "threw" : "returned");
      Bytes reply = SimulatedClient.bytes(order.job(), order.attempt(), printed);
      events.ended(throwing ? new End.Failure(reply) : new End.Value(reply));
    }
  }
}
