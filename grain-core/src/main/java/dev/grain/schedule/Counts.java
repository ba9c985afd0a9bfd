package dev.grain.schedule;

/**
 * How many jobs are where.
 *
 * @param queued wait on the head
 * @param sent were sent to a node and are not known to have started
 * @param running are known to have started and not known to have ended
 * @param retried attempts that were followed by another one after a failure
 * @param lost attempts that were lost with their node
 * @param late replies that were dropped, because they came from an attempt that no longer counts
 */
public record Counts(int queued, int sent, int running, long retried, long lost, long late) {}
