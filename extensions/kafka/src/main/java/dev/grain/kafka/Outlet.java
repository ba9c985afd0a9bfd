package dev.grain.kafka;

import dev.grain.minion.QueueException;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Writes records for a minion: dead letters, and items that are added anew. Its methods may be
 * called by any thread.
 */
final class Outlet implements AutoCloseable {
  private final KafkaAddress address;
  private final Clients clients;

  // guarded by this; made when it is needed
  private @Nullable KafkaProducer<byte[], byte[]> producer;

  Outlet(KafkaAddress address, Clients clients) {
    this.address = address;
    this.clients = clients;
  }

  /**
   * Adds an item to the topic anew.
   *
   * @param deliveries how many times it was delivered so far
   * @param onEnd receives null when the brokers have it, or else why they do not, on any thread
   */
  void again(
      ConsumerRecord<byte[], byte[]> record, int deliveries, Consumer<@Nullable Exception> onEnd) {
    send(address.topic(), record, Headers.again(record, deliveries), onEnd);
  }

  /** Adds a dead letter. */
  void dead(
      ConsumerRecord<byte[], byte[]> record,
      int deliveries,
      String reason,
      Consumer<@Nullable Exception> onEnd) {
    send(address.deadTopic(), record, Headers.dead(record, deliveries, reason), onEnd);
  }

  private void send(
      String topic,
      ConsumerRecord<byte[], byte[]> record,
      List<Header> headers,
      Consumer<@Nullable Exception> onEnd) {
    try {
      var _ =
          producer()
              .send(
                  new ProducerRecord<>(topic, null, record.key(), record.value(), headers),
                  (_, failure) -> onEnd.accept(failure));
    } catch (KafkaException e) {
      onEnd.accept(e);
    }
  }

  private synchronized KafkaProducer<byte[], byte[]> producer() {
    if (producer == null) {
      producer = clients.producer();
    }
    return producer;
  }

  /** Waits until the brokers have what was written, or it has failed. */
  synchronized void flush() throws QueueException {
    if (producer != null) {
      try {
        producer.flush();
      } catch (KafkaException e) {
        throw Failure.of(address, "written to", e);
      }
    }
  }

  @Override
  public synchronized void close() {
    if (producer != null) {
      producer.close();
    }
  }
}
