package dev.grain;

import dev.grain.GroupFailures.Cancellation;
import dev.grain.GroupFailures.Failure;
import dev.grain.concurrent.Uninterruptibly;
import dev.grain.dispatch.JobEnd;
import dev.grain.loop.Loop;
import dev.grain.scope.TaskScope;
import dev.grain.text.Durations;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a wait group is.
 *
 * <p>Implementation note: one {@link TaskScope}, into which the subtasks are forked, and one
 * collector that stands for all jobs, so that a million queued jobs cost no thread. The collector
 * ends when the group is sealed and nothing is open any more, or when the group is cancelled; the
 * scope asks at the end of each fork whether the group is cancelled, and interrupts the others if
 * so.
 *
 * <p>Cancelling marks the group and all groups within it before any thread is interrupted, so that
 * no inner {@code close()} waits for work.
 *
 * <p>{@link GroupMembers} has its jobs and subtasks, {@link GroupNesting} the groups around and
 * within it and its cancellation, {@link GroupFailures} what has failed. The lock of all is the
 * group's own monitor.
 */
final class Group implements JobOwner {
  private final Run run;
  private final Orchestration orchestration;
  private final GroupOptions options;
  private final SubmissionPath path;
  private final long line;
  private final OpenedAt opening = OpenedAt.here();
  private final TaskScope scope;
  private final GroupNesting nesting;
  private final GroupMembers members;
  private final GroupFailures failures = new GroupFailures();

  // set by the owner
  private volatile boolean sealed;
  // set by the collector when it starts
  private volatile @Nullable Thread collector;
  // the owner while it waits for jobs that were cancelled
  private volatile @Nullable Thread waiter;
  // only accessed by the owner: what its last call threw, if that came out of this group
  private @Nullable RuntimeException lastThrown;
  private Loop.@Nullable Timer timer;

  private Group(Run run, Orchestration orchestration, GroupOptions options) {
    this.run = run;
    this.orchestration = orchestration;
    this.path = orchestration.path().nextGroup();
    this.line = run.nextLine();
    this.options = options;
    this.nesting = new GroupNesting(this, orchestration.innermost());
    this.members = new GroupMembers(this, options.discardsResults());
    this.scope = TaskScope.open(nesting::isCancelled);
  }

  /** Opens a group that is owned by the current thread, within those it has open. */
  static Group open(Run run, GroupOptions options) {
    run.ensureOpen();
    Group group = new Group(run, Orchestration.ownedIn(run), options);
    Group around = group.around();
    if (around != null && !around.nesting.add(group)) {
      group.scope.close();
      throw around.nesting.toException();
    }
    group.orchestration.opened(group);
    run.end().opened(group);
    group.begin();
    return group;
  }

  private void begin() {
    scope.fork(() -> {
      collect();
      return null;
    });
    Duration limit = options.timeLimit();
    if (limit != null) {
      String reason = "it exceeded its time limit of " + Durations.readable(limit);
      timer = run.schedule(limit, () -> cancelBecause(reason));
    }
  }

  /**
   * The collector's part: waits until no job is open and none can come, or the group is cancelled.
   */
  private void collect() {
    collector = Thread.currentThread();
    while (!nesting.isCancelled() && !hasEnded()) {
      LockSupport.park(this);
    }
  }

  private boolean hasEnded() {
    return sealed && !members.hasOpenJobs() && !members.hasOpenSubtasks();
  }

  /** Returns whether its owner has begun to close it. */
  boolean isSealed() {
    return sealed;
  }

  /** Returns what to throw about a group that its owner forgot. */
  IllegalStateException neverClosed(@Nullable IllegalStateException cause) {
    return new IllegalStateException(
        "%s was never closed; it was opened at %s. Open wait groups in try-with-resources."
            .formatted(this, opening.at()),
        cause);
  }

  /** Returns whether it is closed. */
  boolean isClosed() {
    return nesting.isClosed();
  }

  @Nullable Group around() {
    return nesting.around();
  }

  GroupNesting nesting() {
    return nesting;
  }

  GroupMembers members() {
    return members;
  }

  @Override
  public long line() {
    return line;
  }

  @Override
  public SubmissionPath path() {
    return path;
  }

  // ---- submitting

