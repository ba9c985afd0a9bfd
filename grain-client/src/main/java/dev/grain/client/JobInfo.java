package dev.grain.client;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What a list tells of a job of a head.
 *
 * @param name what people call it; may be empty
 * @param owner the user who submitted it
 * @param cause why it ended, such as {@code OUT_OF_MEMORY}; empty unless it failed or was cancelled
 * @param message more about the cause, for people; may be empty
 * @param attempt the number of its latest attempt; 0 before the first
 * @param started when its first attempt started
 * @param exitCode that of the command, in its latest attempt
 * @param signal the number of the signal that ended the command
 * @param peakMemory in bytes
 */
public record JobInfo(
    String id,
    String name,
    String owner,
    JobState state,
    Optional<String> cause,
    String message,
    double priority,
    int attempt,
    Instant submitted,
    Optional<Instant> started,
    Optional<Instant> ended,
    OptionalInt exitCode,
    OptionalInt signal,
    OptionalLong peakMemory) {}
