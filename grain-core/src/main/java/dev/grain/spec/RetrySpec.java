package dev.grain.spec;

import java.time.Duration;
import java.util.Objects;

/**
 * How often a job is retried when it fails, and after which delays; {@code
 * dev.grain.JobOptions.retries} and {@code backoff} state what is allowed.
 *
 * @param most how many further attempts there may be
 * @param first the delay before the first of them
 * @param factor by how much the delay grows with each
 * @param longest the maximum delay
 */
public record RetrySpec(int most, Duration first, double factor, Duration longest) {
  /** No further attempt. */
  public static final RetrySpec NONE = of(0);

  /** Ensures that nothing is null. */
  public RetrySpec {
    Objects.requireNonNull(first, "first is null");
    Objects.requireNonNull(longest, "longest is null");
  }

  /** Returns so many further attempts, without a delay. */
  public static RetrySpec of(int most) {
    return new RetrySpec(most, Duration.ZERO, 1, Duration.ZERO);
  }
}
