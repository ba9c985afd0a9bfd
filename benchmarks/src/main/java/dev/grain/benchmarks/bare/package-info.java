/**
 * The yardstick: the shortest remote executor that one can write on the parts that Grain is made
 * of, and still a fast one. One Netty connection to each worker, Kryo for arguments and results,
 * one virtual thread for each job, one future for each job, flushes shared by all that waits.
 *
 * <p>It has nothing else: functions are known to both sides by number, jobs wait for no slots, and
 * whatever goes wrong ends the process.
 */
@NullMarked
package dev.grain.benchmarks.bare;

import org.jspecify.annotations.NullMarked;
