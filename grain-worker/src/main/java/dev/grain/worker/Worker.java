package dev.grain.worker;

import dev.grain.code.CodeStore;
import dev.grain.code.Codec;
import dev.grain.key.Security;
import dev.grain.loop.Loop;
import dev.grain.message.Isolation;
import dev.grain.message.Work;
import dev.grain.node.EngineLimits;
import dev.grain.node.Equipment;
import dev.grain.node.NodeEngine;
import dev.grain.node.Runners;
import dev.grain.node.call.MemoryReserve;
import dev.grain.node.call.ShippedCode;
import dev.grain.node.call.ThreadJobRunner;
import dev.grain.node.confine.Enforcement;
import dev.grain.node.confine.ThreadPins;
import dev.grain.node.isolated.IsolatedJvms;
import dev.grain.node.isolated.IsolatedRunner;
import dev.grain.node.link.HeadObserver;
import dev.grain.node.link.HeadSessionSettings;
import dev.grain.node.link.HeadSessions;
import dev.grain.node.prepare.Logins;
import dev.grain.node.prepare.NodePreparer;
import dev.grain.node.prepare.PreparationException;
import dev.grain.node.process.CommandRunner;
import dev.grain.node.support.NodeSupports;
import dev.grain.node.support.SupportSettings;
import dev.grain.session.SessionLimits;
import dev.grain.text.Durations;
import dev.grain.wire.Acceptor;
import dev.grain.wire.Acceptor.Answer.Accept;
import dev.grain.wire.Acceptor.Answer.Refuse;
import dev.grain.wire.Address;
import dev.grain.wire.Connection;
import dev.grain.wire.Connection.ConnectionHandler;
import dev.grain.wire.Connection.Down;
import dev.grain.wire.ConnectionLimits;
import dev.grain.wire.Endpoint;
import dev.grain.wire.Endpoint.Listening;
import dev.grain.wire.Hello;
import dev.grain.wire.Hello.Role;
import dev.grain.wire.Release;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The one worker of a node: offers what the node has to every head that joins it, runs their jobs,
 * and waits for the next run when one ends.
 *
 * <p>Its loop serves the sockets and the engine; jobs and their code have threads of their own.
 */
