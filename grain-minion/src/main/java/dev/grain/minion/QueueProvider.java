package dev.grain.minion;

import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;

/**
 * The queues of one kind: opens them for minions, and manages them. Found by {@link
 * java.util.ServiceLoader}.
 *
 * <p>Methods for managing throw an {@link UnsupportedOperationException} with a sentence if queues
 * of the kind cannot do it.
 */
public interface QueueProvider {
  /** Returns the scheme of the addresses of its queues, such as {@code file}. */
  String scheme();

  /** Returns other names of the scheme. */
  default List<String> otherNames() {
    return List.of();
  }

  /**
   * Opens a queue for a minion.
   *
   * @throws QueueException if there is no such queue, or it cannot be reached
   */
  QueueEngine open(QueueAddress address, QueueSettings settings) throws QueueException;

  /**
   * Makes a queue without items.
   *
   * @throws QueueException if there is one already, or it cannot be made
   */
  void create(QueueAddress address, QueueSettings settings) throws QueueException;

  /**
   * Adds items at the end, and returns how many. If it fails, the first of them may have been
   * added; the message says how many.
   *
   * @param items their values; taken as needed
   */
  long fill(QueueAddress address, QueueSettings settings, Iterator<byte[]> items)
      throws QueueException;

  /** Returns how many items there are. */
  QueueStats stat(QueueAddress address, QueueSettings settings) throws QueueException;

  /** Passes on the dead letters, in no particular order. */
  void dead(QueueAddress address, QueueSettings settings, Consumer<DeadLetter> receiver)
      throws QueueException;

  /** Puts the dead letters back into the queue, as new items, and returns how many. */
  long requeue(QueueAddress address, QueueSettings settings) throws QueueException;

  /** Removes the queue, with all its items. */
  void purge(QueueAddress address, QueueSettings settings) throws QueueException;
}
