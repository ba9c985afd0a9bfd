/**
 * What minions have done with each item, and what they do now, for people and programs that watch.
 *
 * <p>The {@linkplain dev.grain.minion.report.JsonReporter JSON reporter} writes a folder:
 *
 * <ul>
 *   <li>{@code <folder>/<uid>}: the events of a minion, one JSON object per line, appended. Lines
 *       that come within 50 ms of each other are written together, at the latest a second later, so
 *       a minion that is killed loses the events of at most a second. When the disk is full, up to
 *       16 MiB of events are kept and written later.
 *   <li>{@code <folder>/.status/<uid>.json}: what the minion does now, replaced as a whole about
 *       once a second: process, state, items in flight (the first 20), counts, the last 50 lines of
 *       output and of error output, and how much the queue has. The queue is asked at most every
 *       two seconds, and for at most a fiftieth of the time; one that fails to tell is not asked
 *       again.
 * </ul>
 *
 * <p>A {@link dev.grain.minion.report.ReportReader} reads such a folder while it is written, in
 * memory that depends on the numbers of minions and nodes only. It writes nothing. A minion that is
 * at work but whose status is older than 15 seconds counts as silent; the clocks of the machines
 * have to agree to a few seconds for that.
 */
@NullMarked
package dev.grain.minion.report;

import org.jspecify.annotations.NullMarked;
