package dev.grain;

import dev.grain.code.Codec;
import dev.grain.code.bundle.Bundles;
import dev.grain.dispatch.Dispatch;
import dev.grain.dispatch.OutcomeLog;
import dev.grain.explain.Sentences;
import dev.grain.journal.Journal;
import dev.grain.loop.Loop;
import dev.grain.text.Durations;
import java.io.Serializable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One life of a program's jobs, as the program has it: what it submits and asks goes through the
 * {@link Dispatch}, behind which is a head. {@link Submission} is a job's way there, {@link RunEnd}
 * the end, {@link LocalHead} what is behind the door in this process.
 */
final class Run {
  private final String id;
  private final RunOptions options;
  private final Codec codec;
  private final LocalHead head;
  private final Dispatch dispatch;
  private final ProgramOutput output;
  private final QueueGate gate = new QueueGate(RunLimits.queuedBytes());
  private final RunFailure failure = new RunFailure();
  private final Submission submission;
  private final Resolution resolution;
  private final RunEnd end;
  private final SubmissionPath path = SubmissionPath.ofRun();
  // counted up by any thread
  private final AtomicLong lastLine = new AtomicLong();

  // of threads that are neither a main nor a subtask; changed by any thread
  private final Map<Thread, Orchestration> bareOrchestrations = new ConcurrentHashMap<>();

  private Run(String id, RunOptions options, @Nullable Journal file) {
    this.id = id;
    this.options = options;
    ClassLoader program = programLoader();
    Bundles bundles = new Bundles(program, file == null ? _ -> false : file::isPartOf);
    this.codec = new Codec(program, options.reach().isRemote() ? bundles : null);
    RunJournal journal = file == null ? null : new RunJournal(file, gate, this::onJournalFailure);
    this.head =
        new LocalHead(
            id, options, codec, bundles, journal == null ? OutcomeLog.NONE : journal, failure);
    this.dispatch = head.dispatch();
    this.resolution = new Resolution(head.logins());
    this.output = new ProgramOutput(options.display(), head.runner());
    this.submission =
        new Submission(
            this, dispatch, gate, journal, file == null ? null : new JobKeys(codec, bundles));
    this.end = new RunEnd(options, head, gate, output, journal, failure);
  }

  /**
   * Starts a run, and waits for the workers that it asks for.
   *
   * @throws dev.grain.NoWorkersException if they cannot be had
   * @throws dev.grain.JournalException if it is to have a journal that cannot be opened
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
    try {
      run.head.connect();
    } catch (RuntimeException e) {
      run.close(true);
      throw e;
    }
    return run;
  }

  private static ClassLoader programLoader() {
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    return context == null ? ClassLoader.getSystemClassLoader() : context;
  }

  private void onJournalFailure(JournalException why) {
    head.onJournalFailure(why);
  }

  String id() {
    return id;
  }

  Codec code() {
    return codec;
  }

  LocalHead head() {
    return head;
  }

  /** Returns the door to the head. */
  Dispatch dispatch() {
    return dispatch;
  }

  /** Returns what shows the output of jobs. */
  ProgramOutput output() {
    return output;
  }

  /** Returns what looks up the names that move. */
  Resolution resolution() {
    return resolution;
  }

  /** Returns why the run has failed as a whole, if it has. */
  RunFailure failure() {
    return failure;
  }

  /** Returns the end of the run. */
  RunEnd end() {
    return end;
  }

  /** Returns the cancel grace, in nanoseconds. */
  long graceNanos() {
    return options.graceNanos();
  }

  /** Returns where workers can dial this program; empty if it does not listen. */
  Optional<String> address() {
    return head.address();
  }

  // ---------------------------------------------------------------- where code is

  /** Returns the path of what is done outside of mains and subtasks. */
  SubmissionPath path() {
    return path;
  }

  /** Returns the number of a line in which nothing was submitted yet; see {@link JobOwner#line}. */
  long nextLine() {
    return lastLine.incrementAndGet();
  }

  /** Returns the path of the main or subtask that the current thread is in. */
  SubmissionPath pathHere() {
    return Orchestration.current()
        .filter(current -> current.run() == this)
        .map(Orchestration::path)
        .orElse(path);
  }