  <R extends @Nullable Object> Job<R> submit(Request request, JobBody body) {
    try {
      ensureMember("submit");
      ensureTaking();
      SubmittedJob<R> job = run.submit(request, body, this, this::register);
      forgetThrown();
      return job;
    } catch (RuntimeException e) {
      throw rememberThrown(e);
    }
  }

  private void register(SubmittedJob<?> job) {
    synchronized (this) {
      ensureTaking();
      members.add(job);
    }
  }

  <R extends @Nullable Object> Subtask<R> start(Main<R, ? extends Exception> body) {
    try {
      ensureOwner("start");
      ensureTaking();
      StartedSubtask<R> subtask;
      synchronized (this) {
        ensureTaking();
        subtask = members.addSubtask();
      }
      fork(subtask, path.nextSubtask(), body);
      forgetThrown();
      return subtask;
    } catch (RuntimeException e) {
      throw rememberThrown(e);
    }
  }

  private <R extends @Nullable Object> void fork(
      StartedSubtask<R> subtask, SubmissionPath at, Main<R, ? extends Exception> body) {
    try {
      scope.fork(() -> {
        runSubtask(subtask, at, body);
        return null;
      });
    } catch (RuntimeException | Error e) {
      // nothing may wait for it
      members.removeSubtask(subtask);
      throw e;
    }
  }

  private <R extends @Nullable Object> void runSubtask(
      StartedSubtask<R> subtask, SubmissionPath at, Main<R, ? extends Exception> body) {
    try {
      subtask.returned(Orchestration.call(run, this, at, body));
    } catch (Throwable e) {
      subtask.announceEnd();
      onFailure(new Failure(subtask, e, () -> subtask.toException(e)));
      subtask.threw(e);
    } finally {
      members.onSubtaskEnded();
      LockSupport.unpark(collector);
    }
  }

  private void ensureTaking() {
    if (isClosed() || (sealed && !members.hasOpenSubtasks())) {
      throw new IllegalStateException(
          this + " is closed; submit jobs and start subtasks before its block ends");
    }
    RuntimeException reason = givenUp();
    if (reason != null) {
      throw reason;
    }
  }

  private void ensureOwner(String method) {
    if (!opening.isOfThisThread()) {
      throw new IllegalStateException(
          "%s() of %s must be called by the thread that opened it (%s), but was called by %s"
              .formatted(method, this, opening.owner().getName(), Thread.currentThread()));
    }
  }

  private void ensureMember(String method) {
    if (!opening.isOfThisThread()
        && !Orchestration.current()
            .map(orchestration -> orchestration.isWithin(this))
            .orElse(false)) {
      throw new IllegalStateException(
          ("%s() of %s must be called by the thread that opened it or by one of its "
                  + "subtasks, but was called by %s. Start a subtask with start(), or submit to a "
                  + "GrainExecutor, which takes jobs from any thread.")
              .formatted(method, this, Thread.currentThread()));
    }
  }

  private RuntimeException rememberThrown(RuntimeException e) {
    if (opening.isOfThisThread()) {
      lastThrown = e;
    }
    return e;
  }

  private void forgetThrown() {
    if (opening.isOfThisThread()) {
      lastThrown = null;
    }
  }

  // ---- how jobs and subtasks end

  @Override
  public void onJobEnding(SubmittedJob<?> job, JobEnd end) {
    if (SubmittedJob.isFailure(end)) {
      onFailure(new Failure(job, null, () -> JobErrors.toException(job, end)));
    }
  }

  @Override
  public void onJobEnded(SubmittedJob<?> job) {
    if (members.onJobEnded(job)) {
      if (sealed) {
        LockSupport.unpark(collector);
      }
      LockSupport.unpark(waiter);
      members.wakeCompleted();
    }
  }

  private void onFailure(Failure failure) {
    failures.add(failure, nesting.cancellation());
    if (options.failurePolicy() == FailurePolicy.FAIL_FAST) {
      cancel(new Cancellation(failure.entry() + " failed", failure, false));
    }
  }

  // ---- cancelling

  void cancelByUser() {
    cancel(new Cancellation("it was cancelled by cancel()", null, true));
  }

  void cancelBecause(String reason) {
    cancel(new Cancellation(reason, null, false));
  }

  private void cancel(Cancellation reason) {
    List<Group> marked = nesting.mark(reason);
    marked.forEach(Group::stopMembers);
    if (!marked.isEmpty()) {
      run.wakeSubmitters();
    }
  }

