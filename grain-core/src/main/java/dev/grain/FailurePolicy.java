package dev.grain;

/** What a wait group does when a job or a subtask of it fails. */
public enum FailurePolicy {
  /** It cancels the others, and its {@code close()} throws the first failure. */
  FAIL_FAST,
  /** It goes on; {@code outcomes()} tells how each one ended. */
  COLLECT
}
