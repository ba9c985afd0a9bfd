package dev.grain.benchmarks;

import dev.grain.minion.QueueAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Polls a share group, and acknowledges each record, as a loop has to that is to tell those apart
 * that fail; the next poll sends that.
 */
final class KafkaByHand {
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private KafkaByHand() {}

  static void work(QueueAddress address, ByHand.Each each) throws Exception {
    URI server = URI.create(address.toString());
    String topic = server.getPath().substring(1);
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers",
            server.getAuthority(),
            "group.id",
            topic,
            "share.acknowledgement.mode",
            "explicit");
    try (KafkaShareConsumer<byte[], String> consumer =
        new KafkaShareConsumer<>(settings, new ByteArrayDeserializer(), new StringDeserializer())) {
      consumer.subscribe(List.of(topic));
      while (true) {
        for (ConsumerRecord<byte[], String> record : consumer.poll(PATIENCE)) {
          each.process(record.value());
          consumer.acknowledge(record);
        }
      }
    }
  }
}
