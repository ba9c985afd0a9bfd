package dev.grain.pulsar;

import dev.grain.minion.testing.BrokerConformance;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.ExtendWith;

/** A queue that a real server of Pulsar serves. */
@ExtendWith(PulsarServer.Shared.class)
final class PulsarConformanceTest extends BrokerConformance {
  private static final AtomicInteger NUMBER = new AtomicInteger();

  @Override
  protected String address(String name, Path folder) {
    PulsarServer server = PulsarServer.Shared.get();
    return "%s/%s-%s?subscription=test&admin=%s"
        .formatted(server.service(), name, NUMBER.incrementAndGet(), server.admin());
  }

  @Override
  protected Duration lease() {
    return Duration.ofSeconds(2);
  }

  @Override
  protected Broker broker() {
    PulsarServer server = PulsarServer.Shared.get();
    return new Broker() {
      @Override
      public void stop() {
        server.stop();
      }

      @Override
      public void start() throws Exception {
        server.start();
      }
    };
  }
}
