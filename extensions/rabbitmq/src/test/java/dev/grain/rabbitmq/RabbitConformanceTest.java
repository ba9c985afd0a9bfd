package dev.grain.rabbitmq;

import dev.grain.minion.testing.BrokerConformance;
import dev.grain.minion.testing.Served;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The queue in RabbitMQ, with minions that share it. */
final class RabbitConformanceTest extends BrokerConformance {
  @RegisterExtension static final Served<RabbitServer> SERVER = new Served<>(RabbitServer::start);

  @Override
  protected String address(String name, Path folder) {
    return address("rabbitmq://127.0.0.1:" + broker().port(), name);
  }

  @Override
  protected RabbitServer broker() {
    return SERVER.get();
  }
}
