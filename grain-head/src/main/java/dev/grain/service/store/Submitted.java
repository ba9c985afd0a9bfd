package dev.grain.service.store;

/**
 * What has become of a job that was submitted.
 *
 * @param number unique in all lives of the head
 * @param id its own, or the one that was made
 * @param state of the job that has the id, which may have ended
 * @param made whether the job is new; if not, it came before, and this one was not stored
 */
public record Submitted(long number, String id, JobState state, boolean made) {}
