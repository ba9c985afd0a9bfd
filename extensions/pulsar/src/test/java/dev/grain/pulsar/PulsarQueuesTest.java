package dev.grain.pulsar;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.minion.DeadLetter;
import dev.grain.minion.Minion;
import dev.grain.minion.QueueAddress;
import dev.grain.minion.QueueEngine;
import dev.grain.minion.QueueEngine.Delivery;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueSettings;
import dev.grain.minion.QueueStats;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.pulsar.client.api.Producer;
import org.apache.pulsar.client.api.PulsarClient;
import org.apache.pulsar.client.api.SubscriptionInitialPosition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What queues of Pulsar do beside what every queue does. */
@ExtendWith(PulsarServer.Shared.class)
final class PulsarQueuesTest {
  private static final AtomicInteger NUMBER = new AtomicInteger();
  private static final Duration PATIENCE = Duration.ofMillis(100);

  private final PulsarServer server = PulsarServer.Shared.get();
  private final PulsarQueues queues = new PulsarQueues();
  private final String topic = "own-" + NUMBER.incrementAndGet();

  private QueueAddress address(String more) {
    return QueueAddress.parse(
        "%s/%s?subscription=s&admin=%s%s".formatted(server.service(), topic, server.admin(), more));
  }

  private QueueAddress created(String more, String... items) throws QueueException {
    QueueAddress address = address(more);
    queues.create(address, QueueSettings.DEFAULTS);
    fill(address, items);
    return address;
  }

  private void fill(QueueAddress address, String... items) throws QueueException {
    queues.fill(
        address,
        QueueSettings.DEFAULTS,
        Stream.of(items).map(each -> each.getBytes(UTF_8)).iterator());
  }

  private static Delivery next(QueueEngine engine) throws Exception {
    Delivery delivery = null;
    while (delivery == null) {
      delivery = engine.next(PATIENCE);
    }
    return delivery;
  }

  private static String text(Delivery delivery) {
    return new String(delivery.value(), UTF_8);
  }

  // ---------------------------------------------------------------- mistakes

  @Test
  void open_noSuchTopic_saysHowToCreateIt() {
    assertThatThrownBy(() -> queues.open(address(""), QueueSettings.DEFAULTS))
        .isInstanceOf(QueueException.class)
        .hasMessage(
            "The queue %s/%s?subscription=s cannot be opened: there is no such queue. Create it with: grain queue create '%s/%s?subscription=s'.",
            server.service(), topic, server.service(), topic);
  }

  @Test
  void open_noSuchSubscription_saysHowToCreateIt() throws Exception {
    created("");
    QueueAddress other =
        QueueAddress.parse(
            "%s/%s?subscription=other&admin=%s".formatted(server.service(), topic, server.admin()));
    assertThatThrownBy(() -> queues.open(other, QueueSettings.DEFAULTS))
        .hasMessageContaining("there is no such queue. Create it with");
  }

  @Test
  void create_twice_isRefused() throws Exception {
    QueueAddress address = created("");
    assertThatThrownBy(() -> queues.create(address, QueueSettings.DEFAULTS))
        .isInstanceOf(QueueException.class)
        .hasMessageContaining("already. Add items with: grain queue fill");
  }

  @Test
  void create_ofATopicThatOthersUse_hasNoneOfItsItems_andPurgeLeavesIt() throws Exception {
    QueueAddress first = created("", "a");
    QueueAddress second =
        QueueAddress.parse(
            "%s/%s?subscription=t&admin=%s".formatted(server.service(), topic, server.admin()));
    queues.create(second, QueueSettings.DEFAULTS);
    assertThat(queues.stat(second, QueueSettings.DEFAULTS).ready()).hasValue(0);
    queues.purge(second, QueueSettings.DEFAULTS);
    assertThat(queues.stat(first, QueueSettings.DEFAULTS).ready()).hasValue(1);
  }

