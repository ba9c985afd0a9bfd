package dev.grain.benchmarks;

import dev.grain.minion.QueueAddress;
import dev.grain.minion.QueueEngine;
import dev.grain.minion.QueueEngine.Delivery;
import dev.grain.minion.QueueSettings;
import dev.grain.minion.Queues;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** The loop that one would write by hand on the client of a queue. */
interface ByHand {
  /** What is done with an item. */
  @FunctionalInterface
  interface Each {
    void process(String item) throws Exception;
  }

  /** Takes items, processes each, and acknowledges it, for ever. */
  void work(QueueAddress address, Each each) throws Exception;

  /** Returns the one for queues of a kind. */
  static ByHand of(String scheme) {
    return switch (scheme) {
      case "file" -> ByHand::onFolder;
      case "redis" -> RedisByHand::work;
      case "rabbitmq" -> RabbitByHand::work;
      case "kafka" -> KafkaByHand::work;
      case "pulsar" -> PulsarByHand::work;
      case "pubsub" -> PubSubByHand::work;
      default -> throw new IllegalArgumentException(scheme);
    };
  }

  /** Queues in folders have no other client than Grain's. */
  private static void onFolder(QueueAddress address, Each each) throws Exception {
    try (QueueEngine queue = Queues.of(address).open(address, QueueSettings.DEFAULTS)) {
      while (true) {
        Delivery delivery = queue.next(Duration.ZERO);
        queue.flush();
        if (delivery == null) {
          delivery = queue.next(Duration.ofSeconds(1));
          queue.flush();
        }
        if (delivery != null) {
          each.process(new String(delivery.value(), StandardCharsets.UTF_8));
          delivery.ack();
        }
      }
    }
  }
}
