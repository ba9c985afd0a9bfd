package dev.grain.head;

import dev.grain.bytes.Bytes;
import dev.grain.dispatch.JobEnd;
import dev.grain.job.Cause;
import dev.grain.message.AttemptEnd;
import dev.grain.message.Message;
import dev.grain.text.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a job ended with, from what a node says about its last attempt. */
final class JobEnds {
  private JobEnds() {}

  /**
   * Returns the end of a job whose last attempt has ended.
   *
   * @param node the name of the worker that says so
   */
  static JobEnd of(HeadJob job, String node, Message.Ended message) {
    return switch (message.end()) {
      case AttemptEnd.Value(Bytes value) ->
          new JobEnd.Returned(value, node, message.attempt(), message.ran(), job.history());
      case AttemptEnd.Failure(Bytes failure) -> new JobEnd.Threw(failure, node, job.history());
      case AttemptEnd.NotStarted(String reason) ->
          new JobEnd.Ended(
              Cause.NOT_STARTED,
              "%s could not make its code ready: %s".formatted(node, reason),
              job.history());
      case AttemptEnd.Unable _ ->
          new JobEnd.Ended(Cause.NOT_STARTED, whyNotStarted(job), job.history());
      case AttemptEnd.TimedOut _ ->
          new JobEnd.Ended(
              Cause.TIMED_OUT,
              "it ran on %s for its time limit of %s"
                  .formatted(
                      node, Durations.readable(Duration.ofNanos(job.template().timeLimit()))),
              job.history());
      case AttemptEnd.Cancelled _ ->
          new JobEnd.Ended(Cause.CANCELLED, "it was cancelled on " + node, job.history());
    };
  }

  private static String whyNotStarted(HeadJob job) {
    List<String> reasons = new ArrayList<>();
    job.refusals().forEach((name, reason) -> reasons.add(name + " could not start it: " + reason));
    long tries =
        job.history().stream()
            .filter(each -> each.failure().equals(Optional.of(Cause.NOT_STARTED)))
            .count();
    String each = String.join("; ", reasons);
    return tries == 1 ? each : "it was tried %d times; %s".formatted(tries, each);
  }

  /** Returns the end of a job whose value has too many bytes to be received. */
  static JobEnd tooLarge(HeadJob job, long length) {
    return new JobEnd.Ended(
        Cause.FAILED,
        "what it returned takes %,d bytes, more than this program takes; return less,"
                .formatted(length)
            + " write it to a file, or give the program a larger heap",
        job.history());
  }
}
