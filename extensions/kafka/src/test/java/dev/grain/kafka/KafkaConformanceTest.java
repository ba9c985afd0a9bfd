package dev.grain.kafka;

import dev.grain.minion.testing.BrokerConformance;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;

/** The queue in a topic, with minions that share it. */
final class KafkaConformanceTest extends BrokerConformance {
  private static final AtomicInteger NUMBERS = new AtomicInteger();

  private static KafkaServer server;

  @BeforeAll
  static void startBroker() throws Exception {
    server = KafkaServer.shared();
  }

  @Override
  protected Broker broker() {
    return server;
  }

  @Override
  protected String address(String name, Path folder) {
    return "kafka://%s/%s-%s?lease=%ss"
        .formatted(server.address(), name, NUMBERS.incrementAndGet(), lease().toSeconds());
  }

  @Override
  protected Duration lease() {
    return Duration.ofSeconds(2);
  }
}
