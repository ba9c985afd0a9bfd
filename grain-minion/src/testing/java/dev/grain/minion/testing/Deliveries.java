package dev.grain.minion.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.minion.QueueEngine;
import dev.grain.minion.QueueEngine.Delivery;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.stream.IntStream;

/** What tests do with items and what is delivered. */
public final class Deliveries {
  /** How long to wait for an item at a time. */
  public static final Duration PATIENCE = Duration.ofMillis(100);

  private Deliveries() {}

  /** Returns the numbers from 0, as items. */
  public static String[] numbers(int count) {
    return IntStream.range(0, count).mapToObj(Integer::toString).toArray(String[]::new);
  }

  /** Returns what the items have. */
  public static Iterator<byte[]> values(String... items) {
    return Arrays.stream(items).map(item -> item.getBytes(UTF_8)).iterator();
  }

  /** Waits for the next item. */
  public static Delivery next(QueueEngine engine) throws Exception {
    Delivery delivery = null;
    while (delivery == null) {
      engine.flush();
      delivery = engine.next(PATIENCE);
    }
    engine.flush();
    return delivery;
  }

  /** Returns what an item has. */
  public static String text(Delivery delivery) {
    return new String(delivery.value(), UTF_8);
  }

  /** Waits until the queue is drained; there is no item any more. */
  public static void drain(QueueEngine engine) throws Exception {
    engine.flush();
    while (!engine.isDrained()) {
      assertThat(engine.next(PATIENCE)).isNull();
    }
  }
}
