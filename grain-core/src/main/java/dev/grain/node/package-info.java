/**
 * The engine of one node: which job gets which slots when, time limits, stopping. It takes jobs
 * from {@link dev.grain.node.JobSource}s, by an {@link dev.grain.node.Intake} that makes ready what
 * they need, and has them run by the {@link dev.grain.node.JobRunner} for their kind of work.
 */
package dev.grain.node;
