package dev.grain;

/** What a wait group does when one of its jobs or subtasks fails. */
public enum FailurePolicy {
  /** It cancels the others, and its {@code close()} throws the first failure. */
  FAIL_FAST,
  /** It continues with the others; {@code outcomes()} returns how each one ended. */
  COLLECT
}
