/**
 * The engine of one node: which job gets which slots when, time limits, stopping. It takes jobs
 * from {@link dev.grain.node.JobSource}s and has them run by a {@link dev.grain.node.JobRunner}.
 */
package dev.grain.node;
