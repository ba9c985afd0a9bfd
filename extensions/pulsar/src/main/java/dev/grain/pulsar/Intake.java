package dev.grain.pulsar;

import dev.grain.minion.QueueException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.apache.pulsar.client.api.Consumer;
import org.apache.pulsar.client.api.Message;
import org.apache.pulsar.client.api.PulsarClient;
import org.apache.pulsar.client.api.PulsarClientException;
import org.apache.pulsar.client.api.SubscriptionInitialPosition;
import org.apache.pulsar.client.api.SubscriptionType;
import org.jspecify.annotations.Nullable;

/**
 * Gets messages from the broker as they are wanted. A consumer with room for one message gets one
 * at a time, so that no minion keeps messages that another could work on. While messages are wanted
 * faster than they come that way, a second consumer gets many ahead.
 *
 * <p>A consumer that is paused keeps its permits to itself. So the one with room for one is always
 * paused, but for an instant when a message is wanted; that gives the broker its permit, unless the
 * broker has it already. For one thread, but for what consumers call.
 */
final class Intake implements AutoCloseable {
  /** How many messages the second consumer has ahead. */
  private static final int AHEAD = 200;

  /** Messages begin to be wanted fast if this is the time between two of them, in nanoseconds. */
  private static final long FAST_NANOS = 3_000_000;

  /** They are not wanted fast any more if this is the time. */
  private static final long SLOW_NANOS = 5_000_000;

  /** Longer times count as this one. */
  private static final long MOST_NANOS = 10_000_000;

  /** Nothing was wanted for so long that what was before says nothing. */
  private static final long AWAY_NANOS = 500_000_000;

  /** How much the last time counts: one in this number. */
  private static final int NEWEST = 32;

  private static final int ACK_MILLIS = 5;

  private final Place place;
  private final PulsarClient client;
  private final String name;
  private final BiConsumer<Consumer<byte[]>, Message<byte[]>> receiver;
  private final Consumer<byte[]> single;

  // how many messages the second consumer has passed on that nobody has taken; for any thread
  private final AtomicInteger ahead = new AtomicInteger();

  // all only accessed by the thread of the queue
  private @Nullable Consumer<byte[]> bulk;
  private long lastTaken = System.nanoTime();
  private long between = MOST_NANOS;
  private boolean isFast;

  /**
   * Opens it.
   *
   * @param name of the minion, for people
   * @param receiver is called with each message and where it came from, by a thread of the client
   */
  Intake(
      Place place,
      PulsarClient client,
      String name,
      BiConsumer<Consumer<byte[]>, Message<byte[]>> receiver)
      throws QueueException {
    this.place = place;
    this.client = client;
    this.name = name;
    this.receiver = receiver;
    this.single = subscribe(1, receiver);
  }

  private Consumer<byte[]> subscribe(
      int room, BiConsumer<Consumer<byte[]>, Message<byte[]>> onMessage) throws QueueException {
    try {
      return client
          .newConsumer()
          .topic(place.topic())
          .subscriptionName(place.subscription())
          .subscriptionType(SubscriptionType.Shared)
          .subscriptionInitialPosition(SubscriptionInitialPosition.Earliest)
          .consumerName(name)
          .receiverQueueSize(room)
          .startPaused(true)
          .acknowledgmentGroupTime(ACK_MILLIS, TimeUnit.MILLISECONDS)
          .isAckReceiptEnabled(true)
          .enableBatchIndexAcknowledgment(true)
          .negativeAckRedeliveryDelay(0, TimeUnit.MILLISECONDS)
          .poolMessages(false)
          .messageListener(onMessage::accept)
          .subscribe();
    } catch (PulsarClientException e) {
      throw Reasons.failed(place, "opened", e);
    }
  }

  /** A message is wanted. */
  void want() throws QueueException {
    long gap = System.nanoTime() - lastTaken;
    if (gap > AWAY_NANOS) {
      between = MOST_NANOS;
    }
    isFast = isFast ? between < SLOW_NANOS : between < FAST_NANOS;
    if (isFast) {
      if (bulk == null) {
        bulk = subscribe(AHEAD, this::receiveAhead);
      }
      if (ahead.get() < AHEAD) {
        bulk.resume();
      }
    } else {
      rest();
      single.resume();
      single.pause();
    }
  }

  /** Called by a thread of the client. */
  private void receiveAhead(Consumer<byte[]> consumer, Message<byte[]> message) {
    if (ahead.incrementAndGet() >= 2 * AHEAD) {
      consumer.pause();
    }
    receiver.accept(consumer, message);
  }

  /** A message that was passed on is not ahead any more. */
  void onUsed(Consumer<byte[]> from) {
    if (from == bulk) {
      ahead.decrementAndGet();
    }
  }

  /**
   * A message was taken.
   *
   * @param wanted since when one was wanted, by the clock of the JVM
   */
  void onTaken(long wanted) {
    long now = System.nanoTime();
    long gap = Math.clamp(wanted - lastTaken, 0, MOST_NANOS);
    between += (gap - between) / NEWEST;
    lastTaken = now;
  }

  /** Gets no more messages ahead. */
  void rest() {
    if (bulk != null) {
      bulk.pause();
    }
  }

  boolean isFast() {
    return isFast;
  }

  List<CompletableFuture<Void>> closeAsync() {
    List<CompletableFuture<Void>> closed = new ArrayList<>();
    closed.add(single.closeAsync());
    if (bulk != null) {
      closed.add(bulk.closeAsync());
    }
    return closed;
  }

  @Override
  public void close() {
    closeAsync();
  }
}
