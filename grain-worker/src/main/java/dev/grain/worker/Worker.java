package dev.grain.worker;

import dev.grain.code.Code;
import dev.grain.code.CodeStore;
import dev.grain.node.NodeEngine;
import dev.grain.wire.Acceptor;
import dev.grain.wire.Acceptor.Answer.Accept;
import dev.grain.wire.Acceptor.Answer.Refuse;
import dev.grain.wire.Address;
import dev.grain.wire.Connection;
import dev.grain.wire.ConnectionHandler;
import dev.grain.wire.ConnectionLimits;
import dev.grain.wire.Down;
import dev.grain.wire.Endpoint;
import dev.grain.wire.Hello;
import dev.grain.wire.Listening;
import dev.grain.wire.Loop;
import dev.grain.wire.Release;
import dev.grain.wire.Role;
import dev.grain.wire.Security;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The one worker of a node: offers what the node has to every head that joins it, runs their jobs,
 * and waits for the next run when one ends.
 *
 * <p>Its loop serves the sockets and the engine; jobs and their code have threads of their own.
 */
final class Worker implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Worker.class.getName());
  private static final String LOOPBACK = "127.0.0.1";

  private final WorkerOptions options;
  private final Endpoint endpoint;
  private final Loop loop;
  private final NodeEngine engine;
  private final CodeStore store;
  private final Code own = new Code(Worker.class.getClassLoader());
  private final String incarnation = UUID.randomUUID().toString();
  private final CountDownLatch ended = new CountDownLatch(1);

  // set once, before the loop reads it
  private @Nullable Listening listening;

  // all only accessed by the loop
  private final SequencedSet<HeadSession> sessions = new LinkedHashSet<>();
  private final List<HeadDial> dials = new ArrayList<>();
  private boolean draining;

  private Worker(WorkerOptions options, Endpoint endpoint) {
    this.options = options;
    this.endpoint = endpoint;
    this.loop = endpoint.loop();
    this.engine = new NodeEngine(options.name(), options.offer(), loop, NodeEngine.Limits.DEFAULT);
    this.store = new CodeStore(options.cacheFolder(), options.cacheBytes());
  }

  /**
   * Starts a worker: listens, and dials the heads that are named.
   *
   * @param security what protects its connections
   * @throws IOException if it cannot listen; the message says why and what to do
   */
  static Worker start(WorkerOptions options, Security security) throws IOException {
    Endpoint endpoint = Endpoint.open("grain-node", security, ConnectionLimits.DEFAULT);
    Worker worker = new Worker(options, endpoint);
    try {
      worker.listen();
    } catch (IOException | RuntimeException e) {
      worker.close();
      throw e;
    }
    worker.loop.post(() -> options.heads().forEach(worker::dial));
    return worker;
  }

  private void listen() throws IOException {
    if (options.port() != null) {
      String host = options.host() == null ? "0.0.0.0" : options.host();
      listening = endpoint.listen(new Address(host, options.port()), this::accept);
    }
  }

  private void dial(Address head) {
    HeadDial dial = new HeadDial(this, head);
    dials.add(dial);
    dial.start();
  }

  /** Returns where heads can dial it; empty if it only dials them. */
  Optional<Address> address() {
    return Optional.ofNullable(listening).map(Listening::address);
  }

  Endpoint endpoint() {
    return endpoint;
  }

  Loop loop() {
    return loop;
  }

  NodeEngine engine() {
    return engine;
  }

  CodeStore store() {
    return store;
  }

  /** Returns the code of jobs that ship none. */
  Code own() {
    return own;
  }

  /** Returns what this worker says of itself on a new link. To be called on the loop. */
  Hello hello() {
    Hello hello =
        Hello.of(Role.WORKER, Release.name(), Code.FORMAT)
            .withIncarnation(incarnation)
            .withName(options.name())
            .withOffer(options.offer().encode())
            .withIntern(Hello.INTERNED)
            .withStatus(
                "%d jobs of %d runs; %d MiB of code cached"
                    .formatted(engine.startedCount(), sessions.size(), store.bytes() >> 20));
    return listening == null ? hello : hello.withListen(listening.address().port());
  }

  private Acceptor.Answer accept(Hello peer, SocketAddress from) {
    return switch (peer.role()) {
      case HEAD ->
          draining
              ? new Refuse("This worker is about to end and takes no more jobs.")
              : new Accept(hello(), new HeadSession(this, String.valueOf(from), () -> {}, _ -> {}));
      case WORKER ->
          new Refuse(
              "This is a worker, too. Workers join heads: give --head the address of a program"
                  + " that listens.");
      case INSPECTOR, PULSE -> new Accept(hello(), new Inspection());
    };
  }

  // ---------------------------------------------------------------- sessions

  void onUp(HeadSession session, String run) {
    for (HeadSession other : List.copyOf(sessions)) {
      if (other.isOf(run)) {
        other.leave("The head has opened another link.");
      }
    }
    sessions.add(session);
    LOG.log(System.Logger.Level.INFO, "Run {0} at {1} has joined.", run, session.from());
  }

  void onDown(HeadSession session, String run, String why) {
    if (!sessions.remove(session)) {
      return;
    }
    LOG.log(System.Logger.Level.INFO, "Run {0} at {1} has left. {2}", run, session.from(), why);
    if (options.once() && sessions.isEmpty()) {
      drain();
    }
  }

  // ---------------------------------------------------------------- the end

  /**
   * Takes no more jobs and ends when those that run have, or when the drain limit is over; for any
   * thread.
   */
  void drain() {
    try {
      loop.post(() -> {
        if (!draining) {
          draining = true;
          dials.forEach(HeadDial::giveUp);
          loop.schedule(options.drain().toNanos(), this::end);
          engine.drain(this::end);
        }
      });
    } catch (RejectedExecutionException e) {
      // it has ended already
    }
  }

  private void end() {
    for (HeadSession session : List.copyOf(sessions)) {
      session.leave("The worker was told to end.");
    }
    ended.countDown();
  }

  /**
   * Does beforehand, in the background, what the first program would have to wait for: reads the
   * worker's jars, and has a worker that listens be asked what it offers, which takes the JVM a
   * while for the first time.
   */
  void prepare() {
    Thread.ofPlatform().daemon().name("grain-code").start(store::prepare);
    Listening open = listening;
    if (open != null) {
      String host = options.host() == null ? LOOPBACK : options.host();
      Hello mine = Hello.of(Role.INSPECTOR, Release.name(), Code.FORMAT);
      endpoint.dial(new Address(host, open.address().port()), mine, new Inspection());
    }
  }

  /** Waits until the worker has drained, and ends it. */
  void awaitEnd() throws InterruptedException {
    ended.await();
    close();
  }

  /** Ends the worker at once; what runs is lost. */
  @Override
  public void close() {
    ended.countDown();
    endpoint.close();
  }

  /** A link with somebody who wants to know what this worker says of itself, and nothing else. */
  private static final class Inspection implements ConnectionHandler {
    @Override
    public void up(Connection connection, Hello peer) {
      connection.close();
    }

    @Override
    public void down(Down why) {}
  }
}
