/**
 * Minions: programs that take items from a queue and run a command or a function on each, as a job
 * of this machine. There is no process that hands out work; the queue does.
 */
@NullMarked
package dev.grain.minion;

import org.jspecify.annotations.NullMarked;