final class Worker implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Worker.class.getName());

  /** The property of the JVM that turns on internal consistency checks, like the flag. */
  private static final String CHECK = "grain.check";

  private static final String LOOPBACK = "127.0.0.1";

  /** The prefix of the names of threads without which a worker does nothing. */
  static final String THREADS = "grain-node";

  /** Why it ends, and what it reports to heads. */
  private enum Ending {
    TOLD(ExitCode.ENDED, "The worker was told to end."),
    HEAD(ExitCode.ENDED, "The head has told the worker to end."),
    TIME_OVER(ExitCode.ENDED, "The worker has reached its --until time."),
    OUT_OF_MEMORY(ExitCode.OUT_OF_MEMORY, "The worker ran out of memory."),
    BROKEN(ExitCode.FAILED, "An internal consistency check of the worker failed.");

    private final ExitCode code;
    private final String goodbye;

    Ending(ExitCode code, String goodbye) {
      this.code = code;
      this.goodbye = goodbye;
    }
  }

  private final WorkerOptions options;
  private final Endpoint endpoint;
  private final Loop loop;
  private final NodeEngine engine;
  private final CodeStore store;
  private final NodeSupports support;
  private final NodePreparer preparer;
  private final Codec own = new Codec(Worker.class.getClassLoader());
  private final CommandRunner commands;
  private final Enforcement enforcement;
  private final @Nullable ThreadPins pins;
  private final IsolatedJvms isolated;
  private final String incarnation = UUID.randomUUID().toString();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final MemoryReserve reserve = new MemoryReserve();
  // when its time is over, by the clock of the loop; 0 if it is unlimited
  private final long endsAt;

  // set once, before the loop reads it
  private @Nullable Listening listening;

  private final HeadSessions sessions;

  // whether it ends by the drain limit; only accessed by the loop
  private boolean limited;

  // set by the loop, read by the thread that awaits the end
  private volatile @Nullable Ending ending;

  private Worker(
      WorkerOptions options,
      Endpoint endpoint,
      Enforcement enforcement,
      @Nullable ThreadPins pins) {
    this.options = options;
    this.enforcement = enforcement;
    this.pins = pins;
    this.commands =
        new CommandRunner(
            own, SessionLimits.ofThisHeap().value(), false, CommandRunner.Echo.NONE, enforcement);
    this.endpoint = endpoint;
    this.loop = endpoint.loop();
    this.engine = new NodeEngine(options.name(), options.offer(), loop, EngineLimits.DEFAULT);
    Instant until = options.until();
    this.endsAt = until == null ? 0 : loop.now() + Duration.between(Instant.now(), until).toNanos();
    this.support =
        new NodeSupports(
            new SupportSettings(
                options.cacheFolder(),
                own,
                SessionLimits.ofThisHeap().value(),
                CommandRunner.Echo.NONE,
                options.enforcement().maxProcesses()));
    this.isolated =
        new IsolatedJvms(
            loop,
            own,
            SessionLimits.ofThisHeap().value(),
            false,
            CommandRunner.Echo.NONE,
            enforcement,
            support.containerJvms());
    this.preparer = new NodePreparer(loop, support::get, false);
    this.store = new CodeStore(options.cacheFolder(), options.cacheBytes());
    this.sessions =
        new HeadSessions(
            engine,
            loop,
            HeadSessionSettings.of(options.grace().toNanos()),
            this::hello,
            this::equip,
            new Heads());
    if (options.check() || Boolean.getBoolean(CHECK)) {
      engine.checkBatches(this::onViolation);
    }
  }

  /** A consistency check failed: no report of this worker can be relied on. */
  private void onViolation(String what) {
    if (ending != Ending.BROKEN) {
      ending = Ending.BROKEN;
      LOG.log(
          System.Logger.Level.ERROR,
          "An internal consistency check failed, so the worker ends: {0}. This is a bug in "
              + "Grain.",
          what);
      loop.post(() -> end(Ending.BROKEN));
    }
  }

  /**
   * Starts a worker: listens, and dials the heads that are named.
   *
   * @param security what protects its connections
   * @param enforcement keeps processes to what they hold; to be closed after the worker
   * @param pins pins functions; null for none
   * @throws IOException if it cannot listen; the message states why and what to do
   */
  static Worker start(
      WorkerOptions options, Security security, Enforcement enforcement, @Nullable ThreadPins pins)
      throws IOException {
    Endpoint endpoint = Endpoint.open(THREADS, security, ConnectionLimits.ofThisProcess());
    Worker worker = new Worker(options, endpoint, enforcement, pins);
    try {
      worker.listen();
    } catch (IOException | RuntimeException e) {
      worker.close();
      throw e;
    }
    worker.endInTime();
    worker.loop.post(() -> options.heads().forEach(head -> worker.sessions.dial(endpoint, head)));
    return worker;
  }

  private void listen() throws IOException {
    if (options.port() != null) {
      String host = options.host() == null ? "0.0.0.0" : options.host();
      listening = endpoint.listen(new Address(host, options.port()), this::accept);
    }
  }

  private void endInTime() {
    if (endsAt != 0) {
      long left = endsAt - options.drain().toNanos() - loop.now();
      loop.schedule(Math.max(0, left), () -> drainInTime(Ending.TIME_OVER));
    }
  }

  /** Returns where heads can dial it; empty if it only dials them. */
  Optional<Address> address() {
    return Optional.ofNullable(listening).map(Listening::address);
  }

  /** Returns the greeting of this worker on a new link. To be called on the loop. */
  private Hello hello() {
    Hello hello =
        Hello.of(Role.WORKER, Release.name(), Codec.FORMAT)
            .withIncarnation(incarnation)
            .withName(options.name())
            .withOffer(options.offer().encode())
            .withIntern(Hello.INTERNED)
            .withStatus(
                "%s jobs of %s runs; %s MiB of code cached; enforcing %s%s"
                    .formatted(
                        engine.startedCount(),
                        sessions.count(),
                        store.bytes() >> 20,
                        enforcement.description(),
                        options.offer().hasEngine() ? "; runs containers" : ""));
    if (endsAt != 0) {
      long millis = TimeUnit.NANOSECONDS.toMillis(endsAt - loop.now());
      hello = hello.withRemaining(Math.max(1, millis));
    }
    return listening == null ? hello : hello.withListen(listening.address().port());
  }

  private Acceptor.Answer accept(Hello peer, SocketAddress from) {
    return switch (peer.role()) {
      case HEAD ->
          ending != null && !sessions.isKnown(peer)
              ? new Refuse("This worker is draining and takes no more jobs.")
              : sessions.accept(peer, String.valueOf(from));
      case WORKER ->
          new Refuse(
              "This is a worker, too, but a worker can connect only to heads. Give --head "
                  + "the address of a program that listens.");
      case INSPECTOR, PULSE -> new Accept(hello(), new Inspection());
    };
  }

  // ---------------------------------------------------------------- runs

  /** Returns what the jobs of a run need. */
  private Equipment equip(String run, Logins logins) {
    ShippedCode code = new ShippedCode(store, loop, own);
    ThreadJobRunner runner =
        new ThreadJobRunner(
            code, SessionLimits.ofThisHeap().value(), false, false, pins, this::onOutOfMemory);
    IsolatedRunner apart = isolated.runner(code::handOver);
    Runners runners =
        Runners.NONE
            .with(Work.Kind.CALL, runner)
            .with(Work.Kind.CALL, Isolation.Kind.JVM, apart)
            .with(Work.Kind.CALL, Isolation.Kind.CONTAINER, apart)
            .with(Work.Kind.COMMAND, commands)
            .with(Work.Kind.COMMAND, Isolation.Kind.APPTAINER, commands)
            .with(Work.Kind.COMMAND, Isolation.Kind.CONTAINER, support.containerCommands());
    return new Equipment(
        runners,
        code,
        preparer.forRun(logins),
        () -> {
          apart.close();
          runner.close();
        });
  }

  /** Tells people what becomes of heads, which are called runs there. */
  private final class Heads implements HeadObserver {
    @Override
    public void joined(String head, String from) {
      LOG.log(System.Logger.Level.INFO, "Run {0} at {1} has joined.", head, from);
    }

    @Override
    public void suspended(String head, String from, long nanos, String why) {
      LOG.log(
          System.Logger.Level.INFO,
          "Run {0} at {1} is unreachable. Its jobs keep running for {2}. {3}",
          head,
          from,
          Durations.readable(Duration.ofNanos(nanos)),
          why);
    }

    @Override
    public void resumed(String head, String from) {
      LOG.log(System.Logger.Level.INFO, "Run {0} at {1} is connected again.", head, from);
    }

    @Override
    public void orphaned(String head, String from, int jobs, long nanos, String why) {
      LOG.log(
          System.Logger.Level.INFO,
          "Head {0} at {1} is away. Its {2} jobs keep running for {3}, and their results are kept. {4}",
          head,
          from,
          jobs,
          Durations.readable(Duration.ofNanos(nanos)),
          why);
    }

    @Override
    public void adopted(String head, String from, int jobs) {
      LOG.log(
          System.Logger.Level.INFO,
          "Head {0} at {1} is back, with {2} jobs that kept running.",
          head,
          from,
          jobs);
    }

    @Override
    public void abandoned(String head, String from, int jobs) {
      LOG.log(
          System.Logger.Level.WARNING,
          "Head {0} at {1} has not come back in time. Its {2} jobs are stopped, and results that it"
              + " has not received are discarded. It will run these jobs again.",
          head,
          from,
          jobs);
    }

    @Override
    public void drainWanted(String head, String from, boolean stop) {
      LOG.log(
          System.Logger.Level.INFO,
          stop
              ? "The head at {0} has told this worker to end at once. Its jobs are stopped, and run elsewhere."
              : "The head at {0} has told this worker to end. It takes no more jobs, and ends when those that run have.",
          from);
      // not in the middle of a batch of messages, as it may end the session
      loop.post(() -> {
        beginDrain(Ending.HEAD);
        if (stop) {
          end(Ending.HEAD);
        }
      });
    }

    @Override
    public void left(String head, String from, String why) {
      LOG.log(System.Logger.Level.INFO, "Run {0} at {1} has left. {2}", head, from, why);
      if (options.once() && sessions.count() == 0) {
        drain();
      }
    }

    @Override
    public void missed(String why) {
      LOG.log(System.Logger.Level.INFO, "{0} Retrying until it answers.", why);
    }
  }

  // ---------------------------------------------------------------- the end

  /**
   * Takes no more jobs and ends when those that run have, or when the drain limit is over; for any
   * thread.
   */
  void drain() {
    post(() -> drainInTime(Ending.TOLD));
  }

  /** Drains, and ends when the drain limit is over. */
  private void drainInTime(Ending why) {
    beginDrain(why);
    if (!limited) {
      limited = true;
      loop.schedule(options.drain().toNanos(), () -> end(why));
    }
  }

  /** Drains, however long it takes. */
  private void beginDrain(Ending why) {
    if (ending == null) {
      ending = why;
      engine.drain(() -> sessions.leaveWhenDelivered(why.goodbye, ended::countDown));
    }
  }

  private void end(Ending why) {
    sessions.leave(why.goodbye);
    ended.countDown();
  }

  /**
   * The heap was full, or a job reports so: takes no more jobs, and ends when those that run have.
   * For any thread; any other than the loop's gets back when no further job starts.
   */
  void onOutOfMemory() {
    reserve.release();
    CompletableFuture<Void> told = new CompletableFuture<>();
    boolean posted =
        post(() -> {
          if (ending == null) {
            LOG.log(
                System.Logger.Level.WARNING,
                "Out of memory. The worker takes no more jobs and ends within {0}.",
                Durations.readable(options.drain()));
          }
          drainInTime(Ending.OUT_OF_MEMORY);
          told.complete(null);
        });
    if (posted && !loop.inLoop()) {
      told.join();
    }
  }

  /** Sets a handler for what nothing has caught, in jobs and on the loop. */
  void onUncaught(LastResort handler) {
    handler.install();
    post(() -> Thread.currentThread().setUncaughtExceptionHandler(handler));
  }

  /** Returns whether the loop has taken it. */
  private boolean post(Runnable task) {
    try {
      loop.post(task);
      return true;
    } catch (RejectedExecutionException e) {
      // it has ended already
      return false;
    }
  }

  /**
   * Does beforehand, in the background, what the first program would have to wait for: reads the
   * worker's jars, and has a worker that listens be asked what it offers, which takes the JVM a
   * while for the first time. Also removes what workers of this machine that were killed have left
   * in the container engine.
   */
  void prepare() {
    if (options.offer().hasEngine()) {
      Thread.ofPlatform().daemon().name("grain-leftovers").start(this::removeLeftovers);
    }
    Thread.ofPlatform().daemon().name("grain-code").start(store::prepare);
    Listening open = listening;
    if (open != null) {
      String host = options.host() == null ? LOOPBACK : options.host();
      Hello mine = Hello.of(Role.INSPECTOR, Release.name(), Codec.FORMAT);
      endpoint.dial(new Address(host, open.address().port()), mine, new Inspection());
    }
  }

  private void removeLeftovers() {
    try {
      support.get().removeLeftovers();
    } catch (PreparationException e) {
      // it is ending
    }
  }

  /** Waits until the worker has drained, ends it, and returns the exit code. */
  ExitCode awaitEnd() throws InterruptedException {
    ended.await();
    close();
    Ending why = ending;
    return why == null ? ExitCode.ENDED : why.code;
  }

  /** Ends the worker at once; what runs is lost. */
  @Override
  public void close() {
    ended.countDown();
    preparer.close();
    commands.close();
    isolated.close();
    support.close();
    endpoint.close();
  }

  /** A link with a peer that requests only the greeting of this worker. */
  private static final class Inspection implements ConnectionHandler {
    @Override
    public void up(Connection connection, Hello peer) {
      connection.close();
    }

    @Override
    public void down(Down why) {}
  }
}