  /** Returns what the current thread has had since it opened its first group. */
  Orchestration bareOrchestration(Supplier<Orchestration> made) {
    return bareOrchestrations.computeIfAbsent(Thread.currentThread(), _ -> made.get());
  }

  /** The current thread has closed its last group. */
  void forgetBareOrchestration() {
    bareOrchestrations.remove(Thread.currentThread());
  }

  // ---------------------------------------------------------------- jobs

  /** Encodes and submits a job; see {@link Submission#submit}. */
  <R extends @Nullable Object> SubmittedJob<R> submit(
      Request request, JobBody body, JobOwner owner, Submission.Registration registration) {
    return submission.submit(request, body, owner, registration);
  }

  /** Submits a job that belongs to nothing but the run. */
  <R extends @Nullable Object> Job<R> submitAlone(Request request, JobBody body) {
    return submit(request, body, JobOwner.NONE, _ -> {});
  }

  /** Runs one job and waits for its value; an interrupt cancels it. */
  @SuppressWarnings("TypeParameterUnusedInFormals") // the callers know the type of the function
  <R extends @Nullable Object> R exec(
      Request request, Serializable function, @Nullable Object... arguments) {
    return exec(request, new JobBody.Called(function, arguments));
  }

  /** Runs one job and waits for its value; an interrupt cancels it. */
  @SuppressWarnings("TypeParameterUnusedInFormals") // the callers know what it returns
  <R extends @Nullable Object> R exec(Request request, JobBody body) {
    SubmittedJob<R> job = submit(request, body, JobOwner.NONE, _ -> {});
    try {
      return job.result();
    } catch (GrainInterruptedException e) {
      job.cancel();
      job.awaitEnd(graceNanos() + RunEnd.SLACK_NANOS);
      throw e;
    } catch (JobException e) {
      throw failure.or(e);
    }
  }

  /** Returns the id for a job that is not submitted. */
  JobId nextId() {
    return submission.nextId();
  }

  /** A job has ended, and takes no room in the queue any more; on the loop. */
  void onJobEnded(SubmittedJob<?> job, long size) {
    if (job.remains()) {
      end.remains(job);
    }
    gate.leave(size);
  }

  /** Lets those that wait for room in the queue look again. */
  void wakeSubmitters() {
    gate.wakeAll();
  }

  /**
   * Does something after a while, on a loop, where it must not block; returns what calls it off.
   */
  Loop.Timer schedule(Duration delay, Runnable task) {
    return head.loop().schedule(Durations.toNanos(delay), task);
  }

  /** Calls off a timer; for any thread. */
  void cancelTimer(Loop.Timer timer) {
    head.loop().tryPost(timer::cancel);
  }

  // ---------------------------------------------------------------- questions

  /** Returns what it has done and has open; once it has ended, how it was then. */
  RunStats stats() {
    return RunStats.of(dispatch.stats(), gate.used());
  }

  /** Says why a job is where it is; that it has ended, if it has. */
  String explain(JobId job) {
    long number = job.number();
    long last = dispatch.lastNumber();
    if (number < 1 || number > last) {
      throw new IllegalArgumentException(
          "This run has no job %s; the last one is job %s.".formatted(number, last));
    }
    Dispatch.Explanation why = dispatch.explain(number);
    return why == null
        ? "Job %s has ended.".formatted(number)
        : JobErrors.sentence(why.job(), Sentences.of(why.situation()));
  }

  // ---------------------------------------------------------------- the end

  /** Returns whether nothing is taken any more. */
  boolean isClosing() {
    return end.isClosing();
  }

  void ensureOpen() {
    if (isClosing()) {
      throw closed();
    }
    RuntimeException why = failure.again();
    if (why != null) {
      throw why;
    }
  }

  static IllegalStateException closed() {
    return new IllegalStateException("The run is closed; submit jobs before closing it.");
  }

  /** Waits for the jobs that have not ended, and ends all threads; see {@link RunEnd#close}. */
  void close(boolean cancel) {
    end.close(cancel);
    resolution.close();
  }
}
