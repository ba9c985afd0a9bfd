package dev.grain;

import dev.grain.GroupFailures.Cancellation;
import dev.grain.GroupFailures.Failure;
import dev.grain.head.HeadJob;
import dev.grain.head.JobEnd;
import dev.grain.job.GrainInterruptedException;
import dev.grain.job.GroupCancelledException;
import dev.grain.job.Outcome;
import dev.grain.job.Request;
import dev.grain.loop.Loop;
import dev.grain.scope.TaskScope;
import dev.grain.text.Durations;
import java.io.Serializable;
import java.lang.invoke.MethodType;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
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
 * <p>The lock is the group's own monitor; it is never held while another group's is taken. That of
 * its {@link CompletedJobs} may be taken within it, and never the other way round.
 */
final class Group implements JobOwner {
  private static final int CANCEL_BATCH = 1024;

  private final Run run;
  private final Orchestration frame;
  private final @Nullable Group around;
  private final GroupOptions options;
  private final SubmissionPath place;
  private final OpenedAt opening = OpenedAt.here();
  private final TaskScope scope;

  // guarded by this
  private final Collection<Member> entries;
  private final Set<Group> within = new LinkedHashSet<>();
  // set under this, read by any thread
  private volatile @Nullable CompletedJobs completed;

  private final GroupFailures failures = new GroupFailures();
  private final AtomicInteger openJobs = new AtomicInteger();
  private final AtomicInteger openSubtasks = new AtomicInteger();
  // numbers entries; guarded by this
  private int submitted;
  // set by the owner
  private volatile boolean sealed;
  private volatile boolean closed;
  // set by the head loop: whether a job cannot be stopped
  private volatile boolean jobsGoOn;
  // set once by any thread
  private volatile @Nullable Cancellation cancellation;
  // set by the collector when it begins
  private volatile @Nullable Thread collector;
  // the owner while it waits for jobs that were cancelled
  private volatile @Nullable Thread waiter;
  // only accessed by the owner: what its last call threw, if that came out of this group
  private @Nullable RuntimeException lastThrown;
  private Loop.@Nullable Timer timer;

  private Group(Run run, Orchestration frame, GroupOptions options) {
    this.run = run;
    this.frame = frame;
    this.around = frame.innermost();
    this.place = frame.place().nextGroup();
    this.options = options;
    this.entries = options.discardsResults() ? new LinkedHashSet<>() : new ArrayList<>();
    this.scope = TaskScope.open(() -> cancellation != null);
  }

