package dev.grain.dispatch;

import dev.grain.bytes.Bytes;
import dev.grain.explain.Reason;
import dev.grain.job.Attempt;
import dev.grain.job.Cause;
import dev.grain.message.AttemptEnd;
import dev.grain.message.Message;
import dev.grain.schedule.ScheduledJob;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How a job ended, as the head delivers it: values and failures are still encoded. */
public sealed interface JobEnd {
  /**
   * Returns the end of a job whose last attempt has ended.
   *
   * @param timeLimit how long an attempt may run, in nanoseconds
   * @param worker the name of the worker that says so
   */
  static JobEnd of(ScheduledJob job, long timeLimit, String worker, Message.Ended message) {
    List<Attempt> attempts = job.history();
    return switch (message.end()) {
      case AttemptEnd.Value(Bytes value) ->
          new Returned(value, worker, message.attempt(), message.ran(), attempts);
      case AttemptEnd.Failure(Bytes failure) -> new Threw(failure, worker, attempts);
      case AttemptEnd.NotStarted(String problem) ->
          new Ended(Cause.NOT_STARTED, new Reason.MissingCode(worker, problem), attempts);
      case AttemptEnd.Unable _ -> new Ended(Cause.NOT_STARTED, whyNotStarted(job), attempts);
      case AttemptEnd.TimedOut _ ->
          new Ended(
              Cause.TIMED_OUT, new Reason.OverTime(worker, Duration.ofNanos(timeLimit)), attempts);
      case AttemptEnd.Cancelled _ ->
          new Ended(Cause.CANCELLED, new Reason.CancelledOn(worker), attempts);
    };
  }

  private static Reason whyNotStarted(ScheduledJob job) {
    List<Reason.Refusal> last = new ArrayList<>();
    job.refusals().forEach((worker, problem) -> last.add(new Reason.Refusal(worker, problem)));
    long tries =
        job.history().stream()
            .filter(each -> each.failure().equals(Optional.of(Cause.NOT_STARTED)))
            .count();
    return new Reason.Unstartable(tries, List.copyOf(last));
  }

  /** Returns the end of a job whose value has too many bytes to be received. */
  static JobEnd tooLarge(ScheduledJob job, long length) {
    return new Ended(Cause.FAILED, new Reason.TooLarge(length), job.history());
  }

  /** Returns how many bytes the value or the failure takes. */
  default long size() {
    return switch (this) {
      case Returned returned -> returned.value.length();
      case Threw threw -> threw.failure.length();
      case Ended _ -> 0;
    };
  }

  /** Returns the attempts that did not return a value. */
  default List<Attempt> failedAttempts() {
    return switch (this) {
      case Returned returned -> returned.failed;
      case Threw threw -> threw.attempts;
      case Ended ended -> ended.attempts;
    };
  }

  /**
   * It returned a value.
   *
   * @param value encoded
   * @param worker the name of the worker that ran it
   * @param attempt the number of the attempt
   * @param ran how long the attempt ran, in nanoseconds
   * @param failed the attempts before this one
   */
  record Returned(Bytes value, String worker, int attempt, long ran, List<Attempt> failed)
      implements JobEnd {
    /** Returns the same without the value, for when it is no longer needed. */
    public Returned withoutValue() {
      return new Returned(Bytes.empty(), worker, attempt, ran, failed);
    }
  }

  /**
   * It threw.
   *
   * @param failure what it threw, encoded
   * @param worker the name of the worker of the last attempt
   * @param attempts every attempt
   */
  record Threw(Bytes failure, String worker, List<Attempt> attempts) implements JobEnd {}

  /**
   * It ended otherwise.
   *
   * @param cause why; FAILED if the function is not to blame
   * @param reason what is to be said of that
   * @param attempts every attempt
   */
  record Ended(Cause cause, Reason reason, List<Attempt> attempts) implements JobEnd {}
}
