package dev.grain;

import dev.grain.code.Codec;
import dev.grain.code.bundle.Bundles;
import dev.grain.dispatch.Dispatch;
import dev.grain.dispatch.OutcomeLog;
import dev.grain.head.Client;
import dev.grain.head.CodeLibrary;
import dev.grain.head.Head;
import dev.grain.head.NodeSession;
import dev.grain.image.EngineProbe;
import dev.grain.loop.Loop;
import dev.grain.loop.NettyLoop;
import dev.grain.message.Isolation;
import dev.grain.message.MemoryLink;
import dev.grain.message.Message;
import dev.grain.message.Order;
import dev.grain.message.Work;
import dev.grain.node.EngineLimits;
import dev.grain.node.Equipment;
import dev.grain.node.NodeEngine;
import dev.grain.node.Runners;
import dev.grain.node.call.MemoryReserve;
import dev.grain.node.call.OwnCode;
import dev.grain.node.call.ThreadJobRunner;
import dev.grain.node.confine.Enforcement;
import dev.grain.node.confine.EnforcementSettings;
import dev.grain.node.confine.NotEnforceableException;
import dev.grain.node.isolated.IsolatedJvms;
import dev.grain.node.isolated.IsolatedRunner;
import dev.grain.node.link.HeadLink;
import dev.grain.node.prepare.Logins;
import dev.grain.node.prepare.NodePreparer;
import dev.grain.node.process.CommandRunner;
import dev.grain.node.support.NodeSupports;
import dev.grain.node.support.SupportSettings;
import dev.grain.resource.internal.Detection;
import dev.grain.resource.internal.Offer;
import dev.grain.schedule.Placement;
import dev.grain.schedule.Policy;
import dev.grain.schedule.Scheduler;
import dev.grain.terminal.LiveLine;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A head in the program's own process: its loop, the embedded worker that is joined to it by a link
 * in memory, and the workers in other processes, if there are any. It has one client, the run.
 *
 * <p>Head and embedded worker share one loop, so that a job crosses to another thread once on the
 * way out and once on the way back.
 */
final class LocalHead {
  /**
   * A system property, for tests: for how many milliseconds a worker that could not start jobs gets
   * none, the first time.
   */
  private static final String SET_ASIDE = "dev.grain.setAside";

  private final RunFailure failure;
  private final @Nullable RemoteWorkers remote;
  private final NettyLoop loop;
  private final Head head;
  private final CredentialReader credentials;
  private final Client client;
  private final OwnCode code;
  private final ThreadJobRunner runner;
  private final CommandRunner commands;
  private final NodeSupports support;
  private final NodePreparer preparer;
  private final Enforcement enforcement;
  private final IsolatedJvms isolated;
  private final NodeEngine engine;
  private final MemoryReserve reserve = new MemoryReserve();

  /**
   * Starts a head that has not dialed any worker yet.
   *
   * @param run the id of the run
   * @param codec encodes and decodes in this process
   * @param bundles what the program's classes come from
   * @param log where the ends of jobs are written before they are delivered
   * @param failure receives the reason if the run has failed as a whole
   */
  LocalHead(
      String run,
      RunOptions options,
      Codec codec,
      Bundles bundles,
      OutcomeLog log,
      RunFailure failure) {
    // refuses what cannot be offered, before there is any thread
    Offer offer = offer(options);
    this.failure = failure;
    Policy policy = policy(options.use(), !options.reach().isRemote());
    this.enforcement = enforcement(options.use().enforce());
    this.remote =
        options.reach().isRemote()
            ? RemoteWorkers.open(run, options, bundles, this::onDeserted)
            : null;
    this.loop = remote == null ? NettyLoop.withoutSockets("grain-head") : remote.loop();
    this.head = new Head(run, loop, policy);
    this.credentials = new CredentialReader(options.use().credentials());
    this.client =
        head.open(run, remote == null ? CodeLibrary.NONE : remote.library(), credentials, log);
    this.code = new OwnCode(codec);
    this.runner =
        new ThreadJobRunner(
            code, RunLimits.valueBytes(), true, options.display().echo(), null, () -> {});
    CommandRunner.Echo echo = options.display().echo() ? this::echo : CommandRunner.Echo.NONE;
    this.support =
        new NodeSupports(new SupportSettings(null, codec, RunLimits.valueBytes(), echo, 0));
    this.preparer = new NodePreparer(loop, support::get, true);
    this.commands = new CommandRunner(codec, RunLimits.valueBytes(), true, echo, enforcement);
    this.isolated =
        new IsolatedJvms(
            loop, codec, RunLimits.valueBytes(), true, echo, enforcement, support.containerJvms());
    this.engine =
        new NodeEngine(
            Head.EMBEDDED,
            offer,
            loop,
            new EngineLimits(policy.strict() ? 0 : RunLimits.OVERTAKING, Scheduler.LOOKAHEAD));
    loop.onError(this::onLoopError);
    if (options.checks()) {
      checkItself();
    }
    loop.post(() -> join(offer));
  }

  private static Policy policy(RunOptions.Use use, boolean closed) {
    Policy usual =
        new Policy(use.queueOrder(), RunLimits.OVERTAKING, closed, Placement.bestFit())
            .withSeed(use.raffleSeed());
    Long millis = Long.getLong(SET_ASIDE);
    return millis == null ? usual : usual.withSetAside(TimeUnit.MILLISECONDS.toNanos(millis));
  }

