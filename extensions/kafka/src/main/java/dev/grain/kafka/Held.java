package dev.grain.kafka;

import dev.grain.minion.QueueEngine.Delivery;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * An item that a consumer has taken: a record of its batch. First it waits for the minion; then the
 * minion has it, unless its lane needs it back before.
 */
final class Held implements Delivery {
  private enum Place {
    WAITING,
    AT_MINION,
    AWAY
  }

  /**
   * How often an item may have been delivered for the sake of another of its batch, which has
   * killed the minion: when both were new, and once more when they were added anew.
   */
  private static final int WITH_OTHERS = 2;

  private final KafkaQueue queue;
  private final Lane lane;
  private final ConsumerRecord<byte[], byte[]> record;
  private final int delivered;
  private final int count;
  private final AtomicInteger open;
  private final AtomicReference<Place> place = new AtomicReference<>(Place.WAITING);

  // written by the thread of the minion, read by that of the lane
  private volatile long extended = System.nanoTime();

  // only accessed by the thread of the minion
  private long given;
  int index;

  // both only accessed by the thread of the lane
  long due;
  boolean settled;

  /**
   * Makes one that waits for the minion.
   *
   * @param open how many of its batch wait for the minion, or are there
   */
  Held(KafkaQueue queue, Lane lane, ConsumerRecord<byte[], byte[]> record, AtomicInteger open) {
    this.queue = queue;
    this.lane = lane;
    this.record = record;
    this.open = open;
    this.delivered = record.deliveryCount().map(Short::intValue).orElse(1);
    this.count = Headers.deliveries(record) + delivered;
  }

  Lane lane() {
    return lane;
  }

  ConsumerRecord<byte[], byte[]> record() {
    return record;
  }

  /** Returns how many times the broker has delivered this record. */
  int delivered() {
    return delivered;
  }

  /** Returns whether it comes so often that it may kill its minions. */
  boolean isSuspect() {
    return count > WITH_OTHERS;
  }

  /** Returns when it came, or was last extended. */
  long extended() {
    return extended;
  }

  boolean isWaiting() {
    return place.get() == Place.WAITING;
  }

  boolean isAtMinion() {
    return place.get() == Place.AT_MINION;
  }

  /** Gives it to the minion; returns false if the lane has taken it back. */
  boolean give() {
    given = System.nanoTime();
    extended = given;
    return place.compareAndSet(Place.WAITING, Place.AT_MINION);
  }

  /** Takes it back from those that wait for the minion; returns false if the minion has it. */
  boolean takeBack() {
    return leave(Place.WAITING);
  }

  /** Returns whether no item of its batch waits for the minion, or is there. */
  boolean isLast() {
    return open.get() <= 0;
  }

  private boolean leave(Place from) {
    boolean left = place.compareAndSet(from, Place.AWAY);
    if (left) {
      open.decrementAndGet();
    }
    return left;
  }

  private void leave() {
    if (!leave(Place.AT_MINION)) {
      throw new IllegalStateException("The item %s was settled already.".formatted(id()));
    }
    queue.ended(System.nanoTime() - given, this);
  }

  @Override
  public String id() {
    return Headers.id(record);
  }

  @Override
  public byte[] value() {
    byte[] value = record.value();
    return value == null ? new byte[0] : value;
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public Duration lease() {
    return queue.lease();
  }

  @Override
  public void extend() {
    extended = System.nanoTime();
  }

  @Override
  public void ack() {
    leave();
    lane.accept(this);
  }

  @Override
  public void nack(Duration delay) {
    leave();
    lane.giveBack(this, delay);
  }

  @Override
  public void release() {
    leave();
    lane.release(this);
  }

  @Override
  public void dead(String reason) {
    leave();
    queue.bury(this, reason);
  }
}
