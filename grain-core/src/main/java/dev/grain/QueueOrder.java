package dev.grain;

/** In which order jobs start that wait in the queue of a run. */
public enum QueueOrder {
  /**
   * First in, first out, but a job that does not fit lets later ones that fit pass it, up to a
   * bound; then a node is kept free for it.
   */
  FIFO,
  /** First in, first out, strictly: nothing starts before an older job has. */
  STRICT
}
