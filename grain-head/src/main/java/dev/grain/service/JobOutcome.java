package dev.grain.service;

import dev.grain.Attempt;
import dev.grain.Cause;
import dev.grain.CommandException;
import dev.grain.CommandResult;
import dev.grain.bytes.Bytes;
import dev.grain.code.Codec;
import dev.grain.dispatch.JobEnd;
import dev.grain.explain.Sentences;
import dev.grain.service.store.StoredAttempt;
import dev.grain.service.store.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The end of a job as it is stored.
 *
 * @param attempt the last attempt; null if none was under way
 */
record JobOutcome(StoredAttempt.End end, @Nullable Attempt attempt) {
  /** What shells add to the number of a signal. */
  private static final int SIGNALS = 128;

  private static final Codec CODEC = new Codec(JobOutcome.class.getClassLoader());

  /**
   * Reads an end.
   *
   * @param command whether it is that of a command: what functions return and throw is not decoded
   *     here, as it has classes that are theirs
   * @param number the number of the last attempt
   */
  static JobOutcome of(JobEnd end, boolean command, int number, Instant moment) {
    return switch (end) {
      case JobEnd.Returned returned ->
          new JobOutcome(
              StoredAttempt.End.succeeded(
                  moment, command ? usage(returned.value()) : Usage.UNKNOWN),
              new Attempt(
                  returned.attempt(),
                  returned.worker(),
                  Duration.ofNanos(returned.ran()),
                  Optional.empty(),
                  ""));
      case JobEnd.Threw threw ->
          new JobOutcome(failed(threw, command, moment), threw.attempts().getLast());
      case JobEnd.Ended ended ->
          new JobOutcome(
              StoredAttempt.End.failed(
                  moment, ended.cause(), Sentences.of(ended.reason()), Usage.UNKNOWN),
              ended.attempts().stream()
                  .filter(each -> each.number() == number)
                  .findFirst()
                  .orElse(null));
    };
  }

  private static Usage usage(Bytes value) {
    try {
      return CODEC.decodeValue(value) instanceof CommandResult result
          ? new Usage(OptionalInt.of(result.exitCode()), OptionalInt.empty(), result.peakMemory())
          : Usage.UNKNOWN;
    } catch (RuntimeException e) {
      // of another version
      return Usage.UNKNOWN;
    }
  }

  private static StoredAttempt.End failed(JobEnd.Threw threw, boolean command, Instant moment) {
    CommandException thrown = command ? thrown(threw.failure()) : null;
    if (thrown == null) {
      return StoredAttempt.End.failed(
          moment, Cause.FAILED, Codec.describeFailure(threw.failure()), Usage.UNKNOWN);
    }
    boolean killed = thrown.signal().isPresent();
    Usage usage =
        new Usage(
            killed ? OptionalInt.empty() : OptionalInt.of(thrown.exitCode()),
            killed ? OptionalInt.of(thrown.exitCode() - SIGNALS) : OptionalInt.empty(),
            thrown.result().peakMemory());
    return StoredAttempt.End.failed(
        moment, Cause.FAILED, String.valueOf(thrown.getMessage()), usage);
  }

  private static @Nullable CommandException thrown(Bytes failure) {
    try {
      return CODEC.decodeFailure(failure) instanceof CommandException thrown ? thrown : null;
    } catch (RuntimeException e) {
      // of another version
      return null;
    }
  }
}
