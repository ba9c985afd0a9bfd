package dev.grain.minion;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The side of a queue that a minion works from: it delivers items, and is told what became of them.
 * Delivery is at least once: an item whose minion dies, or does not extend its lease, is delivered
 * again.
 *
 * <p>All methods, including those of deliveries, are called by one thread. Each may throw a {@link
 * QueueException}, after which the engine is only closed.
 */
public interface QueueEngine extends AutoCloseable {
  /**
   * Returns the next item; null if none came in time.
   *
   * @param patience how long to wait for one; zero to return at once
   * @throws InterruptedException if the thread is interrupted while it waits; nothing is lost
   */
  @Nullable Delivery next(Duration patience) throws QueueException, InterruptedException;

  /**
   * Writes down, or sends, what was collected. Called before items begin, once for all that were
   * asked for together, and before the minion waits, also for items of {@link #next}.
   *
   * <p>An engine that counts deliveries itself has written down those of all items when this
   * returns: one that kills its minion has to become a dead letter. What became of others may be on
   * its way to the queue then, and arrives without a further call, or with {@link #tend} at the
   * latest; if the minion is killed before, they are done again. By default this does nothing.
   */
  default void flush() throws QueueException {}

  /**
   * Does what is due, such as sending what was collected for the queue. Called about once a second
   * while items run, whether others are asked for or not. By default this does nothing.
   */
  default void tend() throws QueueException {}

  /**
   * Gives back what was fetched ahead and not delivered: no more items will be asked for, but those
   * that were delivered still run. By default this does nothing, and {@link #close} gives it back.
   */
  default void stopTaking() throws QueueException {}

  /**
   * Returns whether nothing is left to do: no item waits, now or after a delay, and no minion works
   * on one. An engine whose queue cannot tell returns true if nothing has come for a while.
   */
  boolean isDrained() throws QueueException;

  /** Returns how much there is in the queue. */
  QueueStats stats() throws QueueException;

  /**
   * Leaves the queue. What was delivered and neither acknowledged nor given back, is delivered
   * again, at once if the queue can.
   */
  @Override
  void close() throws QueueException;

  /** An item that this minion works on. Exactly one of ack, nack, release and dead ends it. */
  interface Delivery {
    /** Returns what identifies the item in the queue; the same when it is delivered again. */
    String id();

    /** Returns what the item has; not to be changed. */
    byte[] value();

    /** Returns how many times the item was delivered, as far as is known, with this one: from 1. */
    int count();

    /** Returns how long the item stays with this minion if its lease is not extended. */
    Duration lease();

    /**
     * Starts the lease anew. No other item may be asked for as long as this one runs, so what the
     * engine has collected for the queue, and not sent with {@link QueueEngine#flush}, has to go
     * there by now.
     */
    void extend() throws QueueException;

    /** The item is done. */
    void ack() throws QueueException;

    /**
     * The item goes back to the queue, for any minion.
     *
     * @param delay the time after which it may be delivered again
     */
    void nack(Duration delay) throws QueueException;

    /**
     * The item goes back to the queue at once, for any minion, because nobody has begun with it. It
     * does not count as delivered, if the queue can forget that. By default it is given back as by
     * {@link #nack}.
     */
    default void release() throws QueueException {
      nack(Duration.ZERO);
    }

    /**
     * The item goes to the dead letters, and is not delivered again unless somebody requeues it.
     *
     * @param reason why, for people
     */
    void dead(String reason) throws QueueException;
  }
}
