package dev.grain.dispatch;

import dev.grain.Attempt;
import dev.grain.Cause;
import dev.grain.bytes.Bytes;
import dev.grain.explain.Reason;
import java.util.List;

/** How a job ended, as the head delivers it: values and failures are still encoded. */
public sealed interface JobEnd {
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
   * @param reason the reason to report
   * @param attempts every attempt
   */
  record Ended(Cause cause, Reason reason, List<Attempt> attempts) implements JobEnd {}
}
