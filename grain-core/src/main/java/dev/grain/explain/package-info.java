/**
 * The state of jobs, as data that refers to nothing of the scheduler and may be handed to any
 * thread: {@link dev.grain.explain.Situation} is where a job is and why, {@link
 * dev.grain.explain.Reason} why it was ended. {@link dev.grain.explain.Sentences} puts it in words,
 * for whoever shows it to people.
 */
package dev.grain.explain;
