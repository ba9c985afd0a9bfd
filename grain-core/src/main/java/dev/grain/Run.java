package dev.grain;

import dev.grain.OutputListener.Output;
import dev.grain.bytes.Bytes;
import dev.grain.code.Codec;
import dev.grain.code.bundle.Bundles;
import dev.grain.head.CodeLibrary;
import dev.grain.head.Head;
import dev.grain.head.Head.NodeSession;
import dev.grain.head.HeadJob;
import dev.grain.head.JobEnd;
import dev.grain.head.JobTemplate;
import dev.grain.head.OutcomeLog;
import dev.grain.jfr.FlightRecording;
import dev.grain.job.Cause;
import dev.grain.job.GrainInterruptedException;
import dev.grain.job.JobException;
import dev.grain.job.JobId;
import dev.grain.job.JournalException;
import dev.grain.job.NoWorkersException;
import dev.grain.job.Request;
import dev.grain.job.Resource;
import dev.grain.journal.Journal;
import dev.grain.loop.Loop;
import dev.grain.loop.NettyLoop;
import dev.grain.message.MemoryLink;
import dev.grain.message.Message;
import dev.grain.message.Work;
import dev.grain.node.CodeAccess;
import dev.grain.node.EngineLimits;
import dev.grain.node.Equipment;
import dev.grain.node.NodeEngine;
import dev.grain.node.Runners;
import dev.grain.node.call.MemoryReserve;
import dev.grain.node.call.ThreadJobRunner;
import dev.grain.node.link.HeadLink;
import dev.grain.resource.internal.Detection;
import dev.grain.resource.internal.Offer;
import dev.grain.schedule.Counts;
import dev.grain.schedule.Placement;
import dev.grain.schedule.Policy;
import dev.grain.schedule.ScheduledJob;
import dev.grain.schedule.Scheduler;
import dev.grain.terminal.ProgressLine;
import dev.grain.terminal.ProgressText;
import java.io.Serializable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One life of a program's jobs: the head, the embedded worker that is joined to it by a link in
 * memory, and what the program has open.
 *
 * <p>Head and embedded worker share one loop, so that a job crosses to another thread once on the
 * way out and once on the way back.
 */
final class Run {
  /** How much longer than the cancel grace is waited for the report that it is over. */
  static final long SLACK_NANOS = 1_000_000_000;

  /**
   * A system property, for tests: for how many milliseconds a worker that could not start jobs gets
   * none, the first time.
   */
  private static final String SET_ASIDE = "dev.grain.setAside";

  private final String id;
  private final RunOptions options;
  private final Codec code;
  private final @Nullable RemoteWorkers remote;
  private final @Nullable RunJournal journal;
  private final @Nullable JobKeys keys;
  private final SubmissionPath place = SubmissionPath.ofRun();
  private final NettyLoop loop;
  private final Head head;
  private final ThreadJobRunner runner;
  private final NodeEngine engine;
  private final OutputFeed feed;
  private final @Nullable ProgressLine progress;
  private final long start = System.nanoTime();
  private final QueueGate gate = new QueueGate(Limits.queuedBytes());
  private final Templates templates = new Templates();
  private final AtomicLong lastNumber = new AtomicLong();
  private final long valueLimit = Limits.valueBytes();

  // the groups that are open, and the frames of threads that are neither a main nor a subtask;
  // changed by any thread
  private final Set<Group> groups = ConcurrentHashMap.newKeySet();
  private final Map<Thread, Orchestration> bareFrames = new ConcurrentHashMap<>();

  // the threads that ask the program whether a job runs again; added to by the loop
  private final Set<Thread> judges = ConcurrentHashMap.newKeySet();

  private volatile boolean closing;
  // the jobs that were given up because they ignore the interrupt; added to by the loop
  private final Queue<String> goingOn = new ConcurrentLinkedQueue<>();
  private final RunFailure failure = new RunFailure();
  private final MemoryReserve reserve = new MemoryReserve();
  // set by the loop whenever somebody asks, and when it ends
  private volatile @Nullable RunStats lastStats;
  private final AtomicBoolean ended = new AtomicBoolean();
  private final CountDownLatch closed = new CountDownLatch(1);

