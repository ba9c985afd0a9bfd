package dev.grain;

import dev.grain.bytes.Bytes;
import dev.grain.head.HeadJob;
import dev.grain.head.JobClient;
import dev.grain.head.JobEnd;
import dev.grain.job.Attempt;
import dev.grain.job.Cause;
import dev.grain.job.JobCancelledException;
import dev.grain.job.JobException;
import dev.grain.job.JobId;
import dev.grain.job.JobStatus;
import dev.grain.job.Outcome;
import dev.grain.text.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A job as the program holds it, and where the head delivers its end. */
final class SubmittedJob<R extends @Nullable Object> extends Member implements Job<R>, JobClient {
  private final Run run;
  private final JobOwner owner;
  private final long number;
  private final String name;
  // set once before submission, cleared by the head loop when the end is set
  private volatile @Nullable HeadJob headJob;
  // set by the head loop at the end: whether it was given up because it ignores the interrupt
  private volatile boolean goesOn;
  // guarded by the CompletedJobs of its group: whether it was put there
  boolean listed;
  // set by the head loop when the job prints for the first time
  private volatile @Nullable OutputTail output;

  SubmittedJob(Run run, JobOwner owner, long number, String name) {
    this.run = run;
    this.owner = owner;
    this.number = number;
    this.name = name;
  }

  void attach(HeadJob headJob) {
    this.headJob = headJob;
  }

  /** A value that was decoded, with what is known of how it came. */
  private record Value(@Nullable Object value, JobEnd.Returned end) {}

  // ---- what the head delivers

  @Override
  public void onEnd(HeadJob job, JobEnd end) {
    // a job whose node has ended it is on no node any more
    boolean leftBehind = job.nodeName() != null;
    if (leftBehind) {
      goesOn = true;
    }
    if (isFailure(end)) {
      announceEnd();
    }
    owner.onJobEnding(this, end);
    endWith(end);
    headJob = null;
    owner.onJobEnded(this);
    run.onJobEnded(job, leftBehind);
  }

  @Override
  public boolean isGivenUp() {
    return owner.isGivenUp();
  }

  @Override
  public void onFailedAttempt(HeadJob job, int attempt, JobEnd end) {
    run.judge(() -> {
      Predicate<? super Throwable> retryOn = job.retryOn();
      boolean again = false;
      JobEnd otherwise = end;
      try {
        again = retryOn == null || retryOn.test(JobErrors.toFailure(this, end));
      } catch (Throwable e) {
        otherwise = new JobEnd.NotRetried(end, e);
      }
      run.decide(job, attempt, again, otherwise);
    });
  }

  @Override
  public void onOutput(HeadJob job, Bytes text, boolean error) {
    OutputTail tail = output;
    if (tail == null) {
      tail = new OutputTail(Limits.OUTPUT_KEPT);
      output = tail;
    }
    tail.add(text);
    run.printed(job, text, error);
  }

  // ---- what the program asks

  @Override
  public JobId id() {
    return new JobId(number);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public JobStatus status() {
    HeadJob job = headJob;
    return switch (end()) {
      case Value _, JobEnd.Returned _ -> JobStatus.SUCCEEDED;
      case JobEnd end when isFailure(end) -> JobStatus.FAILED;
      case JobEnd _ -> JobStatus.CANCELLED;
      case null, default ->
          job == null
              ? JobStatus.QUEUED
              : switch (job.phase()) {
                case NEW, QUEUED -> JobStatus.QUEUED;
                case SENT -> JobStatus.SENT;
                case RUNNING -> JobStatus.RUNNING;
                case STOPPING, ENDED -> JobStatus.STOPPING;
              };
    };
  }

  @Override
  public R result() {
    Object end = await("the result of " + this);
    try {
      return valueOf(end);
    } catch (JobException e) {
      throw run.failure().ofJournalOr(e);
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
      value = run.code().decodeValue(returned.value());
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
      case JobEnd.Threw _, JobEnd.NotRetried _ -> true;
      case JobEnd.Ended ended -> ended.cause() != Cause.CANCELLED;
    };
  }

  /** Returns whether its function still runs, though it counts as ended: it cannot be stopped. */
  boolean goesOn() {
    return goesOn;
  }

  @Override
  public void cancel() {
    HeadJob job = headJob;
    if (job != null) {
      run.cancelJob(job);
    }
  }

  /** Returns what the head knows; null if the job has ended. */
  @Nullable HeadJob headJob() {
    return headJob;
  }

  @Override
  public Optional<String> worker() {
    HeadJob job = headJob;
    String now = job == null ? null : job.nodeName();
    if (now != null) {
      return Optional.of(now);
    }
    List<Attempt> attempts = attempts();
    return attempts.isEmpty() ? Optional.empty() : Optional.of(attempts.getLast().worker());
  }

  @Override
  public List<Attempt> attempts() {
    return attempts(end());
  }

  private List<Attempt> attempts(@Nullable Object end) {
    return switch (end) {
      case Value decoded -> attemptsOf(decoded.end());
      case JobEnd.Returned returned -> attemptsOf(returned);
      case JobEnd.Threw threw -> threw.attempts();
      case JobEnd.NotRetried same -> attempts(same.end());
      case JobEnd.Ended ended -> ended.attempts();
      case null, default -> {
        HeadJob job = headJob;
        yield job == null ? List.of() : job.history();
      }
    };
  }

  private static List<Attempt> attemptsOf(JobEnd.Returned end) {
    List<Attempt> attempts = new ArrayList<>(end.failed());
    attempts.add(
        new Attempt(end.attempt(), end.worker(), Duration.ofNanos(end.ran()), Optional.empty()));
    return attempts;
  }

  @Override
  public String explain() {
    HeadJob job = headJob;
    String words = job == null ? null : run.explain(job);
    return JobErrors.sentence(toString(), words == null ? describeEnd() : words);
  }

  private String describeEnd() {
    return switch (end()) {
      case Value decoded -> describe(decoded.end());
      case JobEnd.Returned returned -> describe(returned);
      case JobEnd other -> JobErrors.withoutSubject(this, JobErrors.toException(this, other));
      case null, default -> "had not ended when the run was closed";
    };
  }

  private static String describe(JobEnd.Returned end) {
    return "has returned a value, in attempt %d on %s after %s"
        .formatted(end.attempt(), end.worker(), Durations.rounded(Duration.ofNanos(end.ran())));
  }

  @Override
  public String output() {
    OutputTail tail = output;
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
      } catch (RuntimeException e) {
        future.completeExceptionally(e);
      }
    });
    return future;
  }

  Run run() {
    return run;
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
    return describe(number, name);
  }
}
