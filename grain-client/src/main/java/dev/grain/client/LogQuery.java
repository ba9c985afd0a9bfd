package dev.grain.client;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Which part of what a job has printed. Immutable; {@link #ALL} is where to start.
 *
 * @param attempt which attempt has printed it; empty for the latest
 * @param stream which of the streams; empty for both, in the order of arrival
 * @param tail how many bytes at the end; empty for all
 */
public record LogQuery(OptionalInt attempt, Optional<Stream> stream, OptionalLong tail) {
  /** All that the latest attempt has printed. */
  public static final LogQuery ALL =
      new LogQuery(OptionalInt.empty(), Optional.empty(), OptionalLong.empty());

  /** A stream that jobs print to. */
  public enum Stream {
    /** Standard output. */
    OUT,
    /** Standard error. */
    ERR
  }

  /** Returns it for one attempt, counted from 1. */
  public LogQuery attempt(int number) {
    return new LogQuery(OptionalInt.of(number), stream, tail);
  }

  /** Returns it for one of the streams. */
  public LogQuery stream(Stream one) {
    return new LogQuery(attempt, Optional.of(one), tail);
  }

  /** Returns it for the last bytes. */
  public LogQuery tail(long bytes) {
    return new LogQuery(attempt, stream, OptionalLong.of(bytes));
  }
}
