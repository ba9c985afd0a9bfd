package dev.grain.service.store;

import java.time.Instant;

/**
 * Who makes a change, and when. Each change by somebody leaves a line of audit.
 *
 * @param who the name of a user, or of what acts by itself, such as {@code head}
 */
public record By(String who, Instant moment) {
  /** What somebody asks for. */
  public record Asked<T>(T what, By by) {}

  long millis() {
    return moment.toEpochMilli();
  }
}
