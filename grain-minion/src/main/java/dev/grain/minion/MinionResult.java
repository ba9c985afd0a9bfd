package dev.grain.minion;

import java.time.Duration;

/**
 * What a minion has done.
 *
 * @param succeeded how many items were processed successfully
 * @param failed how many times an item failed
 * @param dead how many items became dead letters
 * @param returned how many items were given back because the minion was stopped
 * @param took how long it has worked
 * @param stopped whether it was stopped, before the queue was drained
 * @param killed whether items that ran were stopped as well, because they took too long
 */
public record MinionResult(
    long succeeded,
    long failed,
    long dead,
    long returned,
    Duration took,
    boolean stopped,
    boolean killed) {}
