package dev.grain.kafka;

import dev.grain.minion.DeadLetter;
import dev.grain.minion.QueueException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** The dead letters of a queue, which are in a topic of their own. */
final class Letters {
  private static final Duration POLL = Duration.ofSeconds(1);

  /** After so many polls without a record, the brokers are away. */
  private static final int MOST_SILENT = 30;

  private final KafkaAddress address;
  private final Clients clients;
  private final Admin admin;
  private final Depth depth;

  Letters(KafkaAddress address, Clients clients, Admin admin, Depth depth) {
    this.address = address;
    this.clients = clients;
    this.admin = admin;
    this.depth = depth;
  }

  /** Passes on those that are there now. */
  void forEach(Consumer<DeadLetter> receiver) throws QueueException, ExecutionException {
    read(record -> {
      byte[] value = record.value();
      receiver.accept(
          new DeadLetter(
              Headers.id(record),
              value == null ? new byte[0] : value,
              Headers.deliveries(record),
              Headers.reason(record)));
    });
  }

  /**
   * Adds them to the topic, and removes them here when the brokers have them: if this is ended in
   * between, some are in both.
   */
  long requeue() throws QueueException, ExecutionException {
    Map<TopicPartition, Long> ends = new HashMap<>();
    long count;
    try (Filler filler = new Filler(address, clients)) {
      read(record -> {
        filler.add(
            new ProducerRecord<>(
                address.topic(), null, record.key(), record.value(), Headers.foreign(record)));
        ends.put(new TopicPartition(record.topic(), record.partition()), record.offset() + 1);
      });
      count = filler.finish();
    }
    Map<TopicPartition, RecordsToDelete> done = new HashMap<>();
    ends.forEach((partition, end) -> done.put(partition, RecordsToDelete.beforeOffset(end)));
    Depth.get(admin.deleteRecords(done).all());
    return count;
  }

  private interface Reader {
    void read(ConsumerRecord<byte[], byte[]> record) throws QueueException;
  }

  private void read(Reader reader) throws QueueException, ExecutionException {
    List<TopicPartition> partitions = depth.partitions(address.deadTopic());
    Map<TopicPartition, Long> left = new HashMap<>(depth.offsets(partitions, OffsetSpec.latest()));
    Map<TopicPartition, Long> from = depth.offsets(partitions, OffsetSpec.earliest());
    left.entrySet().removeAll(from.entrySet());
    if (left.isEmpty()) {
      return;
    }
    try (KafkaConsumer<byte[], byte[]> consumer = clients.reader()) {
      consumer.assign(left.keySet());
      from.keySet().retainAll(left.keySet());
      from.forEach(consumer::seek);
      int silent = 0;
      while (!left.isEmpty()) {
        int count = 0;
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          count++;
          Long end = left.get(new TopicPartition(record.topic(), record.partition()));
          if (end != null && record.offset() < end) {
            reader.read(record);
          }
        }
        // the position also passes what is no record
        left.entrySet().removeIf(end -> consumer.position(end.getKey()) >= end.getValue());
        silent = count == 0 ? silent + 1 : 0;
        if (silent > MOST_SILENT) {
          throw new QueueException(
              "The dead letters of %s cannot be read: %s has sent nothing for %s s. Check that the brokers run."
                  .formatted(address.text(), address.brokers(), MOST_SILENT));
        }
      }
    } catch (KafkaException e) {
      throw Failure.of(address, "read", e);
    }
  }
}
