package dev.grain.pulsar;

import dev.grain.minion.QueueException;
import dev.grain.minion.Widths;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.apache.pulsar.client.api.Consumer;
import org.apache.pulsar.client.api.Message;
import org.apache.pulsar.client.api.PulsarClient;
import org.apache.pulsar.client.api.SubscriptionInitialPosition;
import org.apache.pulsar.client.api.SubscriptionType;

/**
 * Gets messages from the broker as they are wanted, and no more of them at a time than are wanted,
 * so that no minion keeps messages that another could work on.
 *
 * <p>A consumer gets as many messages as it has room for, and then others for those that were
 * passed on; but a consumer that is paused keeps these permits to itself. So all are paused, but
 * for an instant when messages are wanted: that gives the broker the permits of one, unless the
 * broker has most of them already. As its room does not change, there is a consumer for each of the
 * {@link Widths}. All are made at the beginning: if a subscription gets a consumer while many
 * messages wait, the broker does not keep its messages in memory any more. For one thread, but for
 * what consumers call.
 */
final class Intake implements AutoCloseable {
  /**
   * How many messages there is room for. The broker has answered, and the record of a delivery is
   * written, before half of the most of them are processed.
   */
  static final List<Integer> WIDTHS = List.of(1, 8, 64, 1000, 5000);

  /** How long acknowledgements are collected. */
  private static final int ACK_MILLIS = 50;

  private final Place place;
  private final PulsarClient client;
  private final String name;
  private final BiConsumer<Consumer<byte[]>, Message<byte[]>> receiver;
  // by how many messages they have room for; only accessed by the thread of the queue
  private final Map<Integer, Consumer<byte[]>> consumers = new HashMap<>();

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
    Map<Integer, CompletableFuture<Consumer<byte[]>>> opened = new HashMap<>();
    WIDTHS.forEach(width -> opened.put(width, subscribe(width)));
    for (Map.Entry<Integer, CompletableFuture<Consumer<byte[]>>> each : opened.entrySet()) {
      consumers.put(each.getKey(), Reasons.join(place, "opened", each.getValue()));
    }
  }

  private CompletableFuture<Consumer<byte[]>> subscribe(int room) {
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
        .messageListener(receiver::accept)
        .subscribeAsync();
  }

  /**
   * Messages are wanted.
   *
   * @param room how many at a time; one of {@link #WIDTHS}
   */
  void want(int room) {
    Consumer<byte[]> consumer = consumers.get(room);
    if (consumer == null) {
      throw new IllegalArgumentException("There is no consumer with room for " + room);
    }
    consumer.resume();
    consumer.pause();
  }

  /** Returns whether the broker can send messages. */
  boolean isConnected() {
    return consumers.values().stream().allMatch(Consumer::isConnected);
  }

  @Override
  public void close() {
    for (Consumer<byte[]> consumer : consumers.values()) {
      var _ = consumer.closeAsync();
    }
  }
}