  private Run(String id, RunOptions options, @Nullable Journal file) {
    this.id = id;
    this.options = options;
    ClassLoader program = programLoader();
    boolean strict = options.use().queueOrder() == QueueOrder.STRICT;
    boolean isRemote = options.reach().isRemote();
    Bundles bundles = new Bundles(program, file == null ? _ -> false : file::isPartOf);
    this.remote = isRemote ? RemoteWorkers.open(id, options, bundles, this::fail) : null;
    this.loop = remote == null ? NettyLoop.withoutSockets("grain-head") : remote.loop();
    this.code = new Codec(program, remote == null ? null : bundles);
    this.keys = file == null ? null : new JobKeys(code, bundles);
    this.journal = file == null ? null : new RunJournal(file, gate, this::fail);
    this.head =
        new Head(
            id,
            loop,
            policy(strict, !isRemote),
            remote == null ? CodeLibrary.NONE : remote.library(),
            journal == null ? OutcomeLog.NONE : journal);
    this.runner =
        new ThreadJobRunner(_ -> code, valueLimit, true, options.display().echo(), () -> {});
    Offer offer = offer(options);
    this.engine =
        new NodeEngine(
            Head.EMBEDDED,
            offer,
            loop,
            new EngineLimits(
                strict ? 0 : Limits.OVERTAKING, Scheduler.LOOKAHEAD, options.grace().toNanos()));
    loop.onError(this::onLoopError);
    if (options.checks()) {
      checkItself();
    }
    this.feed = new OutputFeed(Limits.outputWaiting(), this::show);
    loop.post(() -> join(offer));
    this.progress =
        options.display().progress() ? ProgressLine.start(head::progress, runner.liveLine()) : null;
  }

  /**
   * Starts a run, and waits for the workers that it asks for.
   *
   * @throws NoWorkersException if they cannot be had
   * @throws JournalException if it is to have a journal that cannot be opened
   */
  static Run open(RunOptions options) {
    String id = UUID.randomUUID().toString().substring(0, 8);
    Path path = options.use().journal();
    Journal file = path == null ? null : RunJournal.open(path, id);
    Run run;
    try {
      run = new Run(id, options, file);
    } catch (RuntimeException e) {
      if (file != null) {
        file.close();
      }
      throw e;
    }
    if (run.remote != null) {
      try {
        run.remote.connect(run.head);
      } catch (RuntimeException e) {
        run.close(true);
        throw e;
      }
    }
    return run;
  }

  private static Policy policy(boolean strict, boolean closed) {
    Policy usual = new Policy(strict, Limits.OVERTAKING, closed, Placement.bestFit());
    Long millis = Long.getLong(SET_ASIDE);
    return millis == null ? usual : usual.withSetAside(TimeUnit.MILLISECONDS.toNanos(millis));
  }

  private static ClassLoader programLoader() {
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    return context == null ? ClassLoader.getSystemClassLoader() : context;
  }

  private static Offer offer(RunOptions options) {
    Resource declared = options.use().local();
    Offer offer;
    if (declared == null && options.reach().isRemote()) {
      offer = Offer.EMPTY;
    } else {
      Offer detected = Detection.detect().withMemory(Limits.embeddedMemory());
      offer = declared == null ? detected : Offer.of(declared, detected);
    }
    Resource bound = options.use().perWorker();
    return (bound == null ? offer : offer.bounded(bound)).withHeadPlaces(Limits.HEAD_PLACES);
  }

  /** Joins the embedded worker; on the loop. */
  private void join(Offer offer) {
    Runners runners = Runners.NONE.with(Work.Kind.CALL, runner);
    Equipment equipment = new Equipment(runners, CodeAccess.OWN, () -> {});
    HeadLink node = new HeadLink(engine, _ -> equipment, Long.MAX_VALUE);
    MemoryLink<Message.ToNode> toNode = new MemoryLink<>(loop, node::received, node::batchEnded);
    NodeSession session = head.join(Head.EMBEDDED, offer, toNode);
    node.open(new MemoryLink<>(loop, session::receive, session::batchEnded));
  }

