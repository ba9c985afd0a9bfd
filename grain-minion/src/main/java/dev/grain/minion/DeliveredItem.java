package dev.grain.minion;

import dev.grain.minion.QueueEngine.Delivery;
import java.time.Duration;

/**
 * An item that a minion has, with what is the same in all engines: its parts, and that it ends only
 * once. For the thread of the queue.
 */
public abstract class DeliveredItem implements Delivery {
  private final String id;
  private final byte[] value;
  private final int count;
  private final Duration lease;

  // only accessed by the thread of the queue
  private boolean ended;

  /**
   * Makes an item that has not ended.
   *
   * @param value not copied
   * @param count how many times it was delivered, with this one
   */
  @SuppressWarnings("ArrayParameterDirectAccess") // engines do not change it
  protected DeliveredItem(String id, byte[] value, int count, Duration lease) {
    this.id = id;
    this.value = value;
    this.count = count;
    this.lease = lease;
  }

  @Override
  public final String id() {
    return id;
  }

  @Override
  public final byte[] value() {
    return value;
  }

  @Override
  public final int count() {
    return count;
  }

  @Override
  public final Duration lease() {
    return lease;
  }

  /** Returns whether it was acknowledged, given back or given up. */
  protected final boolean hasEnded() {
    return ended;
  }

  /**
   * Ends it; what an engine does first in ack, nack and dead.
   *
   * @throws IllegalStateException if it has ended already
   */
  protected final void end() {
    if (ended) {
      throw new IllegalStateException(
          "The item %s has ended already. Call one of ack(), nack() and dead(), once."
              .formatted(id));
    }
    ended = true;
  }
}
