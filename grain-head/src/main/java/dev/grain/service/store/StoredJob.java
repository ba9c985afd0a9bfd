package dev.grain.service.store;

import dev.grain.Cause;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A job as it is stored, without what may be large.
 *
 * @param id of a task, the id of its map, a colon, and its index
 * @param map the number of its map; empty unless it is a task
 * @param attempt the number of the latest attempt; 0 before the first
 * @param started when an attempt of it started first
 * @param message more about the cause, for people; empty if there is none
 * @param exitCode that of its latest attempt, as all that follows
 */
public record StoredJob(
    long number,
    String id,
    OptionalLong map,
    String owner,
    String name,
    JobState state,
    Optional<Cause> cause,
    String message,
    double priority,
    int attempt,
    Instant submitted,
    Optional<Instant> started,
    Optional<Instant> ended,
    OptionalInt exitCode,
    OptionalInt signal,
    OptionalLong peakMemory) {}
