package dev.grain.kafka;

import dev.grain.minion.QueueException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jspecify.annotations.Nullable;

/** Adds many records, and counts those that the brokers have. For one thread. */
final class Filler implements AutoCloseable {
  private final KafkaAddress address;
  private final KafkaProducer<byte[], byte[]> producer;

  // by the thread of the producer
  private final AtomicLong added = new AtomicLong();
  private final AtomicReference<@Nullable QueueException> failed = new AtomicReference<>();

  private long number;

  Filler(KafkaAddress address, Clients clients) throws QueueException {
    this.address = address;
    try {
      this.producer = clients.producer();
    } catch (KafkaException e) {
      throw Failure.of(address, "filled", e);
    }
  }

  /** Adds one; waits while many are on their way. */
  void add(ProducerRecord<byte[], byte[]> record) throws QueueException {
    ensureWell();
    long which = ++number;
    try {
      var _ =
          producer.send(
              record,
              (_, failure) -> {
                if (failure == null) {
                  added.incrementAndGet();
                } else {
                  failed.compareAndSet(null, describe(record, which, failure));
                }
              });
    } catch (KafkaException e) {
      failed.compareAndSet(null, describe(record, which, e));
    }
  }

  /** Waits until the brokers have all, and returns how many. */
  long finish() throws QueueException {
    try {
      producer.flush();
    } catch (KafkaException e) {
      failed.compareAndSet(null, Failure.of(address, "filled", e));
    }
    ensureWell();
    return added.get();
  }

  private void ensureWell() throws QueueException {
    QueueException failure = failed.get();
    if (failure != null) {
      // those on their way end before
      try {
        producer.flush();
      } catch (KafkaException e) {
        failure.addSuppressed(e);
      }
      throw new QueueException(
          "%s %s items were added.".formatted(failure.getMessage(), added), failure);
    }
  }

  private QueueException describe(
      ProducerRecord<byte[], byte[]> record, long which, Exception failure) {
    if (Failure.cause(failure) instanceof RecordTooLargeException) {
      byte[] value = record.value();
      return new QueueException(
          "The queue %s cannot be filled: item %s has %s bytes, which is more than the topic takes (max.message.bytes, 1 MiB unless configured). Raise it: kafka-configs.sh --bootstrap-server %s --alter --entity-type topics --entity-name %s --add-config max.message.bytes=BYTES."
              .formatted(
                  address.text(),
                  which,
                  value == null ? 0 : value.length,
                  address.brokers(),
                  record.topic()),
          failure);
    }
    return Failure.of(address, "filled", failure);
  }

  @Override
  public void close() {
    producer.close();
  }
}
