/**
 * The scheduler: a pure state machine that owns the queue, the placement of jobs on nodes, the
 * accounting of slots, and retries. Events go in by methods of {@link
 * dev.grain.schedule.Scheduler}, commands come out by {@link dev.grain.schedule.Effects}. It has no
 * thread, clock, I/O, log or random of its own, and the same events always give the same commands.
 */
package dev.grain.schedule;
