package dev.grain.google;

import static dev.grain.minion.testing.Deliveries.drain;
import static dev.grain.minion.testing.Deliveries.next;
import static dev.grain.minion.testing.Deliveries.numbers;
import static dev.grain.minion.testing.Deliveries.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.pubsub.v1.DeleteTopicRequest;
import dev.grain.minion.DeadLetter;
import dev.grain.minion.QueueAddress;
import dev.grain.minion.QueueEngine;
import dev.grain.minion.QueueEngine.Delivery;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueSettings;
import dev.grain.minion.testing.EngineSpecifics;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What queues of Pub/Sub do beside what every queue does. */
@ExtendWith(Emulator.Shared.class)
final class PubSubQueuesTest extends EngineSpecifics {
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final String name = "own-" + NUMBER.incrementAndGet();

  PubSubQueuesTest() {
    super(new PubSubQueues());
  }

  @Override
  protected QueueAddress address(String more) {
    return QueueAddress.parse(
        "pubsub:test/%s?emulator=%s%s".formatted(name, Emulator.Shared.get().host(), more));
  }

  // ---------------------------------------------------------------- mistakes

  @Test
  void open_noSuchSubscription_saysHowToCreateIt() {
    assertThatThrownBy(() -> open(address("")))
        .isInstanceOf(QueueException.class)
        .hasMessage(
            "The queue pubsub:test/%s cannot be opened: there is no such queue. Create it with: grain queue create 'pubsub:test/%s'.",
            name, name);
  }

  @Test
  void open_subscriptionOfAnotherTopic_isRefused() throws Exception {
    queue("");
    assertThatThrownBy(() -> open(address("&topic=other")))
        .isInstanceOf(QueueException.class)
        .hasMessageContaining("the subscription has another topic, projects/test/topics/" + name);
  }

  @Test
  void open_nobodyListens_saysWhatToCheck() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    QueueAddress address =
        QueueAddress.parse("pubsub:test/%s?emulator=127.0.0.1:%s".formatted(name, port));
    assertThatThrownBy(() -> open(address))
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
    QueueAddress address = queue("");
    List<byte[]> items = List.of(new byte[1], new byte[2], new byte[11_000_000], new byte[3]);
    assertThatThrownBy(() -> queues.fill(address, QueueSettings.DEFAULTS, items.iterator()))
        .isInstanceOf(QueueException.class)
        .hasMessageContaining("item 3 has 11000000 bytes, and Pub/Sub takes 10 MB")
        .hasMessageEndingWith("The first 2 items were added.");
  }

  @Test
  void purge_topicThatIsGone_removesTheRest() throws Exception {
    QueueAddress address = queue("");
    Place place = Place.of(address, QueueSettings.DEFAULTS);
    try (Connection connection = Connection.open(place, QueueSettings.DEFAULTS)) {
      var _ =
          connection
              .publisher()
              .deleteTopicCallable()
              .call(DeleteTopicRequest.newBuilder().setTopic(place.topicName()).build());
    }
    purge(address);
    assertThatThrownBy(() -> open(address))
        .isInstanceOf(QueueException.class)
        .hasMessageContaining("there is no such queue");
  }

  // ---------------------------------------------------------------- items

  @Test
  void isDrained_isFalse_afterALongItem_asNobodyHasAskedMeanwhile() throws Exception {
    QueueAddress address = queue("&idle=300ms", "a");
    try (QueueEngine engine = open(address)) {
      Delivery item = next(engine);
      // the item takes as long as another minion takes to find nothing
      try (QueueEngine other = open(address)) {
        drain(other);
      }
      item.ack();
      assertThat(engine.isDrained()).isFalse();
      drain(engine);
    }
  }

  @Test
  void emptyItem_isDelivered() throws Exception {
    QueueAddress address = queue("", "");
    try (QueueEngine engine = open(address)) {
      Delivery delivery = next(engine);
      assertThat(delivery.value()).isEmpty();
      assertThat(delivery.lease()).isEqualTo(Duration.ofSeconds(30));
      delivery.ack();
    }
  }

  @Test
  void shortItems_areDeliveredEach_whenManyArePulledAtATime() throws Exception {
    String[] items = numbers(3000);
    QueueAddress address = queue("", items);
    Set<String> found = new HashSet<>();
    try (QueueEngine engine = open(address)) {
      while (found.size() < items.length) {
        Delivery delivery = next(engine);
        found.add(text(delivery));
        delivery.ack();
      }
    }
  }

  @Test
  void manyLetters_areListedOnce_andRequeued() throws Exception {
    String[] items = numbers(700);
    QueueAddress address = queue("", items);
    try (QueueEngine engine = open(address)) {
      for (int i = 0; i < items.length; i++) {
        next(engine).dead("é".repeat(2000));
      }
    }
    for (int i = 0; i < 2; i++) {
      List<DeadLetter> letters = letters(address);
      assertThat(letters)
          .extracting(letter -> new String(letter.value(), UTF_8))
          .containsExactlyInAnyOrder(items);
      assertThat(letters.getFirst().reason()).isEqualTo("é".repeat(512));
    }
    assertThat(requeue(address)).isEqualTo(items.length);
  }
}
