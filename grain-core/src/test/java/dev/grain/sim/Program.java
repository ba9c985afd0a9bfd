package dev.grain.sim;

import dev.grain.dispatch.Dispatch;
import dev.grain.head.CodeLibrary;
import dev.grain.head.Head;
import dev.grain.head.Workers;
import dev.grain.message.Message;
import dev.grain.schedule.Policy;
import dev.grain.session.Frame;
import dev.grain.wire.Hello;
import dev.grain.wire.Hello.Role;
import java.util.List;

/** One life of the program: its head with the worker in its own process, and its client. */
final class Program {
  /** The number of its machine in the network. */
  private static final int MACHINE = 250;

  private final Simulation simulation;
  private final World world;
  private final String run;
  private final Network.Host process;
  private final Head head;
  private final Dispatch dispatch;
  private final Workers workers;
  private final SimulatedClient client;
  private int sessions;
  private boolean stopping;

  /**
   * Makes one that has not begun.
   *
   * @param life counts from 1
   */
  Program(Simulation simulation, int life) {
    this.simulation = simulation;
    this.world = simulation.world();
    this.run = "run " + life;
    Scenario scenario = simulation.scenario();
    SimulatedLoop loop = new SimulatedLoop(world, this::afterTask);
    this.process = simulation.network().new Host(MACHINE, loop);
    this.head = new Head(run, loop, policy());
    this.dispatch = head.open(run, CodeLibrary.NONE, simulation.plant().log(simulation.journal()));
    this.workers =
        new Workers(
            head,
            process,
            new Workers.Settings(
                offer -> offer,
                scenario.sessionSettings().grace(),
                -1,
                scenario.sessionSettings().limits(),
                false),
            this::hello,
            new Observer());
    this.client = new SimulatedClient(simulation, this);
  }

  private Policy policy() {
    Policy stated = simulation.scenario().policy();
    return new Policy(
            stated.order(),
            simulation.plant().overtaking(stated.overtaking()),
            stated.closed(),
            stated.placement())
        .withSeed(stated.seed());
  }

  private Hello hello() {
    return Hello.of(Role.HEAD, "simulated", "none")
        .withHead(run)
        .withSession(run + ", session " + sessions++);
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

  String run() {
    return run;
  }

  Network.Host process() {
    return process;
  }

  SimulatedLoop loop() {
    return process.loop();
  }

  Head head() {
    return head;
  }

  /** Returns its door to the head. */
  Dispatch dispatch() {
    return dispatch;
  }

  SimulatedClient client() {
    return client;
  }

  /** Returns whether its process is there. */
  boolean isAlive() {
    return !process.loop().isDead();
  }

  /**
   * Begins: dials the machines, and submits all jobs, one after the other.
   *
   * @param dialed the machines whose workers do not dial it
   */
  void begin(List<Machine> dialed) {
    process.listen(workers.acceptor());
    loop().at(world.now() + 1, () -> workers.dial(dialed.stream().map(Machine::address).toList()));
    List<Plan> plans = simulation.scenario().plans();
    long time = world.now() + Scenario.MILLISECOND;
    for (int number = 0; number < plans.size(); number++) {
      Plan plan = plans.get(number);
      int job = number;
      if (world.percent(20)) {
        time += world.scaled(1_000, 14);
      }
      at(time, () -> client.submit(job));
      if (world.percent(8) || (plan.timeLimit() == 0 && plan.isEndless())) {
        long delay = world.scaled(1_000, 18) - (world.percent(10) ? Scenario.MILLISECOND : 0);
        at(Math.max(time + delay, world.now() + 1), () -> client.cancel(job));
      }
    }
  }

  /** Does what the program does at a time, if it still goes on then. */
  private void at(long time, Runnable action) {
    world.at(
        time,
        () -> {
          if (isAlive() && !stopping) {
            action.run();
          }
        });
  }

  /** Has it end as by an interrupt: everything is cancelled, and the workers get a goodbye. */
  void stop() {
    stopping = true;
    client.cancelEverything();
    world.after(world.scaled(1_000, 12), this::leave);
  }

  /** Says goodbye to the workers. */
  void leave() {
    loop().post(workers::close);
  }

  /** Ends its process, without a word. */
  void die() {
    process.kill();
  }

  private void afterTask() {
    simulation.plant().onHeadTask(head);
    simulation.checkHead(head);
    SimulatedNode embedded = simulation.embedded();
    if (embedded != null) {
      embedded.checkEngine();
    }
  }

  /** Something comes, perhaps over a connection that was given up. */
  void onArrival(Frame frame) {
    if (frame instanceof Frame.Messages(long _, var messages)) {
      for (Message message : messages) {
        if (message instanceof Message.Ended end) {
          simulation.plant().onEnd(head, client.ticket(end.job()), end);
        }
      }
    }
  }
}
