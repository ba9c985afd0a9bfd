package dev.grain.service.store;

import java.time.Instant;
import java.util.Optional;

/**
 * A map as it is stored.
 *
 * @param state HELD, QUEUED or STOPPING until all of its tasks have ended, then SUCCEEDED, FAILED
 *     or CANCELLED
 * @param complete whether no more tasks are added
 * @param tasks how many there are
 * @param succeeded how many of them have, as those that follow
 */
public record StoredMap(
    long number,
    String id,
    String owner,
    String name,
    JobState state,
    double priority,
    Instant submitted,
    Optional<Instant> ended,
    boolean complete,
    long tasks,
    long succeeded,
    long failed,
    long cancelled) {
  /** Returns the place of this map in a list. */
  public Position position() {
    return new Position(submitted.toEpochMilli(), number);
  }
}