  private void stopMembers() {
    LockSupport.unpark(collector);
    members.wakeCompleted();
    run.dispatch().cancelAll(members.toCancel());
  }

  @Override
  public boolean isGivenUp() {
    return nesting.isCancelled();
  }

  @Override
  public @Nullable RuntimeException givenUp() {
    return nesting.isCancelled() ? nesting.toException() : null;
  }

  // ---- closing

  /** Runs code with the group and closes it; what leaves the code, and only that, cancels it. */
  <R extends @Nullable Object> R run(Function<WaitGroup, R> body) {
    try (WaitGroup group = new WaitGroup(this)) {
      try {
        R value = body.apply(group);
        lastThrown = null;
        return value;
      } catch (Throwable e) {
        cancelByUser();
        throw e;
      }
    }
  }

  void close() {
    ensureOwner("close");
    if (isClosed()) {
      return;
    }
    IllegalStateException forgotten = orchestration.closeAbove(this);
    if (lastThrown != null) {
      cancelBecause(
          ("the last call in its block threw (%s), and close() cannot see whether the block "
                  + "caught that; Grain.waitGroup(wg -> ...) can")
              .formatted(lastThrown.getMessage()));
    }
    sealed = true;
    LockSupport.unpark(collector);
    boolean interrupted = false;
    try {
      scope.join();
    } catch (InterruptedException e) {
      // a group around it that is cancelled interrupts this thread, and that is then the reason
      interrupted = !nesting.isCancelledFromAround();
      cancelBecause("the thread that owns it was interrupted");
      Thread.currentThread().interrupt();
    }
    List<Job<?>> running = List.of();
    if (nesting.isCancelled()) {
      running = awaitCancelledJobs();
    }
    try {
      scope.close();
    } finally {
      finishClosing();
    }
    RuntimeException toThrow = toThrow(interrupted, running);
    toThrow = toThrow == null ? run.failure().ofJournalAgain() : run.failure().or(toThrow);
    if (forgotten != null) {
      if (toThrow == null) {
        throw forgotten;
      }
      toThrow.addSuppressed(forgotten);
    }
    if (toThrow != null) {
      throw toThrow;
    }
  }

  private void finishClosing() {
    boolean cancelled;
    synchronized (this) {
      nesting.close();
      cancelled = nesting.isCancelled();
    }
    if (cancelled) {
      members.subtasks().forEach(subtask -> subtask.notRun(nesting.toException()));
    }
    if (timer != null) {
      run.cancelTimer(timer);
    }
    nesting.leave();
    orchestration.closed(this);
    run.end().closed(this);
  }

  /** Waits, interrupted or not, until the jobs have ended or the cancel grace has elapsed. */
  private List<Job<?>> awaitCancelledJobs() {
    waiter = Thread.currentThread();
    long patience = run.graceNanos() + RunEnd.SLACK_NANOS;
    Uninterruptibly.park(this, patience, () -> !members.hasOpenJobs());
    waiter = null;
    return members.running();
  }

  /** Returns what close() throws; null if all went well. */
  private @Nullable RuntimeException toThrow(boolean interrupted, List<Job<?>> running) {
    Cancellation why = nesting.cancellation();
    RuntimeException error = null;
    if (interrupted) {
      error = new GrainInterruptedException("the end of " + this);
    } else if (why != null && why.failure() == null && !(why.byUser() && running.isEmpty())) {
      error = running.isEmpty() ? nesting.toException() : stillRunning(why, running);
    }
    if (options.failurePolicy() == FailurePolicy.COLLECT) {
      return error;
    }
    error = failures.toException(error);
    if (error != null
        && why != null
        && !running.isEmpty()
        && (interrupted || why.failure() != null)) {
      error.addSuppressed(stillRunning(why, running));
    }
    return error;
  }

  private GroupCancelledException stillRunning(Cancellation why, List<Job<?>> running) {
    return new GroupCancelledException(
        "%s is cancelled: %s; these jobs ignore the interrupt and keep running: %s"
            .formatted(this, why.reason(), running),
        null);
  }

  /** Returns the jobs as they end, each once. */
  Iterable<Job<?>> completed() {
    forgetThrown();
    return members.completed();
  }

  @Override
  public String toString() {
    return options.name().isEmpty()
        ? "the wait group of " + opening.line()
        : "wait group " + options.name();
  }
}
