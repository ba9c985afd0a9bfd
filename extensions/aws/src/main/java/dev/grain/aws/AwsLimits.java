package dev.grain.aws;

import java.time.Duration;

/**
 * How long a request may take. A program gives up a source of secrets after a minute, and this is
 * below, so that the failure names what did not answer.
 *
 * @param attempt of one attempt
 * @param all of all attempts, with the pauses between them
 */
record AwsLimits(Duration attempt, Duration all) {
  static final AwsLimits DEFAULTS = new AwsLimits(Duration.ofSeconds(15), Duration.ofSeconds(45));
}
