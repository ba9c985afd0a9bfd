package dev.grain.minion;

/** What becomes of an item whose command or function fails. */
public enum OnFailure {
  /** It counts as done: the failure is only reported. */
  ACK,
  /** It is delivered again, until it was delivered too often; then it is a dead letter. */
  NACK,
  /** It is a dead letter at once. */
  DEAD
}
