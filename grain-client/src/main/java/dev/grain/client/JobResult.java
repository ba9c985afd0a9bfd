package dev.grain.client;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a job that has ended has returned.
 *
 * @param cause why it ended; empty unless it failed or was cancelled
 * @param message more about the cause, for people; may be empty
 * @param exitCode that of its command
 * @param json what a function returned, or the result file of a command, if that is JSON
 * @param text the same, if it is text and no JSON
 * @param isEncoded whether it is something else, which only a program with the classes can read
 */
public record JobResult(
    String id,
    JobState state,
    Optional<String> cause,
    String message,
    OptionalInt exitCode,
    Optional<String> json,
    Optional<String> text,
    boolean isEncoded) {}