  String id() {
    return id;
  }

  RunOptions options() {
    return options;
  }

  Codec code() {
    return code;
  }

  Head head() {
    return head;
  }

  /** Returns where workers can dial this program; empty if it does not listen. */
  Optional<String> address() {
    return remote == null ? Optional.empty() : remote.address();
  }

  /** A job has printed something; on the loop. */
  void printed(HeadJob job, Bytes text, boolean error) {
    String worker = String.valueOf(job.nodeName());
    boolean unseen = options.display().echo() && !worker.equals(Head.EMBEDDED);
    if (unseen || options.display().listener() != null) {
      feed.add(new Output(new JobId(job.number()), job.name(), worker, text.utf8(), error));
    }
  }

  private void show(Output output) {
    if (options.display().echo() && !output.worker().equals(Head.EMBEDDED)) {
      runner.echo(output.job().number(), output.name(), output.text(), output.error());
    }
    OutputListener listener = options.display().listener();
    if (listener != null) {
      listener.onOutput(output);
    }
  }

  // ---- without workers, without the journal

  /** Ends everything, as the journal cannot be written; for any thread. */
  private void fail(JournalException why) {
    failure.set(why);
    try {
      loop.post(() -> {
        head.giveUp(String.valueOf(why.getMessage()));
        head.cancelEverything();
      });
    } catch (RejectedExecutionException e) {
      // the loop has ended, and no job is left on it
    }
  }

  /** Ends everything, as there are no workers; on the loop. */
  private void fail(NoWorkersException why) {
    failure.set(why);
    head.giveUp(String.valueOf(why.getMessage()));
  }

  /** Checks the books of head and embedded worker from now on. */
  private void checkItself() {
    head.checkPasses(this::onViolation);
    engine.checkBatches(what ->
        head.breakOff(
            "the run has checked its own worker and found an error in its books, a bug in"
                + " Grain: "
                + what,
            this::onViolation));
  }

  /** All jobs end, as the books are wrong; on the loop. */
  private void onViolation(String reason) {
    fail(reason, null);
  }

  private void fail(String reason, @Nullable Throwable cause) {
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
    Runnable end = () -> head.breakOff(reason, words -> fail(words, error));
    try {
      // later, when what it was working on is not in memory any more
      loop.post(end);
    } catch (RejectedExecutionException e) {
      end.run();
    }
  }

  /** Returns why the run has failed as a whole, if it has. */
  RunFailure failure() {
    return failure;
  }

  Duration grace() {
    return options.grace();
  }

  /** Lets those that wait for room in the queue look again. */
  void wakeSubmitters() {
    gate.wakeAll();
  }

  // ---- places

  /** Returns the place of what is done outside of mains and subtasks. */
  SubmissionPath place() {
    return place;
  }

  /** Returns the place of the main or subtask that the current thread is in. */
  SubmissionPath placeHere() {
    return Orchestration.current()
        .filter(frame -> frame.run() == this)
        .map(Orchestration::place)
        .orElse(place);
  }

  // ---- groups

  void opened(Group group) {
    groups.add(group);
  }

  void closed(Group group) {
    groups.remove(group);
  }

  /** Returns the frame that the current thread has had since it opened its first group. */
  Orchestration bareFrame(Supplier<Orchestration> made) {
    return bareFrames.computeIfAbsent(Thread.currentThread(), _ -> made.get());
  }

  /** The current thread has closed its last group. */
  void forgetBareFrame() {
    bareFrames.remove(Thread.currentThread());
  }

  // ---- jobs

  /** Takes note of a job before it is submitted; throws if its owner does not want it any more. */
  @FunctionalInterface
  interface Registration {
    void accept(SubmittedJob<?> job);
  }

