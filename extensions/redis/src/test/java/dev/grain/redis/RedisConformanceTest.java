package dev.grain.redis;

import dev.grain.minion.testing.BrokerConformance;
import dev.grain.minion.testing.Served;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The queue in Redis, with minions that share it. */
final class RedisConformanceTest extends BrokerConformance {
  @RegisterExtension static final Served<RedisServer> SERVER = new Served<>(RedisServer::start);

  @Override
  protected String address(String name, Path folder) {
    return address("redis://127.0.0.1:" + broker().port(), name);
  }

  @Override
  protected RedisServer broker() {
    return SERVER.get();
  }
}
