/**
 * JMH benchmarks of the pieces that a job passes, each beside its plain counterpart if it has one.
 */
package dev.grain.benchmarks.pieces;
