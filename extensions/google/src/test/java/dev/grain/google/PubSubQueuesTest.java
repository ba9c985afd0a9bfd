package dev.grain.google;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.minion.DeadLetter;
import dev.grain.minion.QueueAddress;
import dev.grain.minion.QueueEngine;
import dev.grain.minion.QueueEngine.Delivery;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueSettings;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What queues of Pub/Sub do beside what every queue does. */
@ExtendWith(Emulator.Shared.class)
final class PubSubQueuesTest {
  private static final AtomicInteger NUMBER = new AtomicInteger();
  private static final Duration PATIENCE = Duration.ofMillis(100);

  private final PubSubQueues queues = new PubSubQueues();
  private final String name = "own-" + NUMBER.incrementAndGet();

  private QueueAddress address(String more) {
    return QueueAddress.parse(
        "pubsub:test/%s?emulator=%s%s".formatted(name, Emulator.Shared.get().host(), more));
  }

  private QueueAddress created(String more, String... items) throws QueueException {
    QueueAddress address = address(more);
    queues.create(address, QueueSettings.DEFAULTS);
    queues.fill(
        address,
        QueueSettings.DEFAULTS,
        Stream.of(items).map(each -> each.getBytes(UTF_8)).iterator());
    return address;
  }

  private static Delivery next(QueueEngine engine) throws Exception {
    Delivery delivery = null;
    while (delivery == null) {
      delivery = engine.next(PATIENCE);
    }
    return delivery;
  }

  // ---------------------------------------------------------------- mistakes

  @Test
  void open_noSuchSubscription_saysHowToCreateIt() {
    assertThatThrownBy(() -> queues.open(address(""), QueueSettings.DEFAULTS))
        .isInstanceOf(QueueException.class)
        .hasMessage(
            "The queue pubsub:test/%s cannot be opened: there is no such queue. Create it with: grain queue create 'pubsub:test/%s'.",
            name, name);
  }

  @Test
  void open_subscriptionOfAnotherTopic_isRefused() throws Exception {
    created("");
    assertThatThrownBy(() -> queues.open(address("&topic=other"), QueueSettings.DEFAULTS))
        .isInstanceOf(QueueException.class)
        .hasMessageContaining("the subscription has another topic, projects/test/topics/" + name);
  }

  @Test
  void create_twice_isRefused() throws Exception {
    QueueAddress address = created("");
    assertThatThrownBy(() -> queues.create(address, QueueSettings.DEFAULTS))
        .isInstanceOf(QueueException.class)
        .hasMessageContaining("already. Add items with: grain queue fill");
  }

  @Test
  void open_nobodyListens_saysWhatToCheck() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    QueueAddress address =
        QueueAddress.parse("pubsub:test/%s?emulator=127.0.0.1:%s".formatted(name, port));
    assertThatThrownBy(() -> queues.open(address, QueueSettings.DEFAULTS))
        .isInstanceOf(QueueException.class)
        .hasMessageContaining("Pub/Sub does not answer")
        .hasMessageContaining("PUBSUB_EMULATOR_HOST");
  }

  @Test
  void open_wrongKeyFile_isNamed(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("key.json"), "{}");
    for (Path each : List.of(file, folder.resolve("none.json"))) {
      QueueSettings settings =
          new QueueSettings(
              Duration.ZERO, Map.of("GOOGLE_APPLICATION_CREDENTIALS", each.toString()));
      assertThatThrownBy(() -> queues.open(QueueAddress.parse("pubsub:test/" + name), settings))
          .isInstanceOf(QueueException.class)
          .hasMessageContaining(
              "GOOGLE_APPLICATION_CREDENTIALS is %s, which is no key file of an account", each);
    }
  }

  @Test
  void fill_itemTooLarge_saysTheLimit_andHowManyWereAdded() throws Exception {
    QueueAddress address = created("");
    List<byte[]> items = List.of(new byte[1], new byte[2], new byte[11_000_000], new byte[3]);
    assertThatThrownBy(() -> queues.fill(address, QueueSettings.DEFAULTS, items.iterator()))
        .isInstanceOf(QueueException.class)
        .hasMessageContaining("item 3 has 11000000 bytes, and Pub/Sub takes 10 MB")
        .hasMessageEndingWith("The first 2 items were added.");
  }

  // ---------------------------------------------------------------- items

  @Test
  void emptyItem_isDelivered() throws Exception {
    QueueAddress address = created("", "");
    try (QueueEngine engine = queues.open(address, QueueSettings.DEFAULTS)) {
      Delivery delivery = next(engine);
      assertThat(delivery.value()).isEmpty();
      assertThat(delivery.lease()).isEqualTo(Duration.ofSeconds(30));
      delivery.ack();
    }
  }

  @Test
  void shortItems_areDeliveredEach_whenManyArePulledAtATime() throws Exception {
    String[] items = IntStream.range(0, 3000).mapToObj(Integer::toString).toArray(String[]::new);
    QueueAddress address = created("", items);
    Set<String> found = new HashSet<>();
    try (QueueEngine engine = queues.open(address, QueueSettings.DEFAULTS)) {
      while (found.size() < items.length) {
        Delivery delivery = next(engine);
        found.add(new String(delivery.value(), UTF_8));
        delivery.ack();
      }
    }
  }

  @Test
  void manyLetters_areListedOnce_andRequeued() throws Exception {
    String[] items = IntStream.range(0, 700).mapToObj(Integer::toString).toArray(String[]::new);
    QueueAddress address = created("", items);
    try (QueueEngine engine = queues.open(address, QueueSettings.DEFAULTS)) {
      for (int i = 0; i < items.length; i++) {
        next(engine).dead("é".repeat(2000));
      }
    }
    for (int i = 0; i < 2; i++) {
      List<DeadLetter> letters = new ArrayList<>();
      queues.dead(address, QueueSettings.DEFAULTS, letters::add);
      assertThat(letters)
          .extracting(letter -> new String(letter.value(), UTF_8))
          .containsExactlyInAnyOrder(items);
      assertThat(letters.getFirst().reason()).isEqualTo("é".repeat(512));
    }
    assertThat(queues.requeue(address, QueueSettings.DEFAULTS)).isEqualTo(items.length);
  }
}