  /** By default without cores, because other programs on the machine may use the same ones. */
  private static Enforcement enforcement(@Nullable Enforce wanted) {
    try {
      return Enforcement.whenNeeded(
          wanted == null
              ? EnforcementSettings.of(Enforce.BEST).withoutCores()
              : EnforcementSettings.of(wanted));
    } catch (NotEnforceableException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  private static Offer offer(RunOptions options) {
    Resource declared = options.use().local();
    Offer offer;
    if (declared == null && options.reach().isRemote()) {
      offer = Offer.EMPTY;
    } else {
      Offer detected = Detection.detect().withMemory(RunLimits.embeddedMemory());
      offer = declared == null ? detected : Offer.of(declared, detected);
    }
    Resource bound = options.use().perWorker();
    return (bound == null ? offer : offer.bounded(bound))
        .withHeadPlaces(RunLimits.HEAD_PLACES)
        .withEngine(NodeSupports.isPresent() && EngineProbe.ofThisMachine().finds());
  }

  private void echo(Order order, byte[] text, boolean error) {
    runner.echo(order.job(), order.spec().name(), text, error);
  }

  /** Joins the embedded worker; on the loop. */
  private void join(Offer offer) {
    IsolatedRunner apart = isolated.runner(null);
    Runners runners =
        Runners.NONE
            .with(Work.Kind.CALL, runner)
            .with(Work.Kind.CALL, Isolation.Kind.JVM, apart)
            .with(Work.Kind.CALL, Isolation.Kind.CONTAINER, apart)
            .with(Work.Kind.COMMAND, commands)
            .with(Work.Kind.COMMAND, Isolation.Kind.APPTAINER, commands)
            .with(Work.Kind.COMMAND, Isolation.Kind.CONTAINER, support.containerCommands());
    HeadLink node =
        new HeadLink(
            engine,
            (_, logins) -> new Equipment(runners, code, preparer.forRun(logins), () -> {}),
            Long.MAX_VALUE);
    MemoryLink<Message.ToNode> toNode = new MemoryLink<>(loop, node::received, node::batchEnded);
    NodeSession session = head.join(Head.EMBEDDED, offer, toNode);
    node.open(new MemoryLink<>(loop, session::receive, session::batchEnded));
  }

  /**
   * Connects with the workers that the run asks for; see {@link RemoteWorkers#connect}.
   *
   * @throws NoWorkersException if they cannot be had
   */
  void connect() {
    if (remote != null) {
      remote.connect(head);
    }
  }

  /** Returns the run's door to the head. */
  Dispatch dispatch() {
    return client;
  }

  /** Returns the loop, which also has the timers of the program. */
  Loop loop() {
    return loop;
  }

  /** Returns the logins, for what the program itself looks up; to find one blocks. */
  Logins logins() {
    return credentials;
  }

  /** Returns the head, for tests. */
  Head head() {
    return head;
  }

  /** Returns what prints on the streams of this process as they were. */
  ThreadJobRunner runner() {
    return runner;
  }

  @Nullable LiveLine liveLine() {
    return runner.liveLine();
  }

  /** Returns where workers can dial this program; empty if it does not listen. */
  Optional<String> address() {
    return remote == null ? Optional.empty() : remote.address();
  }

  /** Returns the most cores that the workers had together so far. */
  int mostCores() {
    return head.mostCores();
  }

  // ---------------------------------------------------------------- what ends all jobs

  /** Ends everything, as the journal cannot be written; for any thread. */
  void onJournalFailure(JournalException why) {
    failure.set(why);
    client.giveUp(String.valueOf(why.getMessage()));
    client.cancelEverything();
  }

  /** Ends everything, as there are no workers; on the loop. */
  private void onDeserted(NoWorkersException why) {
    failure.set(why);
    client.giveUp(String.valueOf(why.getMessage()));
  }

  /** Checks the invariants of head and embedded worker from now on. */
  private void checkItself() {
    head.checkPasses(this::onViolation);
    engine.checkBatches(what ->
        head.breakOff(
            "an internal consistency check of the embedded worker failed; this is a bug in Grain: "
                + what,
            this::onViolation));
  }

  /** All jobs end, as an invariant does not hold; on the loop. */
  private void onViolation(String reason) {
    onBroken(reason, null);
  }

  private void onBroken(String reason, @Nullable Throwable cause) {
    String sentence = "The run has ended: " + reason;
    failure.set(new IllegalStateException(sentence, cause));
    if (remote != null) {
      remote.giveUp(sentence);
    }
  }

  /** Ends everything, as an error has left something half done; on the thread of the loop. */
  private void onLoopError(Throwable error) {
    reserve.release();
    String reason =
        error instanceof OutOfMemoryError
            ? "the program is out of memory; give it a larger heap (-Xmx), or keep fewer results"
            : "an error in Grain itself: " + error;
    Runnable end = () -> head.breakOff(reason, words -> onBroken(words, error));
    // later, when what it was working on is not in memory any more
    if (!loop.tryPost(end)) {
      end.run();
    }
  }

  // ---------------------------------------------------------------- the end

  /** Says goodbye to the workers, whose jobs have ended. */
  void leaveWorkers() {
    client.close();
    if (remote != null) {
      remote.close();
    }
  }

  /**
   * Ends the loop and the threads of jobs.
   *
   * @param wait whether to wait a little for the threads of jobs that have ended
   */
  void close(boolean wait) {
    preparer.close();
    credentials.close();
    commands.close();
    isolated.close();
    support.close();
    enforcement.close();
    runner.close();
    loop.close();
    if (wait) {
      runner.awaitEnd();
    }
  }
}
