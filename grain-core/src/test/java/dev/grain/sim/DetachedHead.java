package dev.grain.sim;

import dev.grain.head.DetachedClient;
import dev.grain.head.Head;
import dev.grain.head.LoginLibrary;
import dev.grain.head.Workers;
import dev.grain.message.Message;
import dev.grain.wire.Address;
import dev.grain.wire.Hello;
import dev.grain.wire.Hello.Role;
import java.util.List;

/** One life of a head with detached jobs. */
final class DetachedHead {
  /** What all lives have in common. */
  static final String ID = "head";

  /** The number of its machine in the network. */
  private static final int MACHINE = 250;

  private final DetachedSimulation simulation;
  private final String life;
  private final Network.Host process;
  private final Head head;
  private final DetachedClient client;
  private final Workers workers;
  private int sessions;
  private long tasks;
  private long lastTask = Long.MAX_VALUE;

  /**
   * Makes one that has not begun.
   *
   * @param number counts from 1
   */
  DetachedHead(DetachedSimulation simulation, int number) {
    this.simulation = simulation;
    this.life = "life " + number;
    World world = simulation.world();
    SimulatedLoop loop = new SimulatedLoop(world, this::afterTask);
    this.process = simulation.network().new Host(MACHINE, loop);
    this.head = new Head(life, loop, simulation.policy());
    this.client =
        head.openDetached(
            new DetachedClient.Settings(ID, simulation.patience(), simulation.orphansMillis()),
            simulation.plant().store(simulation.store()),
            (hash, answer) ->
                world.after(
                    world.scaled(1_000, 10),
                    () -> answer.accept(new Message.CodeContent(hash, hash))),
            LoginLibrary.NONE);
    this.workers =
        new Workers(
            head,
            process,
            new Workers.Settings(
                offer -> offer,
                simulation.patience(),
                -1,
                simulation.sessionSettings().limits(),
                false),
            this::hello,
            new Observer());
  }

  private Hello hello() {
    return Hello.of(Role.HEAD, "simulated", "none")
        .withHead(life)
        .withSession(life + ", session " + sessions++);
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

  String life() {
    return life;
  }

  Network.Host process() {
    return process;
  }

  Head head() {
    return head;
  }

  DetachedClient client() {
    return client;
  }

  boolean isAlive() {
    return !process.loop().isDead();
  }

  /** Takes what is in the store, and then lets workers join. */
  void begin(List<Address> dialed) {
    simulation.plant().load(simulation.store().load()).forEach(client::start);
    client.whenTaken(() -> {
      process.listen(workers.acceptor());
      workers.dial(dialed);
    });
  }

  /** Says goodbye to the workers. */
  void leave() {
    process.loop().post(workers::close);
  }

  /** Tells a worker to end, if it has joined. */
  void drain(String name, boolean stop) {
    process
        .loop()
        .post(() -> {
          var _ = workers.drain(name, stop);
        });
  }

  /** Has it die after so many tasks of its loop. */
  void dieAfter(long number) {
    lastTask = tasks + number;
  }

  /** Ends its process, without a word. */
  void die() {
    process.kill();
  }

  private void afterTask() {
    simulation.plant().onHeadTask(head, client);
    simulation.checkHead(head);
    if (++tasks == lastTask) {
      simulation.kill();
    }
  }
}
