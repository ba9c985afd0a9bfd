package dev.grain.pulsar;

import dev.grain.minion.QueueException;
import dev.grain.pulsar.Admin.Positions;
import dev.grain.pulsar.Counts.MessageKey;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.pulsar.client.api.CompressionType;
import org.apache.pulsar.client.api.Message;
import org.apache.pulsar.client.api.MessageId;
import org.apache.pulsar.client.api.Producer;
import org.apache.pulsar.client.api.PulsarClient;
import org.apache.pulsar.client.api.PulsarClientException;
import org.apache.pulsar.client.api.Reader;
import org.apache.pulsar.client.api.SubscriptionInitialPosition;
import org.apache.pulsar.client.api.SubscriptionType;
import org.jspecify.annotations.Nullable;

/**
 * What was delivered to which minion, in a topic that outlives the minions. Each record has the
 * messages that one minion got at a time; the count of a message is how many records have it. A
 * subscription that nobody reads by keeps the records that are needed. For one thread.
 */
final class Deliveries implements AutoCloseable {
  private static final int BYTES = Long.BYTES + Long.BYTES + Integer.BYTES;
  private static final byte DELIVERED = 1;
  private static final byte RETURNED = 2;

  /** After so many records, those that are needed no more are removed. */
  static final int MANY = 5000;

  private final Place place;
  private final PulsarClient client;
  private final Producer<byte[]> producer;
  private final Reader<byte[]> reader;

  // all only accessed by the thread of the queue
  private final Counts counts = new Counts();
  private int written;
  private @Nullable MessageId old;
  private Position oldRead = new Position(0, 0);

  // set by a thread of the client
  private volatile @Nullable MessageId newest;

  private Deliveries(
      Place place, PulsarClient client, Producer<byte[]> producer, Reader<byte[]> reader) {
    this.place = place;
    this.client = client;
    this.producer = producer;
    this.reader = reader;
  }

  /**
   * Opens it, and reads what there is.
   *
   * @param done up to which entry everything is done, so that its records are needed no more; null
   *     if that is not known
   */
  static Deliveries open(Place place, PulsarClient client, @Nullable Position done)
      throws QueueException {
    try {
      // keeps the records; it is there already unless somebody else has made the queue
      subscribe(place, client).close();
    } catch (PulsarClientException.ConsumerBusyException e) {
      // another minion does the same
    } catch (PulsarClientException e) {
      throw Reasons.failed(place, "opened", e);
    }
    try {
      Producer<byte[]> producer =
          client
              .newProducer()
              .topic(place.deliveries())
              .enableBatching(false)
              .compressionType(CompressionType.LZ4)
              .blockIfQueueFull(true)
              .sendTimeout(PulsarQueue.OUTAGE_SECONDS, TimeUnit.SECONDS)
              .create();
      Reader<byte[]> reader =
          client.newReader().topic(place.deliveries()).startMessageId(MessageId.earliest).create();
      Deliveries deliveries = new Deliveries(place, client, producer, reader);
      deliveries.readAll(done);
      return deliveries;
    } catch (PulsarClientException e) {
      throw Reasons.failed(place, "opened", e);
    }
  }

  private static org.apache.pulsar.client.api.Consumer<byte[]> subscribe(
      Place place, PulsarClient client) throws PulsarClientException {
    return client
        .newConsumer()
        .topic(place.deliveries())
        .subscriptionName(place.subscription())
        .subscriptionType(SubscriptionType.Exclusive)
        .subscriptionInitialPosition(SubscriptionInitialPosition.Earliest)
        .receiverQueueSize(1)
        .startPaused(true)
        .subscribe();
  }

  // ---------------------------------------------------------------- counting

  /** Returns how many times a message was delivered, as far as this has read. */
  int count(MessageKey key) {
    return counts.of(key);
  }

  /** Reads what other minions have written since, if the broker answers. */
  void catchUp() {
    try {
      while (reader.hasMessageAvailable()) {
        Message<byte[]> record = reader.readNext();
        if (!producer.getProducerName().equals(record.getProducerName())) {
          count(ByteBuffer.wrap(record.getValue()), null);
        }
      }
    } catch (PulsarClientException e) {
      // it is restarting; a count may be too low this once
    }
  }

  private void readAll(@Nullable Position done) throws PulsarClientException {
    MessageId needless = null;
    boolean isFirst = true;
    while (reader.hasMessageAvailable()) {
      Message<byte[]> record = reader.readNext();
      isFirst &= count(ByteBuffer.wrap(record.getValue()), done) == 0;
      if (isFirst) {
        needless = record.getMessageId();
      }
    }
    if (needless != null && done != null) {
      forget(needless);
    }
  }

  /**
   * Counts what a record has, and returns how many of these are not done yet.
   *
   * @param done up to which entry everything is done; null if that is not known
   */
  private int count(ByteBuffer record, @Nullable Position done) {
    int change = record.get() == RETURNED ? -1 : 1;
    int needed = 0;
    while (record.remaining() >= BYTES) {
      MessageKey key = new MessageKey(record.getLong(), record.getLong(), record.getInt());
      if (done == null || key.position().compareTo(done) > 0) {
        counts.add(key, change);
        needed++;
      }
    }
    return needed;
  }

  // ---------------------------------------------------------------- forgetting

  /** Returns once in a while, when much was written, that it is time to {@link #tidy}. */
  boolean isUntidy() {
    if (written < MANY) {
      return false;
    }
    written = 0;
    return true;
  }

  /**
   * Lets the broker remove what is needed no more. All that was written before the last call is
   * about messages that had been read by then; once these are done, it goes.
   */
  void tidy(Positions positions) throws QueueException {
    if (old != null && positions.done().compareTo(oldRead) >= 0) {
      try {
        forget(old);
      } catch (PulsarClientException e) {
        throw Reasons.failed(place, "worked on", e);
      }
      old = null;
      counts.forget(positions.done().ledger());
    }
    if (old == null) {
      old = newest;
      oldRead = positions.read();
    }
  }

  /** Lets the broker remove records up to one. */
  private void forget(MessageId last) throws PulsarClientException {
    try (var consumer = subscribe(place, client)) {
      consumer.acknowledgeCumulative(last);
    } catch (PulsarClientException.ConsumerBusyException e) {
      // another minion does the same
    }
  }

  // ---------------------------------------------------------------- writing

  /** Messages are delivered, once the result is there. */
  CompletableFuture<MessageId> delivered(List<MessageKey> keys) {
    return write(DELIVERED, 1, keys);
  }

  /** Messages were not delivered after all. */
  CompletableFuture<MessageId> returned(List<MessageKey> keys) {
    return write(RETURNED, -1, keys);
  }

  private CompletableFuture<MessageId> write(byte kind, int change, List<MessageKey> keys) {
    ByteBuffer record = ByteBuffer.allocate(1 + keys.size() * BYTES).put(kind);
    for (MessageKey key : keys) {
      counts.add(key, change);
      record.putLong(key.ledger()).putLong(key.entry()).putInt(key.batchIndex());
    }
    written++;
    return producer
        .sendAsync(record.array())
        .whenComplete((id, e) -> {
          if (e == null) {
            newest = id;
          }
        });
  }

  @Override
  public void close() {
    var _ = producer.closeAsync();
    var _ = reader.closeAsync();
  }
}