  /**
   * Encodes and submits a job.
   *
   * @param owner what it belongs to
   * @param registration called when nothing can fail any more but this itself
   */
  <R extends @Nullable Object> SubmittedJob<R> submit(
      Request request,
      Serializable function,
      @Nullable Object[] arguments,
      JobOwner owner,
      Registration registration) {
    ensureOpen();
    Codec.EncodedCall call = code.encode(function, arguments, valueLimit);
    JobTemplate template = templates.of(request, call);
    Bytes key = keyOf(request, function, arguments, call, owner);
    gate.enter(call.arguments().length(), owner);
    if (closing) {
      // asked again, as close() waits for everything that has entered before it
      gate.leave(call.arguments().length());
      throw closed();
    }
    long number = lastNumber.incrementAndGet();
    SubmittedJob<R> submitted = new SubmittedJob<>(this, owner, number, template.name());
    HeadJob.Journaled journaled = key == null ? null : lookUp(key, request);
    HeadJob headJob = new HeadJob(number, template, call.arguments(), submitted, journaled);
    submitted.attach(headJob);
    try {
      registration.accept(submitted);
    } catch (RuntimeException e) {
      gate.leave(headJob.size());
      throw e;
    }
    if (journal != null && journaled != null && journaled.known() != null) {
      journal.used(journaled.key());
    }
    FlightRecording.submitted(
        id, number, template.name(), owner, template.demand(), headJob.size());
    try {
      head.submit(headJob);
    } catch (RejectedExecutionException e) {
      submitted.onEnd(headJob, new JobEnd.Ended(Cause.CANCELLED, "the run is closed", List.of()));
      throw closed();
    }
    return submitted;
  }

  /** Returns what the journal knows the job by; null if it is to be in none. */
  private @Nullable Bytes keyOf(
      Request request,
      Serializable function,
      @Nullable Object[] arguments,
      Codec.EncodedCall call,
      JobOwner owner) {
    if (keys == null) {
      return null;
    }
    SubmissionPath at = owner.place() == null ? placeHere() : owner.place();
    return keys.of(at, request, function, arguments, call);
  }

  private HeadJob.@Nullable Journaled lookUp(Bytes key, Request request) {
    // the program may have changed since a job was named by words
    boolean named = request instanceof JobOptions options && options.words() != null;
    return journal == null
        ? null
        : new HeadJob.Journaled(key, journal.find(key, named ? code : null));
  }

  /** Returns the id for a further job. */
  JobId nextId() {
    return new JobId(lastNumber.incrementAndGet());
  }

  /** Submits a job that belongs to nothing but the run. */
  <R extends @Nullable Object> Job<R> submitAlone(
      Request request, Serializable function, @Nullable Object... arguments) {
    return submit(request, function, arguments, JobOwner.NONE, _ -> {});
  }

  /** Runs one job and waits for its value; an interrupt cancels it. */
  @SuppressWarnings("TypeParameterUnusedInFormals") // the callers know the type of the function
  <R extends @Nullable Object> R exec(
      Request request, Serializable function, @Nullable Object... arguments) {
    SubmittedJob<R> job = submit(request, function, arguments, JobOwner.NONE, _ -> {});
    try {
      return job.result();
    } catch (GrainInterruptedException e) {
      job.cancel();
      job.awaitEnd(grace().toNanos() + SLACK_NANOS);
      throw e;
    } catch (JobException e) {
      throw failure.or(e);
    }
  }

  /** Cancels a job; does nothing once the run has ended. */
  void cancelJob(HeadJob job) {
    try {
      head.cancel(job);
    } catch (RejectedExecutionException e) {
      // the loop has ended, and no job is left on it
    }
  }

  /** Cancels jobs, a batch at a time, as {@link Head#cancelAll}; does nothing once it has ended. */
  void cancelJobs(Supplier<List<HeadJob>> jobs) {
    try {
      head.cancelAll(jobs);
    } catch (RejectedExecutionException e) {
      // the loop has ended, and no job is left on it
    }
  }

