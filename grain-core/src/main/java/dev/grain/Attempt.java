package dev.grain;

import java.time.Duration;
import java.util.Optional;

/**
 * One attempt of a job that has ended.
 *
 * @param number counted from 1; an attempt that was lost before it started has a number but is in
 *     no list
 * @param worker the name of the worker that had it
 * @param ran how long it ran; for an attempt that was lost with its worker, until the loss was
 *     noticed; zero if it never started
 * @param failure why it did not succeed; empty if it did
 * @param reason more about that in a few words, such as the class and the message of what its
 *     function threw; empty if it succeeded, or if no more is known
 */
public record Attempt(
    int number, String worker, Duration ran, Optional<Cause> failure, String reason) {}
