package dev.grain.rabbitmq;

import dev.grain.minion.testing.BrokerConformance;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The queue in RabbitMQ, with minions that share it. */
final class RabbitConformanceTest extends BrokerConformance {
  private static final AtomicInteger NUMBERS = new AtomicInteger();

  @TempDir static Path data;

  @SuppressWarnings("NullAway.Init") // before all tests
  private static RabbitServer server;

  @BeforeAll
  static void startServer() throws Exception {
    server = RabbitServer.start(data);
  }

  @AfterAll
  @SuppressWarnings("NullAway") // not started where there is none
  static void stopServer() {
    if (server != null) {
      server.close();
    }
  }

  @Override
  protected String address(String name, Path folder) {
    return "rabbitmq://127.0.0.1:%s/%s-%s?lease=%ss"
        .formatted(server.port(), name, NUMBERS.incrementAndGet(), lease().toSeconds());
  }

  @Override
  protected Duration lease() {
    return Duration.ofSeconds(2);
  }

  @Override
  protected Broker broker() {
    return server;
  }
}