  /** Opens a group that is owned by the current thread, within those it has open. */
  static Group open(Run run, GroupOptions options) {
    run.ensureOpen();
    Group group = new Group(run, Orchestration.ownedIn(run), options);
    Group around = group.around;
    if (around != null && !around.addWithin(group)) {
      group.scope.close();
      throw around.cancelled();
    }
    group.frame.opened(group);
    run.opened(group);
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
      String reason = "it was open for its time limit of " + Durations.readable(limit);
      timer = run.head().loop().schedule(limit.toNanos(), () -> cancelBecause(reason));
    }
  }

  /**
   * The collector's part: waits until no job is open and none can come, or the group is cancelled.
   */
  private void collect() {
    collector = Thread.currentThread();
    while (cancellation == null && !(sealed && openJobs.get() == 0 && openSubtasks.get() == 0)) {
      LockSupport.park(this);
    }
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

  @Nullable Group around() {
    return around;
  }

  @Override
  public SubmissionPath place() {
    return place;
  }

  private boolean addWithin(Group inner) {
    synchronized (this) {
      within.add(inner);
      if (cancellation != null) {
        within.remove(inner);
      }
      return cancellation == null;
    }
  }

  // ---- submitting

  <R extends @Nullable Object> Job<R> submit(
      Request request, Serializable function, @Nullable Object... arguments) {
    try {
      ensureMember("submit");
      ensureTaking();
      SubmittedJob<R> job = run.submit(request, function, arguments, this, this::register);
      forgetThrown();
      return job;
    } catch (RuntimeException e) {
      throw rememberThrown(e);
    }
  }

  private void register(SubmittedJob<?> job) {
    synchronized (this) {
      ensureTaking();
      entries.add(job);
      submitted++;
      openJobs.incrementAndGet();
    }
  }

  <R extends @Nullable Object> Subtask<R> start(Main<R, ? extends Exception> body) {
    try {
      ensureOwner("start");
      ensureTaking();
      StartedSubtask<R> subtask;
      synchronized (this) {
        ensureTaking();
        subtask = new StartedSubtask<>(this, ++submitted);
        if (!options.discardsResults()) {
          entries.add(subtask);
        }
        openSubtasks.incrementAndGet();
      }
      fork(subtask, place.nextSubtask(), body);
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
      // it will never run, so nothing may wait for it
      synchronized (this) {
        entries.remove(subtask);
        submitted--;
      }
      openSubtasks.decrementAndGet();
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
      openSubtasks.decrementAndGet();
      LockSupport.unpark(collector);
    }
  }

  private void ensureTaking() {
    if (closed || (sealed && openSubtasks.get() == 0)) {
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
          "%s() of %s is for the thread that opened it, %s; this is %s"
              .formatted(method, this, opening.owner().getName(), Thread.currentThread()));
    }
  }

  private void ensureMember(String method) {
    if (!opening.isOfThisThread()
        && !Orchestration.current().map(frame -> frame.isWithin(this)).orElse(false)) {
      throw new IllegalStateException(
          ("%s() of %s is for the thread that opened it and for its own subtasks; this is %s. Start"
                  + " a subtask with start(), or submit to a GrainExecutor, which takes jobs from any"
                  + " thread.")
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
    if (job.goesOn()) {
      jobsGoOn = true;
    }
    CompletedJobs listed = completed;
    if (listed != null) {
      listed.add(job);
    }
    if (options.discardsResults() && !job.goesOn()) {
      synchronized (this) {
        entries.remove(job);
      }
    }
    if (openJobs.decrementAndGet() == 0) {
      if (sealed) {
        LockSupport.unpark(collector);
      }
      LockSupport.unpark(waiter);
      wakeCompleted();
    }
  }

  private void onFailure(Failure failure) {
    failures.add(failure, cancellation);
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
    List<Group> marked = new ArrayList<>();
    mark(reason, marked);
    for (Group group : marked) {
      group.stopMembers();
    }
    if (!marked.isEmpty()) {
      run.wakeSubmitters();
    }
  }

  /** Marks this group and those within it that are not marked yet, without recursion. */
  private void mark(Cancellation reason, List<Group> marked) {
    Deque<Group> toMark = new ArrayDeque<>();
    toMark.add(this);
    while (!toMark.isEmpty()) {
      Group group = toMark.remove();
      Cancellation own =
          group == this
              ? reason
              : new Cancellation("%s around it was cancelled".formatted(this), null, false);
      synchronized (group) {
        if (group.cancellation != null || group.closed) {
          continue;
        }
        group.cancellation = own;
        marked.add(group);
        toMark.addAll(group.within);
      }
    }
  }

  private void stopMembers() {
    LockSupport.unpark(collector);
    wakeCompleted();
    List<Member> members;
    synchronized (this) {
      members = new ArrayList<>(entries);
    }
    Iterator<Member> remaining = members.iterator();
    run.cancelJobs(() -> {
      List<HeadJob> batch = new ArrayList<>();
      for (int seen = 0; seen < CANCEL_BATCH && remaining.hasNext(); ) {
        Member entry = remaining.next();
        entry.wakeWaiters();
        if (entry instanceof SubmittedJob<?> job && job.headJob() != null) {
          batch.add(job.headJob());
          seen++;
        }
      }
      return batch;
    });
  }

  @Override
  public boolean isGivenUp() {
    return cancellation != null;
  }

  @Override
  public @Nullable RuntimeException givenUp() {
    return cancellation == null ? null : cancelled();
  }

  private GroupCancelledException cancelled() {
    Cancellation why = cancellation;
    if (why == null) {
      throw new IllegalStateException(this + " is not cancelled");
    }
    return new GroupCancelledException(
        "%s is cancelled: %s".formatted(this, why.reason()),
        why.failure() == null ? null : why.failure().error().get());
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
    if (closed) {
      return;
    }
    IllegalStateException forgotten = frame.closeAbove(this);
    if (lastThrown != null) {
      cancelBecause(
          ("the last call of its block threw (%s), and close() cannot see whether the block caught"
                  + " that; Grain.waitGroup(wg -> ...) can")
              .formatted(lastThrown.getMessage()));
    }
    sealed = true;
    LockSupport.unpark(collector);
    boolean interrupted = false;
    try {
      scope.join();
    } catch (InterruptedException e) {
      // a group around it that is cancelled interrupts this thread, and that is then the reason
      interrupted = around == null || around.cancellation == null;
      cancelBecause("the thread that owns it was interrupted");
      Thread.currentThread().interrupt();
    }
    List<Job<?>> running = List.of();
    if (cancellation != null) {
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
    List<StartedSubtask<?>> notRun = new ArrayList<>();
    synchronized (this) {
      closed = true;
      for (Member entry : cancellation == null ? List.<Member>of() : entries) {
        if (entry instanceof StartedSubtask<?> subtask) {
          notRun.add(subtask);
        }
      }
    }
    notRun.forEach(subtask -> subtask.notRun(cancelled()));
    if (timer != null) {
      run.cancelTimer(timer);
    }
    if (around != null) {
      synchronized (around) {
        around.within.remove(this);
      }
    }
    frame.closed(this);
    run.closed(this);
  }

  /** Waits, interrupted or not, until the jobs have ended or the grace is over. */
  private List<Job<?>> awaitCancelledJobs() {
    long end = System.nanoTime() + run.grace().toNanos() + Run.SLACK_NANOS;
    boolean interrupted = false;
    waiter = Thread.currentThread();
    while (openJobs.get() > 0) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        break;
      }
      LockSupport.parkNanos(this, left);
      interrupted |= Thread.interrupted();
    }
    waiter = null;
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (openJobs.get() == 0 && !jobsGoOn) {
      return List.of();
    }
    List<Job<?>> running = new ArrayList<>();
    synchronized (this) {
      for (Member entry : entries) {
        if (entry instanceof SubmittedJob<?> job && (job.goesOn() || !job.status().ended())) {
          running.add(job);
        }
      }
    }
    return running;
  }

  /** Returns what close() throws; null if all went well. */
  private @Nullable RuntimeException toThrow(boolean interrupted, List<Job<?>> running) {
    Cancellation why = cancellation;
    RuntimeException error = null;
    if (interrupted) {
      error = new GrainInterruptedException("the end of " + this);
    } else if (why != null && why.failure() == null && !(why.byUser() && running.isEmpty())) {
      error = running.isEmpty() ? cancelled() : stillRunning(why, running);
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

  // ---- what is asked afterwards

  /** Returns all values, which are of the type or null. */
  List<@Nullable Object> results(Class<?> type) {
    Class<?> boxed = MethodType.methodType(type).wrap().returnType();
    List<@Nullable Object> results = new ArrayList<>();
    for (Member entry : closedEntries("results")) {
      Object value =
          switch (entry) {
            case SubmittedJob<?> job -> job.result();
            case StartedSubtask<?> subtask -> subtask.result();
          };
      if (value != null && !boxed.isInstance(value)) {
        throw new ClassCastException(
            "%s returned a %s, not a %s"
                .formatted(entry, value.getClass().getName(), boxed.getName()));
      }
      results.add(value);
    }
    return Collections.unmodifiableList(results);
  }

  List<Outcome<?>> outcomes() {
    List<Outcome<?>> outcomes = new ArrayList<>();
    for (Member entry : closedEntries("outcomes")) {
      outcomes.add(
          switch (entry) {
            case SubmittedJob<?> job -> job.outcome();
            case StartedSubtask<?> subtask -> subtask.outcome();
          });
    }
    return Collections.unmodifiableList(outcomes);
  }

  private List<Member> closedEntries(String method) {
    if (options.discardsResults()) {
      throw new IllegalStateException(
          "%s() of %s: it discards results; keep the jobs that submit() returns"
              .formatted(method, this));
    }
    if (!closed) {
      throw new IllegalStateException(
          "%s() of %s is available once it is closed; declare it before the try block: var wg = ...;"
                  .formatted(method, this)
              + " try (wg) { ... }");
    }
    synchronized (this) {
      return List.copyOf(entries);
    }
  }

  // ---- jobs as they end

  Iterable<Job<?>> completed() {
    forgetThrown();
    synchronized (this) {
      if (completed != null) {
        throw new IllegalStateException("completed() of " + this + " was called before");
      }
      if (options.discardsResults() && submitted > 0) {
        throw new IllegalStateException(
            "completed() of %s: it discards results, so jobs may be gone; call it before submit()"
                .formatted(this));
      }
      // set first: a job that ends from here on lists itself
      CompletedJobs ended = new CompletedJobs(this, () -> openJobs.get() > 0);
      completed = ended;
      for (Member entry : entries) {
        if (entry instanceof SubmittedJob<?> job && job.end() != null) {
          ended.add(job);
        }
      }
      return ended;
    }
  }

  private void wakeCompleted() {
    CompletedJobs listed = completed;
    if (listed != null) {
      listed.wake();
    }
  }

  @Override
  public String toString() {
    return options.name().isEmpty()
        ? "the wait group of " + opening.line()
        : "wait group " + options.name();
  }
}
