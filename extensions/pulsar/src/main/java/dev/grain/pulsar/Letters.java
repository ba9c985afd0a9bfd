package dev.grain.pulsar;

import dev.grain.minion.DeadLetter;
import dev.grain.minion.QueueException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.pulsar.client.api.Message;
import org.apache.pulsar.client.api.MessageId;
import org.apache.pulsar.client.api.Producer;
import org.apache.pulsar.client.api.PulsarClient;
import org.apache.pulsar.client.api.PulsarClientException;
import org.apache.pulsar.client.api.SubscriptionInitialPosition;
import org.apache.pulsar.client.api.SubscriptionType;
import org.jspecify.annotations.Nullable;

/**
 * The dead letters, in a topic of their own. A letter is there until it is acknowledged in the
 * subscription of the same name as that of the queue.
 */
final class Letters implements AutoCloseable {
  private static final String ID = "ORIGIN_MESSAGE_ID";
  private static final String TOPIC = "REAL_TOPIC";
  private static final String COUNT = "GRAIN_DELIVERIES";
  private static final String REASON = "GRAIN_REASON";

  /** In a message that is no letter, but says how far somebody reads. */
  private static final String MARK = "GRAIN_MARK";

  private static final int LONGEST_REASON = 10_000;
  private static final int ANSWER_SECONDS = 30;
  private static final int SOME = 500;

  private final Place place;
  private final PulsarClient client;
  // only accessed by the thread of the queue
  private @Nullable Producer<byte[]> producer;

  Letters(Place place, PulsarClient client) {
    this.place = place;
    this.client = client;
  }

  /** Makes sure that there is a subscription, which keeps the letters. */
  private void ensureSubscription() throws PulsarClientException {
    if (producer == null) {
      try {
        subscribe().close();
      } catch (PulsarClientException.ConsumerBusyException e) {
        // somebody reads them
      }
    }
  }

  private Producer<byte[]> producer() throws PulsarClientException {
    if (producer == null) {
      producer =
          client
              .newProducer()
              .topic(place.letters())
              .enableBatching(false)
              .blockIfQueueFull(true)
              .sendTimeout(PulsarQueue.OUTAGE_SECONDS, TimeUnit.SECONDS)
              .create();
    }
    return producer;
  }

  private org.apache.pulsar.client.api.Consumer<byte[]> subscribe() throws PulsarClientException {
    return client
        .newConsumer()
        .topic(place.letters())
        .subscriptionName(place.subscription())
        .subscriptionType(SubscriptionType.Exclusive)
        .subscriptionInitialPosition(SubscriptionInitialPosition.Earliest)
        .isAckReceiptEnabled(true)
        .subscribe();
  }

  /** Adds one; it is there once the result is. */
  CompletableFuture<MessageId> add(DeadLetter letter) throws QueueException {
    String reason = letter.reason();
    try {
      ensureSubscription();
      return producer()
          .newMessage()
          .value(letter.value())
          .property(ID, letter.id())
          .property(TOPIC, place.topic())
          .property(COUNT, Integer.toString(letter.count()))
          .property(REASON, reason.substring(0, Math.min(reason.length(), LONGEST_REASON)))
          .sendAsync();
    } catch (PulsarClientException e) {
      throw Reasons.failed(place, "changed", e);
    }
  }

  void forEach(Consumer<DeadLetter> receiver) throws QueueException {
    try (var consumer = subscribe()) {
      String mark = mark();
      for (Message<byte[]> each = next(consumer); ; each = next(consumer)) {
        String found = each.getProperty(MARK);
        if (found == null) {
          receiver.accept(letter(each));
        } else {
          consumer.acknowledge(each);
          if (found.equals(mark)) {
            return;
          }
        }
      }
    } catch (PulsarClientException e) {
      throw failed("read", e);
    }
  }

  /** Sends all of them to the queue, and returns how many. */
  long requeue() throws QueueException {
    long count = 0;
    try (var consumer = subscribe();
        Producer<byte[]> queue =
            client
                .newProducer()
                .topic(place.topic())
                .enableBatching(false)
                .blockIfQueueFull(true)
                .sendTimeout(ANSWER_SECONDS, TimeUnit.SECONDS)
                .create()) {
      String mark = mark();
      List<CompletableFuture<Void>> sent = new ArrayList<>();
      for (Message<byte[]> each = next(consumer); ; each = next(consumer)) {
        String found = each.getProperty(MARK);
        if (found != null) {
          sent.add(consumer.acknowledgeAsync(each));
        } else {
          count++;
          // first in the queue, and then no letter any more
          MessageId id = each.getMessageId();
          sent.add(
              queue.sendAsync(each.getValue()).thenCompose(_ -> consumer.acknowledgeAsync(id)));
        }
        boolean isLast = mark.equals(found);
        if (isLast || sent.size() >= SOME) {
          for (CompletableFuture<Void> one : sent) {
            Reasons.join(place, "changed", one);
          }
          sent.clear();
        }
        if (isLast) {
          return count;
        }
      }
    } catch (PulsarClientException e) {
      throw failed("changed", e);
    }
  }

  /** Sends a message that is the end of what there is now, and returns how it is recognised. */
  private String mark() throws PulsarClientException {
    String mark = UUID.randomUUID().toString();
    producer().newMessage().value(new byte[0]).property(MARK, mark).send();
    return mark;
  }

  private Message<byte[]> next(org.apache.pulsar.client.api.Consumer<byte[]> consumer)
      throws PulsarClientException {
    Message<byte[]> message = consumer.receive(ANSWER_SECONDS, TimeUnit.SECONDS);
    if (message == null) {
      throw new PulsarClientException.TimeoutException(
          "no message for " + ANSWER_SECONDS + " seconds");
    }
    return message;
  }

  private DeadLetter letter(Message<byte[]> message) {
    String count = String.valueOf(message.getProperty(COUNT));
    String id = message.getProperty(ID);
    String reason = message.getProperty(REASON);
    return new DeadLetter(
        id == null ? message.getMessageId().toString() : id,
        message.getValue(),
        count.matches("\\d{1,9}") ? Integer.parseInt(count) : 0,
        reason == null ? "The client of Pulsar has made it a dead letter." : reason);
  }

  private QueueException failed(String what, PulsarClientException e) {
    return e instanceof PulsarClientException.ConsumerBusyException
        ? new QueueException(
            "The dead letters of %s cannot be %s: somebody else reads them. Try again."
                .formatted(place, what),
            e)
        : Reasons.failed(place, what, e);
  }

  @Override
  public void close() {
    if (producer != null) {
      var _ = producer.closeAsync();
    }
  }
}