  /** Runs what says whether a job runs again, on a thread of its own; on the loop. */
  void judge(Runnable task) {
    Thread judge =
        Thread.ofVirtual()
            .name("grain-retry")
            .inheritInheritableThreadLocals(false)
            .unstarted(() -> {
              try {
                task.run();
              } finally {
                judges.remove(Thread.currentThread());
              }
            });
    judges.add(judge);
    judge.start();
  }

  /** Says whether a job runs again; does nothing once the run has ended. */
  void decide(HeadJob job, int attempt, boolean again, JobEnd end) {
    try {
      head.decide(job, attempt, again, end);
    } catch (RejectedExecutionException e) {
      // the loop has ended, and no job is left on it
    }
  }

  /** Calls off a timer of the loop; for any thread. */
  void cancelTimer(Loop.Timer timer) {
    try {
      loop.post(timer::cancel);
    } catch (RejectedExecutionException e) {
      // the loop has ended, and its timers with it
    }
  }

  /**
   * A job has ended; on the loop.
   *
   * @param threadLeft whether it ignores the interrupt, so that its thread goes on
   */
  void onJobEnded(HeadJob job, boolean threadLeft) {
    if (threadLeft) {
      goingOn.add(job.toString());
    }
    gate.leave(job.size());
  }

  /** Returns the names of the jobs that ignore the interrupt, given up or not yet. */
  List<String> jobsThatGoOn() throws InterruptedException {
    List<String> names = new ArrayList<>(goingOn);
    var stopping = new LinkedTransferQueue<List<HeadJob>>();
    try {
      head.stopping(stopping::add);
      List<HeadJob> jobs = stopping.poll(SLACK_NANOS, TimeUnit.NANOSECONDS);
      (jobs == null ? List.<HeadJob>of() : jobs).forEach(job -> names.add(job.toString()));
    } catch (RejectedExecutionException e) {
      // the loop has ended, and no job is left on it
    }
    return names;
  }

  /** Returns whether nothing is taken any more. */
  boolean isClosing() {
    return closing;
  }

  void ensureOpen() {
    if (closing) {
      throw closed();
    }
    RuntimeException why = failure.again();
    if (why != null) {
      throw why;
    }
  }

  private static IllegalStateException closed() {
    return new IllegalStateException("The run is closed; submit jobs before it ends.");
  }

  // ---- the end

  /** Returns what has not ended, in words; empty if all has. */
  String describeUnfinished() {
    Counts counts = head.progress().counts();
    int waiting = counts.queued() + counts.sent();
    return counts.running() + waiting == 0
        ? ""
        : "%d %s unfinished: %d running, %d waiting"
            .formatted(
                counts.running() + waiting,
                counts.running() + waiting == 1 ? "job" : "jobs",
                counts.running(),
                waiting);
  }

  /** Returns what it has done and has open; once it has ended, how it was then. */
  RunStats stats() {
    if (loop.inLoop()) {
      return takeStats();
    }
    try {
      return CompletableFuture.supplyAsync(this::takeStats, loop::post).join();
    } catch (RejectedExecutionException e) {
      return Objects.requireNonNull(lastStats, "set before the loop ends");
    }
  }

  /** Says why a job that has not ended is where it is; null if it has. */
  @Nullable String explain(HeadJob job) {
    return onLoop(() -> isOver(job) ? null : head.explain(job));
  }

  /** A job that has ended may still be at its node, if it ignores the interrupt. */
  private static boolean isOver(HeadJob job) {
    return job.phase() == ScheduledJob.Phase.ENDED;
  }

  /** Says why a job is where it is; that it has ended, if it has. */
  String explain(JobId id) {
    long number = id.number();
    if (number < 1 || number > lastNumber.get()) {
      throw new IllegalArgumentException(
          "This run has no job %d; its last one is %d.".formatted(number, lastNumber.get()));
    }
    String words =
        onLoop(() -> {
          HeadJob job = head.find(number);
          return job == null ? null : JobErrors.sentence(job.toString(), head.explain(job));
        });
    return words == null ? "Job %d has ended.".formatted(number) : words;
  }

