package dev.grain.client;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * One of the times that a job was given to a worker.
 *
 * @param number counted from 1
 * @param node the name of the worker
 * @param sent when the worker was given it
 * @param cause why it ended; empty if it did what it was to do, or has not ended
 * @param message more about the cause, for people; may be empty
 * @param peakMemory in bytes
 */
public record JobAttempt(
    int number,
    String node,
    Instant sent,
    Optional<Instant> started,
    Optional<Instant> ended,
    Optional<String> cause,
    String message,
    OptionalInt exitCode,
    OptionalInt signal,
    OptionalLong peakMemory) {}