  @Test
  void open_nobodyListens_saysWhatToCheck() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    QueueAddress address = QueueAddress.parse("pulsar://127.0.0.1:%s/t".formatted(port));
    assertThatThrownBy(() -> queues.open(address, QueueSettings.DEFAULTS))
        .isInstanceOf(QueueException.class)
        .hasMessageContaining("the broker does not answer at pulsar://127.0.0.1:" + port)
        .hasMessageContaining("Check that it runs");
  }

  @Test
  void create_wrongAdmin_saysWhatToCheck() {
    QueueAddress address =
        QueueAddress.parse("%s/%s?admin=http://127.0.0.1:1".formatted(server.service(), topic));
    assertThatThrownBy(() -> queues.create(address, QueueSettings.DEFAULTS))
        .isInstanceOf(QueueException.class)
        .hasMessageContaining("the HTTP API of the broker does not answer at http://127.0.0.1:1")
        .hasMessageContaining("admin=http://HOST:PORT");
  }

  @Test
  void create_noSuchNamespace_saysSo() {
    QueueAddress address =
        QueueAddress.parse(
            "%s/nobody/nothing/%s?admin=%s".formatted(server.service(), topic, server.admin()));
    assertThatThrownBy(() -> queues.create(address, QueueSettings.DEFAULTS))
        .isInstanceOf(QueueException.class)
        .hasMessageContaining("there is no such tenant or namespace");
  }

  @Test
  void fill_itemTooLarge_saysTheLimit_andHowManyWereAdded() throws Exception {
    QueueAddress address = created("");
    List<byte[]> items = List.of(new byte[1], new byte[2], new byte[6_000_000], new byte[3]);
    assertThatThrownBy(() -> queues.fill(address, QueueSettings.DEFAULTS, items.iterator()))
        .isInstanceOf(QueueException.class)
        .hasMessageContaining("maxMessageSize")
        .hasMessageEndingWith("The first 2 items were added.");
    assertThat(queues.stat(address, QueueSettings.DEFAULTS).ready()).hasValue(2);
  }

  // ---------------------------------------------------------------- counting

  @Test
  void stat_countsWhatWaits_isInFlight_andIsDead() throws Exception {
    QueueAddress address = created("", "a", "b", "c");
    try (QueueEngine engine = queues.open(address, QueueSettings.DEFAULTS)) {
      next(engine).dead("no use");
      Delivery second = next(engine);
      while (engine.stats().dead().equals(OptionalLong.of(0))) {
        assertThat(engine.isDrained()).isFalse();
      }
      // the broker has confirmed that the first one has left
      assertThat(engine.isDrained()).isFalse();
      QueueStats stats = queues.stat(address, QueueSettings.DEFAULTS);
      assertThat(stats.ready()).hasValue(1);
      assertThat(stats.inFlight()).hasValue(1);
      assertThat(stats.dead()).hasValue(1);
      assertThat(stats.minions()).hasValue(1);
      second.ack();
    }
  }

  @Test
  void count_isKept_whenNoMinionIsLeft() throws Exception {
    QueueAddress address = created("", "a");
    for (int delivery = 1; delivery <= 3; delivery++) {
      try (QueueEngine engine = queues.open(address, QueueSettings.DEFAULTS)) {
        assertThat(next(engine).count()).isEqualTo(delivery);
      }
    }
  }

  @Test
  void count_withCountsOfTheBroker_startsAnew_whenNoMinionIsLeft() throws Exception {
    QueueAddress address = created("&counts=broker", "a");
    for (int i = 0; i < 2; i++) {
      try (QueueEngine engine = queues.open(address, QueueSettings.DEFAULTS)) {
        assertThat(next(engine).count()).isEqualTo(1);
      }
    }
  }

  @Test
  void counts_ofWhatIsDone_areForgotten() throws Exception {
    QueueAddress address = created("", "a", "b");
    for (int i = 0; i < 2; i++) {
      try (QueueEngine engine = queues.open(address, QueueSettings.DEFAULTS)) {
        next(engine).ack();
        while (!engine.isDrained() && i == 1) {
          assertThat(engine.next(PATIENCE)).isNull();
        }
      }
    }
    Place place = Place.of(address, QueueSettings.DEFAULTS);
    queues.open(address, QueueSettings.DEFAULTS).close();
    try (Admin admin = new Admin(place, Connection.authentication(place, QueueSettings.DEFAULTS))) {
      while (admin.stats(place.deliveries(), false).backlog() > 0) {
        queues.open(address, QueueSettings.DEFAULTS).close();
      }
    }
  }

  @Test
  void count_ofWhatWasReleased_isThatOfBefore_forOtherMinions() throws Exception {
    QueueAddress address = created("", "a");
    for (int i = 0; i < 2; i++) {
      try (QueueEngine engine = queues.open(address, QueueSettings.DEFAULTS)) {
        Delivery delivery = next(engine);
        assertThat(delivery.count()).isEqualTo(1);
        delivery.release();
      }
    }
  }

  @Test
  void stopTaking_givesBackWhatWasTakenAhead_andTakesNoMore() throws Exception {
    String[] items = IntStream.range(0, 400).mapToObj(Integer::toString).toArray(String[]::new);
    QueueAddress address = created("", items);
    try (QueueEngine one = queues.open(address, QueueSettings.DEFAULTS)) {
      // so that it takes many at a time
      for (int i = 0; i < 300; i++) {
        next(one).ack();
      }
      Delivery running = next(one);
      one.stopTaking();
      assertThat(one.next(PATIENCE)).isNull();
      TreeSet<String> seen = new TreeSet<>();
      try (QueueEngine other = queues.open(address, QueueSettings.DEFAULTS)) {
        while (seen.size() < 99) {
          Delivery delivery = other.next(PATIENCE);
          if (delivery != null) {
            seen.add(text(delivery));
            delivery.ack();
          }
        }
      }
      assertThat(seen).doesNotContain(text(running));
      running.ack();
      while (!one.isDrained()) {
        assertThat(one.next(PATIENCE)).isNull();
      }
    }
  }

  @Test
  void isDrained_withoutTheApi_isFalse_afterAnItemThatTookLongerThanTheIdleTime() throws Exception {
    created("", "a");
    QueueAddress here =
        QueueAddress.parse("%s/%s?subscription=s&idle=3s".formatted(server.service(), topic));
    try (QueueEngine engine = queues.open(here, QueueSettings.DEFAULTS)) {
      Delivery delivery = next(engine);
      long end = System.nanoTime() + Duration.ofSeconds(4).toNanos();
      while (System.nanoTime() < end) {
        delivery.extend();
        assertThat(engine.next(PATIENCE)).isNull();
      }
      delivery.ack();
      assertThat(engine.isDrained()).isFalse();
    }
  }

  @Test
  void isDrained_withoutTheApi_isTrueAfterTheIdleTime() throws Exception {
    created("", "a");
    // at the usual port of the API, there is none
    QueueAddress here =
        QueueAddress.parse("%s/%s?subscription=s&idle=1s".formatted(server.service(), topic));
    try (QueueEngine engine = queues.open(here, QueueSettings.DEFAULTS)) {
      Delivery delivery = next(engine);
      assertThat(engine.isDrained()).isFalse();
      delivery.ack();
      while (!engine.isDrained()) {
        assertThat(engine.next(PATIENCE)).isNull();
      }
      assertThat(engine.stats().ready()).isEmpty();
    }
  }

  // ---------------------------------------------------------------- what others send

  @Test
  void batchesOfOthers_areDeliveredOnce_eachItem() throws Exception {
    QueueAddress address = created("");
    try (PulsarClient client = PulsarClient.builder().serviceUrl(server.service()).build();
        Producer<byte[]> producer =
            client
                .newProducer()
                .topic(topic)
                .batchingMaxMessages(50)
                .batchingMaxPublishDelay(1, TimeUnit.SECONDS)
                .create()) {
      for (int i = 0; i < 100; i++) {
        var _ = producer.sendAsync(Integer.toString(i).getBytes(UTF_8));
      }
      producer.flush();
    }
    List<String> found = new ArrayList<>();
    try (QueueEngine engine = queues.open(address, QueueSettings.DEFAULTS)) {
      while (found.size() < 100) {
        Delivery delivery = next(engine);
        found.add(text(delivery));
        delivery.ack();
      }
      while (!engine.isDrained()) {
        assertThat(engine.next(PATIENCE)).isNull();
      }
    }
    assertThat(found)
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, 100).mapToObj(Integer::toString).toList());
  }

  @Test
  void partitionedTopic_isWorkedOnAsAWhole() throws Exception {
    String[] items = IntStream.range(0, 50).mapToObj(Integer::toString).toArray(String[]::new);
    QueueAddress address = created("&partitions=3", items);
    assertThat(queues.stat(address, QueueSettings.DEFAULTS).ready()).hasValue(50);
    String text =
        "%s/%s?subscription=s&admin=%s".formatted(server.service(), topic, server.admin());
    assertThat(Minion.function(_ -> {}).queue(text).parallel(2).run().succeeded())
        .isGreaterThanOrEqualTo(50);
    assertThat(queues.stat(address, QueueSettings.DEFAULTS).ready()).hasValue(0);
    queues.purge(address, QueueSettings.DEFAULTS);
    assertThatThrownBy(() -> queues.stat(address, QueueSettings.DEFAULTS))
        .hasMessageContaining("there is no such queue");
  }

  @Test
  void letterOfTheClient_isListed() throws Exception {
    QueueAddress address = created("");
    try (PulsarClient client = PulsarClient.builder().serviceUrl(server.service()).build();
        var consumer =
            client
                .newConsumer()
                .topic(topic + "-s-DLQ")
                .subscriptionName("s")
                .subscriptionInitialPosition(SubscriptionInitialPosition.Earliest)
                .subscribe();
        Producer<byte[]> producer = client.newProducer().topic(topic + "-s-DLQ").create()) {
      assertThat(consumer.isConnected()).isTrue();
      producer.send("x".getBytes(UTF_8));
    }
    List<DeadLetter> letters = new ArrayList<>();
    queues.dead(address, QueueSettings.DEFAULTS, letters::add);
    assertThat(letters)
        .singleElement()
        .satisfies(letter ->
            assertThat(letter.reason())
                .isEqualTo("The client of Pulsar has made it a dead letter."));
  }
}