  /** Asks on the loop; returns null once that has ended. */
  private @Nullable String onLoop(Supplier<@Nullable String> question) {
    if (loop.inLoop()) {
      return question.get();
    }
    try {
      return CompletableFuture.supplyAsync(question, loop::post).join();
    } catch (RejectedExecutionException e) {
      return null;
    }
  }

  /** Takes them on the loop, and keeps them for when it has ended. */
  private RunStats takeStats() {
    RunStats taken = RunStats.of(head.snapshot(), gate.used());
    lastStats = taken;
    return taken;
  }

  /** Takes the line with the progress away for good. */
  void endProgress() {
    if (progress != null) {
      progress.close();
    }
  }

  /** Prints a line on the error stream, above the one with the progress. */
  void printError(String line) {
    System.err.println(line);
  }

  /**
   * Waits for the jobs that have not ended, and ends all threads of the run. If another thread does
   * so already, waits until it has.
   *
   * @param cancel whether the jobs are cancelled; an interrupt of the thread cancels them too
   * @throws GrainInterruptedException if the thread was interrupted
   */
  void close(boolean cancel) {
    if (ended.getAndSet(true)) {
      awaitClosed();
      return;
    }
    closing = true;
    try {
      closeOnce(cancel);
    } finally {
      closed.countDown();
    }
  }

  private void awaitClosed() {
    try {
      closed.await();
    } catch (InterruptedException e) {
      cancelAll();
      throw new GrainInterruptedException("the jobs of the run");
    }
  }

  private void closeOnce(boolean cancel) {
    boolean interrupted = false;
    try {
      if (!cancel) {
        gate.awaitEmpty(Long.MAX_VALUE);
      }
    } catch (InterruptedException e) {
      interrupted = true;
    }
    boolean left = !gate.isEmpty() && !cancelAll();
    IllegalStateException forgotten = cancelForgottenGroups();
    endProgress();
    loop.post(this::takeStats);
    judges.forEach(Thread::interrupt);
    closeRemote();
    feed.close();
    runner.close();
    loop.close();
    if (!left && goingOn.isEmpty()) {
      runner.awaitEnd();
    }
    if (journal != null) {
      if (!cancel && !interrupted) {
        journal.complete();
      }
      journal.close();
    }
    if (options.display().summary()) {
      double seconds = (System.nanoTime() - start) / 1e9;
      printError(ProgressText.summary(head.progress(), seconds, head.mostCores()));
    }
    if (interrupted) {
      throw new GrainInterruptedException("the jobs of the run");
    }
    if (forgotten != null) {
      throw forgotten;
    }
    RuntimeException unwritten = cancel ? null : failure.ofJournalAgain();
    if (unwritten != null) {
      throw unwritten;
    }
  }

  private void closeRemote() {
    if (remote != null) {
      remote.close();
    }
  }

  /** Cancels the groups that nobody is about to close, so that they leave no thread. */
  private @Nullable IllegalStateException cancelForgottenGroups() {
    IllegalStateException complaint = null;
    for (Group group : groups) {
      if (!group.isSealed()) {
        group.cancelBecause("its executor was closed");
        complaint = group.neverClosed(complaint);
      }
    }
    return complaint;
  }

  /** Cancels every job and waits at most the cancel grace, as {@link #cancelAll(long)}. */
  private boolean cancelAll() {
    return cancelAll(options.grace().toNanos() + SLACK_NANOS);
  }

  /**
   * Cancels every job and waits, interrupted or not.
   *
   * @param nanos how long to wait at most
   * @return whether all have ended, or have been reported as not stopping
   */
  boolean cancelAll(long nanos) {
    closing = true;
    try {
      head.cancelEverything();
    } catch (RejectedExecutionException e) {
      // the loop has ended, and no job is left on it
      return true;
    }
    boolean interrupted = false;
    long end = System.nanoTime() + nanos;
    try {
      while (true) {
        try {
          return gate.awaitEmpty(end - System.nanoTime());
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
