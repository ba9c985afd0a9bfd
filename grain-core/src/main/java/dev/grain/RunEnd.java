package dev.grain;

import dev.grain.concurrent.Uninterruptibly;
import dev.grain.dispatch.Dispatch;
import dev.grain.schedule.Counts;
import dev.grain.terminal.ProgressLine;
import dev.grain.terminal.ProgressText;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The end of a run: waits for its jobs or cancels them, ends its threads, and reports unfinished
 * work. For all threads.
 */
final class RunEnd {
  /** How much longer than the cancel grace is waited for the report that it is over. */
  static final long SLACK_NANOS = 1_000_000_000;

  private final RunOptions options;
  private final LocalHead head;
  private final Dispatch dispatch;
  private final QueueGate gate;
  private final ProgramOutput output;
  private final @Nullable ProgressLine progress;
  private final @Nullable RunJournal journal;
  private final RunFailure failure;
  private final long start = System.nanoTime();

  // the groups that are open; changed by any thread
  private final Set<Group> groups = ConcurrentHashMap.newKeySet();
  // the threads that ask the program for inputs, and whether a job runs again; changed by any
  // thread
  private final Set<Thread> helpers = ConcurrentHashMap.newKeySet();
  // the jobs that were given up because they ignore the interrupt; added to by the loop
  private final Queue<String> remaining = new ConcurrentLinkedQueue<>();

  private volatile boolean closing;
  private final AtomicBoolean ended = new AtomicBoolean();
  private final CountDownLatch closed = new CountDownLatch(1);

  RunEnd(
      RunOptions options,
      LocalHead head,
      QueueGate gate,
      ProgramOutput output,
      @Nullable RunJournal journal,
      RunFailure failure) {
    this.options = options;
    this.head = head;
    this.dispatch = head.dispatch();
    this.gate = gate;
    this.output = output;
    this.journal = journal;
    this.failure = failure;
    this.progress =
        options.display().progress()
            ? ProgressLine.start(dispatch::progress, head.liveLine())
            : null;
  }

  // ---------------------------------------------------------------- what is open

  void opened(Group group) {
    groups.add(group);
  }

  void closed(Group group) {
    groups.remove(group);
  }

  /** A job has ended, but its function still runs, as it ignores the interrupt; on the loop. */
  void remains(SubmittedJob<?> job) {
    remaining.add(job.toString());
  }

  /** Runs the decision whether a job is retried on its own thread; called on the loop. */
  void judge(Runnable task) {
    Thread judge =
        Thread.ofVirtual()
            .name("grain-retry")
            .inheritInheritableThreadLocals(false)
            .unstarted(() -> {
              try {
                task.run();
              } finally {
                left(Thread.currentThread());
              }
            });
    assist(judge);
  }

  /** Starts a thread that runs code of the program for the run, which interrupts it at its end. */
  void assist(Thread helper) {
    helpers.add(helper);
    helper.start();
  }

  /** The thread is about to end. */
  void left(Thread helper) {
    helpers.remove(helper);
  }

  /** Returns whether nothing is taken any more. */
  boolean isClosing() {
    return closing;
  }

  // ---------------------------------------------------------------- in words

  /**
   * Returns what has not ended, in words; empty if all has. Waits for a turn of the head, so that
   * what was submitted or has ended before counts.
   */
  String describeUnfinished() {
    Counts counts = dispatch.stats().progress().counts();
    int waiting = counts.queued() + counts.sent();
    return counts.running() + waiting == 0
        ? ""
        : "%s %s unfinished: %s running, %s waiting"
            .formatted(
                counts.running() + waiting,
                counts.running() + waiting == 1 ? "job" : "jobs",
                counts.running(),
                waiting);
  }

  /** Returns the names of the jobs that ignore the interrupt, given up or not yet. */
  List<String> remainingJobs() throws InterruptedException {
    List<String> names = new ArrayList<>(remaining);
    names.addAll(dispatch.stopping(SLACK_NANOS));
    return names;
  }

  /** Takes the line with the progress away for good. */
  void endProgress() {
    if (progress != null) {
      progress.close();
    }
  }

  // ---------------------------------------------------------------- closing

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
    boolean interrupted = !cancel && !awaitJobs();
    boolean left = !gate.isEmpty() && !cancelAll();
    IllegalStateException forgotten = cancelForgottenGroups();
    endThreads(!left && remaining.isEmpty());
    if (journal != null) {
      if (!cancel && !interrupted) {
        journal.complete();
      }
      journal.close();
    }
    if (options.display().summary()) {
      double seconds = (System.nanoTime() - start) / 1e9;
      System.err.println(ProgressText.summary(dispatch.progress(), seconds, head.mostCores()));
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

  /** Waits until all jobs have ended; returns false if the thread was interrupted before. */
  private boolean awaitJobs() {
    try {
      gate.awaitEmpty(Long.MAX_VALUE);
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  private void endThreads(boolean wait) {
    endProgress();
    helpers.forEach(Thread::interrupt);
    head.leaveWorkers();
    output.close();
    head.close(wait);
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
    return cancelAll(options.graceNanos() + SLACK_NANOS);
  }

  /**
   * Cancels every job and waits, interrupted or not.
   *
   * @param patience how many nanoseconds to wait at most
   * @return whether all have ended, or have been reported as not stopping
   */
  boolean cancelAll(long patience) {
    closing = true;
    if (!dispatch.cancelEverything()) {
      return true;
    }
    return Uninterruptibly.await(patience, gate::awaitEmpty);
  }
}
