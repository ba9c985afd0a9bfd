package dev.grain.head;

import dev.grain.Attempt;
import dev.grain.Cause;
import dev.grain.bytes.Bytes;
import dev.grain.dispatch.JobEnd;
import dev.grain.explain.Reason;
import dev.grain.message.AttemptEnd;
import dev.grain.message.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Creates the end of a job from what a node reports about its last attempt. */
final class JobEnds {
  private JobEnds() {}

  /**
   * Returns the end of a job whose last attempt has ended.
   *
   * @param worker the name of the worker that reports it
   */
  static JobEnd of(HeadJob job, String worker, Message.Ended message) {
    List<Attempt> attempts = job.history();
    return switch (message.end()) {
      case AttemptEnd.Value(Bytes value) ->
          new JobEnd.Returned(value, worker, message.attempt(), message.ran(), attempts);
      case AttemptEnd.Failure(Bytes failure, String _) ->
          new JobEnd.Threw(failure, worker, attempts);
      case AttemptEnd.NotStarted(String problem) ->
          new JobEnd.Ended(Cause.NOT_STARTED, new Reason.NotRunnable(worker, problem), attempts);
      case AttemptEnd.Unable _ -> new JobEnd.Ended(Cause.NOT_STARTED, whyNotStarted(job), attempts);
      case AttemptEnd.Unprepared _ -> {
        Reason reason = new Reason.Unpreparable(failedStarts(job));
        yield new JobEnd.Ended(Cause.NOT_STARTED, reason, attempts);
      }
      case AttemptEnd.TimedOut _ -> {
        Duration limit = Duration.ofNanos(job.template().timeLimit());
        yield new JobEnd.Ended(Cause.TIMED_OUT, new Reason.OverTime(worker, limit), attempts);
      }
      case AttemptEnd.OutOfMemory(String need, long limit, long peak) -> {
        Reason reason = new Reason.OverMemory(worker, need, limit, peak);
        yield new JobEnd.Ended(Cause.OUT_OF_MEMORY, reason, attempts);
      }
      case AttemptEnd.Cancelled _ ->
          new JobEnd.Ended(Cause.CANCELLED, new Reason.CancelledOn(worker), attempts);
    };
  }

  private static Reason whyNotStarted(HeadJob job) {
    long tries =
        job.history().stream()
            .filter(each -> each.failure().equals(Optional.of(Cause.NOT_STARTED)))
            .count();
    return new Reason.Unstartable(tries, failedStarts(job));
  }

  private static List<Reason.FailedStart> failedStarts(HeadJob job) {
    List<Reason.FailedStart> last = new ArrayList<>();
    job.refusals().forEach((worker, problem) -> last.add(new Reason.FailedStart(worker, problem)));
    return List.copyOf(last);
  }

  /** Returns the end of a job whose value has too many bytes to be received. */
  static JobEnd tooLarge(HeadJob job, long length) {
    return new JobEnd.Ended(Cause.FAILED, new Reason.TooLarge(length), job.history());
  }
}
