package dev.grain.node.prepare;

import dev.grain.message.Order;

/** Makes ready what jobs need on one node. For all threads. */
public interface Preparer extends AutoCloseable {
  /**
   * Makes something ready, which may take minutes; an interrupt cancels it.
   *
   * @param setting what is needed
   * @param logins finds the secrets of those who have submitted the jobs
   * @param progress is notified how far it has come
   * @throws PreparationException if it is not possible
   */
  Ready prepare(Order.Setting setting, Logins logins, Progress progress)
      throws PreparationException, InterruptedException;

  /** Ends what it has started, and lets go of everything. */
  @Override
  void close();
}
