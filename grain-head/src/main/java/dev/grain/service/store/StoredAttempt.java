package dev.grain.service.store;

import dev.grain.Cause;
import java.time.Instant;
import java.util.Optional;

/**
 * An attempt of a job.
 *
 * @param number counted from 1
 * @param node the name of the node that has it or had it
 * @param started empty if it has not, or never did
 * @param end empty until it has ended
 */
public record StoredAttempt(
    int number, String node, Instant sent, Optional<Instant> started, Optional<End> end) {
  /**
   * How an attempt ended.
   *
   * @param cause empty if it succeeded
   * @param message more about the cause, for people; empty if there is none
   */
  public record End(Instant moment, Optional<Cause> cause, String message, Usage usage) {
    /** Returns one of an attempt that succeeded. */
    public static End succeeded(Instant moment, Usage usage) {
      return new End(moment, Optional.empty(), "", usage);
    }

    /** Returns one of an attempt that did not. */
    public static End failed(Instant moment, Cause cause, String message, Usage usage) {
      return new End(moment, Optional.of(cause), message, usage);
    }
  }
}
