package dev.grain.google;

import dev.grain.minion.testing.QueueConformance;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A queue of the emulator of Pub/Sub. That has its messages in its memory, so it cannot be stopped
 * and started as a broker.
 */
@ExtendWith(Emulator.Shared.class)
final class PubSubConformanceTest extends QueueConformance {
  private static final AtomicInteger NUMBER = new AtomicInteger();

  @Override
  protected String address(String name, Path folder) {
    return address(name, Duration.ofSeconds(5));
  }

  /** Items on their way to a minion come back after the deadline of the subscription, 10 s. */
  @Override
  protected String addressWithKills(String name, Path folder) {
    return address(name, Duration.ofSeconds(16));
  }

  private String address(String name, Duration idle) {
    return "pubsub:test/%s-%s?lease=%ss&idle=%ss&emulator=%s"
        .formatted(
            name,
            NUMBER.incrementAndGet(),
            lease().toSeconds(),
            idle.toSeconds(),
            Emulator.Shared.get().host());
  }

  @Override
  protected Duration lease() {
    return Duration.ofSeconds(3);
  }
}
