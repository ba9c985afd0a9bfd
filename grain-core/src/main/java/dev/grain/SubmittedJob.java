package dev.grain;

import dev.grain.Templates.SubmittedTemplate;
import dev.grain.bytes.Bytes;
import dev.grain.dispatch.Dispatch;
import dev.grain.dispatch.JobClient;
import dev.grain.dispatch.JobEnd;
import dev.grain.explain.Sentences;
import dev.grain.text.Durations;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A job as the program holds it. The head notifies it of its progress, on the loop of the head,
 * where it records that for any thread to read.
 */
final class SubmittedJob<R extends @Nullable Object> extends Member implements Job<R>, JobClient {
  private static final JobStatus[] STATUSES = JobStatus.values();
  private static final VarHandle STATUS;

  static {
    try {
      STATUS = MethodHandles.lookup().findVarHandle(SubmittedJob.class, "status", byte.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** What is only kept of a job that prints, fails or is asked about; made when it is needed. */
  private static final class Told {
    // set by the head's loop when the job prints for the first time
    volatile @Nullable OutputTail output;
    // replaced by the head's loop
    volatile List<Attempt> attempts = List.of();
    // set by the thread that asked the program whether the job runs again
    volatile @Nullable Throwable retryProblem;
  }

  private final JobOwner owner;
  private final long number;
  private final SubmittedTemplate template;
  // set once before submission, cleared by the head's loop when the end is set
  private volatile Dispatch.@Nullable Ticket ticket;

  // its place among the statuses; written by the head's loop with release, read with acquire, by
  // its
  // handle
  @SuppressWarnings("UnusedVariable")
  private byte status;

  // set once before submission
  private boolean fromJournal;
  // written by the head's loop before the status: the worker that has it
  private @Nullable String worker;
  // set by the head's loop at the end: whether it was given up because it ignores the interrupt
  private volatile boolean remains;
  // guarded by the CompletedJobs of its group: whether it was put there
  boolean listed;
  // set once, under this
  private volatile @Nullable Told told;

  SubmittedJob(JobOwner owner, long number, SubmittedTemplate template) {
    this.owner = owner;
    this.number = number;
    this.template = template;
  }

  @Override
  public long line() {
    return owner.line();
  }

  /**
   * Notes what stands for it at the head; once, before it is submitted.
   *
   * @param known whether the journal has its value, so that nothing is run
   */
  void attach(Dispatch.Ticket prepared, boolean known) {
    this.fromJournal = known;
    this.ticket = prepared;
  }

  /** A value that was decoded, with what is known of how it came. */
  private record Value(@Nullable Object value, JobEnd.Returned end) {}

  private Told told() {
    Told known = told;
    if (known == null) {
      synchronized (this) {
        known = told;
        if (known == null) {
          known = new Told();
          told = known;
        }
      }
    }
    return known;
  }

  // ---- notifications from the head

  @Override
  public long number() {
    return number;
  }

  @Override
  public boolean isGivenUp() {
    return owner.isGivenUp();
  }

  @Override
  @SuppressWarnings("EnumOrdinal") // a byte in place of a reference, in millions of jobs
  public void onStatus(JobStatus next, int attempt, @Nullable String at) {
    worker = at;
    STATUS.setRelease(this, (byte) next.ordinal());
    if (next == JobStatus.RUNNING) {
      owner.onJobStarted(this);
    }
  }

  @Override
  public void onAttempt(Attempt ended) {
    Told known = told();
    List<Attempt> more = new ArrayList<>(known.attempts);
    more.add(ended);
    known.attempts = List.copyOf(more);
  }

  @Override
  public void onFailedAttempt(int attempt, JobEnd end) {
    run()
        .end()
        .judge(() -> {
          Predicate<? super Throwable> retryOn = template.retryOn();
          boolean again = false;
          try {
            again = retryOn == null || retryOn.test(JobErrors.toFailure(this, end));
          } catch (Throwable e) {
            told().retryProblem = e;
          }
          Dispatch.Ticket asked = ticket;
          if (asked != null) {
            run().dispatch().decide(asked, attempt, again);
          }
        });
  }

  @Override
  public void onOutput(String from, Bytes text, boolean error) {
    Told known = told();
    OutputTail tail = known.output;
    if (tail == null) {
      tail = new OutputTail(RunLimits.OUTPUT_KEPT);
      known.output = tail;
    }
    tail.add(text);
    run().output().printed(this, from, text, error);
  }

  /**
   * Ends it, in an order that others rely on: its owner knows of a failure before anybody can see
   * the end, and that no room is taken any more after everybody can.
   */
  @Override
  public void onEnd(JobEnd end, boolean stillRuns) {
    remains = stillRuns;
    if (isFailure(end)) {
      announceEnd();
    }
    owner.onJobEnding(this, end);
    endWith(end);
    Dispatch.Ticket former = ticket;
    ticket = null;
    owner.onJobEnded(this);
    run().onJobEnded(this, former == null ? 0 : former.size());
  }

  // ---- what the program asks

  @Override
  public JobId id() {
    return new JobId(number);
  }

  @Override
  public String name() {
    return template.name();
  }

  /** Returns what it belongs to. */
  JobOwner owner() {
    return owner;
  }

  @Override
  public JobStatus status() {
    return switch (end()) {
      case Value _, JobEnd.Returned _ -> JobStatus.SUCCEEDED;
      case JobEnd end when isFailure(end) -> JobStatus.FAILED;
      case JobEnd _ -> JobStatus.CANCELLED;
      case null, default -> STATUSES[(byte) STATUS.getAcquire(this)];
    };
  }

  @Override
  public R result() {
    Object end = await("the result of " + this);
    try {
      return valueOf(end);
    } catch (JobException e) {
      throw run().failure().ofJournalOr(e);
    }
  }

  @Override
  public Outcome<R> outcome() {
    Object end = await("the end of " + this);
    try {
      return new Outcome.Success<>(valueOf(end));
    } catch (JobCancelledException e) {
      return new Outcome.Cancelled<>(e);
    } catch (JobException e) {
      return new Outcome.Failure<>(e);
    }
  }

  /** Returns the value, or throws what prevented it; decodes it at the first call. */
  @SuppressWarnings({"unchecked", "NullAway"}) // the function that was submitted returns an R
  private R valueOf(Object end) {
    return (R)
        switch (end) {
          case Value decoded -> decoded.value();
          case JobEnd.Returned returned -> decode(returned);
          case JobEnd other -> throw JobErrors.toException(this, other);
          default -> throw new AssertionError(end);
        };
  }

  private @Nullable Object decode(JobEnd.Returned returned) {
    Object value;
    try {
      value = run().code().decodeValue(returned.value());
      JsonResult<?> json = template.json();
      value = json == null ? value : json.read(value);
    } catch (RuntimeException e) {
      throw JobErrors.undecodable(this, returned, e);
    }
    replaceEnd(returned, new Value(value, returned.withoutValue()));
    return value;
  }

  /** Returns whether a job that ends so was neither successful nor cancelled. */
  static boolean isFailure(JobEnd end) {
    return switch (end) {
      case JobEnd.Returned _ -> false;
      case JobEnd.Threw _ -> true;
      case JobEnd.Ended ended -> ended.cause() != Cause.CANCELLED;
    };
  }

  /** Returns whether its function still runs, though it counts as ended: it cannot be stopped. */
  boolean remains() {
    return remains;
  }

  @Override
  public void cancel() {
    Dispatch.Ticket mine = ticket;
    if (mine != null) {
      run().dispatch().cancel(mine);
    }
  }

  /** Returns what stands for it at the head; null if it has ended. */
  Dispatch.@Nullable Ticket ticket() {
    return ticket;
  }

  @Override
  public Optional<String> worker() {
    boolean there = end() == null || remains;
    STATUS.getAcquire(this);
    String now = there ? worker : null;
    if (now != null) {
      return Optional.of(now);
    }
    List<Attempt> attempts = attempts();
    return attempts.isEmpty() ? Optional.empty() : Optional.of(attempts.getLast().worker());
  }

  @Override
  public List<Attempt> attempts() {
    return switch (end()) {
      case Value decoded -> attemptsOf(decoded.end());
      case JobEnd.Returned returned -> attemptsOf(returned);
      case JobEnd end -> end.failedAttempts();
      case null, default -> {
        Told known = told;
        yield known == null ? List.of() : known.attempts;
      }
    };
  }

  @Override
  public boolean isFromJournal() {
    return fromJournal;
  }

  /** Returns what the code that decides whether it runs again has thrown; null if nothing. */
  @Nullable Throwable retryProblem() {
    Told known = told;
    return known == null ? null : known.retryProblem;
  }

  private static List<Attempt> attemptsOf(JobEnd.Returned end) {
    List<Attempt> attempts = new ArrayList<>(end.failed());
    attempts.add(
        new Attempt(
            end.attempt(), end.worker(), Duration.ofNanos(end.ran()), Optional.empty(), ""));
    return attempts;
  }

  @Override
  public String explain() {
    Dispatch.Ticket mine = ticket;
    Dispatch.Explanation why = mine == null ? null : run().dispatch().explain(mine);
    return JobErrors.sentence(
        toString(), why == null ? describeEnd() : Sentences.of(why.situation()));
  }

  private String describeEnd() {
    return switch (end()) {
      case Value decoded -> describe(decoded.end());
      case JobEnd.Returned returned -> describe(returned);
      case JobEnd other -> JobErrors.withoutSubject(this, JobErrors.toException(this, other));
      case null, default -> "was still running or waiting when the run was closed";
    };
  }

  private static String describe(JobEnd.Returned end) {
    return "has returned a value, in attempt %s on %s after %s"
        .formatted(end.attempt(), end.worker(), Durations.rounded(Duration.ofNanos(end.ran())));
  }

  @Override
  public String output() {
    Told known = told;
    OutputTail tail = known == null ? null : known.output;
    return tail == null ? "" : tail.text();
  }

  @Override
  public CompletableFuture<R> toFuture() {
    CompletableFuture<R> future =
        new CompletableFuture<>() {
          @Override
          public boolean cancel(boolean mayInterrupt) {
            boolean cancelled = super.cancel(mayInterrupt);
            if (cancelled) {
              SubmittedJob.this.cancel();
            }
            return cancelled;
          }
        };
    whenEnded(() -> {
      try {
        future.complete(result());
      } catch (RuntimeException | Error e) {
        future.completeExceptionally(e);
      }
    });
    return future;
  }

  Run run() {
    return template.run();
  }

  @Override
  @Nullable RuntimeException givenUp() {
    return owner.givenUp();
  }

  static String describe(long number, String name) {
    return name.isEmpty() ? "job " + number : "job " + number + " (" + name + ")";
  }

  @Override
  public String toString() {
    return describe(number, name());
  }
}
