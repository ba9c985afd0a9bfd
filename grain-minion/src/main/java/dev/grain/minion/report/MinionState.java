package dev.grain.minion.report;

/** What a minion does. */
public enum MinionState {
  /** It processes items. */
  WORKING,
  /** It has no item: the queue has none for it now. */
  WAITING,
  /** It was told to stop, and waits for the items that run. */
  STOPPING,
  /** It has ended in good order. */
  ENDED,
  /** It has ended because it could not go on. */
  FAILED,
  /**
   * It has not ended, but has written nothing for a while: it was killed, or its machine, its queue
   * or the file system does not answer. Only readers use this.
   */
  SILENT,
  /** It has written events but no status. Only readers use this. */
  UNKNOWN;

  /** Returns whether the minion is at work, as far as is known. */
  public boolean isAlive() {
    return this == WORKING || this == WAITING || this == STOPPING;
  }
}
