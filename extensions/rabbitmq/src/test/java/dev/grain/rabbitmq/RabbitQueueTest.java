package dev.grain.rabbitmq;

import static dev.grain.minion.testing.Deliveries.PATIENCE;
import static dev.grain.minion.testing.Deliveries.drain;
import static dev.grain.minion.testing.Deliveries.next;
import static dev.grain.minion.testing.Deliveries.numbers;
import static dev.grain.minion.testing.Deliveries.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.MessageProperties;
import dev.grain.minion.QueueAddress;
import dev.grain.minion.QueueEngine;
import dev.grain.minion.QueueEngine.Delivery;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueSettings;
import dev.grain.minion.QueueStats;
import dev.grain.minion.testing.EngineSpecifics;
import dev.grain.minion.testing.Served;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is special about queues in RabbitMQ, and what people do wrong. */
final class RabbitQueueTest extends EngineSpecifics {
  private static final int LONGEST_VALUE = 1 << 20;
  private static final AtomicInteger NUMBERS = new AtomicInteger();

  @RegisterExtension
  static final Served<RabbitServer> SERVER =
      new Served<>(folder -> RabbitServer.start(folder, "max_message_size = " + LONGEST_VALUE));

  private final RabbitServer server = SERVER.get();
  private final String name = "q" + NUMBERS.incrementAndGet();

  RabbitQueueTest() {
    super(new RabbitQueues());
  }

  @Override
  protected QueueAddress address(String more) {
    return QueueAddress.parse("rabbitmq://127.0.0.1:%s/%s%s".formatted(server.port(), name, more));
  }

  /** Something that another program does. */
  private interface Foreign {
    void with(Channel channel) throws Exception;
  }

  private void foreign(Foreign work) throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost("127.0.0.1");
    factory.setPort(server.port());
    factory.setAutomaticRecoveryEnabled(false);
    try (Connection connection = factory.newConnection();
        Channel channel = connection.createChannel()) {
      work.with(channel);
    }
  }

  // ---------------------------------------------------------------- items

  @Test
  void manyShortItems_areDone_andCounted() throws Exception {
    QueueAddress address = queue("", numbers(3000));
    assertThat(stat(address).ready()).hasValue(3000);
    try (QueueEngine engine = open(address)) {
      for (int i = 0; i < 3000; i++) {
        Delivery delivery = next(engine);
        assertThat(delivery.count()).isEqualTo(1);
        delivery.ack();
      }
      drain(engine);
    }
    QueueStats stats = stat(address);
    assertThat(stats.ready()).hasValue(0);
    assertThat(stats.inFlight()).hasValue(0);
    assertThat(stats.dead()).hasValue(0);
    assertThat(stats.minions()).hasValue(0);
  }

  @Test
  void itemsOfOthers_areTaken() throws Exception {
    QueueAddress address = queue("");
    foreign(channel -> {
      channel.confirmSelect();
      channel.basicPublish("", name, MessageProperties.PERSISTENT_BASIC, "7".getBytes(UTF_8));
      channel.basicPublish("", name, null, "7".getBytes(UTF_8));
      channel.waitForConfirmsOrDie();
    });
    try (QueueEngine engine = open(address)) {
      Delivery one = next(engine);
      Delivery other = next(engine);
      assertThat(text(one)).isEqualTo("7");
      assertThat(one.id()).isEqualTo(other.id());
      one.dead("because");
      other.nack(Duration.ZERO);
      Delivery again = next(engine);
      assertThat(again.count()).isEqualTo(2);
      again.ack();
      drain(engine);
    }
    assertThat(letters(address))
        .singleElement()
        .satisfies(letter -> {
          assertThat(letter.reason()).isEqualTo("because");
          assertThat(letter.count()).isEqualTo(1);
        });
    // looking at them does not change them
    assertThat(letters(address)).hasSize(1);
  }

  @Test
  void isDrained_isTrue_afterItemsWereWaitedFor() throws Exception {
    int count = 3000;
    QueueAddress address = queue("", numbers(count));
    try (QueueEngine engine = open(address)) {
      // short items, so that more are sent in advance
      for (int i = 0; i < count; i++) {
        next(engine).ack();
      }
      for (int i = 0; !engine.isDrained(); i++) {
        assertThat(i).isLessThan(5);
        assertThat(engine.next(Duration.ofMillis(1100))).isNull();
        assertThat(engine.next(Duration.ZERO)).isNull();
      }
    }
  }

  @Test
  void isDrained_isFalse_whileAnotherMinionHasAnItem_orItWaits() throws Exception {
    QueueAddress address = queue("", "a");
    try (QueueEngine one = open(address);
        QueueEngine other = open(address)) {
      Delivery delivery = next(one);
      for (int i = 0; i < 5; i++) {
        assertThat(other.isDrained()).isFalse();
        assertThat(other.next(PATIENCE)).isNull();
      }
      assertThat(stat(address).minions()).hasValue(1);
      assertThat(stat(address).inFlight()).isEmpty();
      delivery.nack(Duration.ofHours(1));
      for (int i = 0; i < 5; i++) {
        assertThat(other.isDrained()).isFalse();
        assertThat(one.isDrained()).isFalse();
        assertThat(one.next(PATIENCE)).isNull();
      }
      assertThat(stat(address).inFlight()).hasValue(1);
    }
  }

  @Test
  void delay_isKept_whenTheMinionIsGone() throws Exception {
    QueueAddress address = queue("", "a");
    String id;
    try (QueueEngine engine = open(address)) {
      Delivery delivery = next(engine);
      id = delivery.id();
      delivery.nack(Duration.ofMillis(300));
    }
    try (QueueEngine engine = open(address)) {
      Delivery again = next(engine);
      assertThat(again.id()).isEqualTo(id);
      assertThat(again.count()).isEqualTo(2);
      again.nack(Duration.ofMillis(10));
      assertThat(next(engine).count()).isEqualTo(3);
    }
  }

  @Test
  void itemsInAdvance_goBack_whenTheMinionHasALongItem() throws Exception {
    int count = 2000;
    QueueAddress address = queue("", numbers(count));
    try (QueueEngine one = open(address);
        QueueEngine other = open(address)) {
      int done = 0;
      // until some have been sent in advance
      while (count - done - stat(address).ready().orElse(0) < 30) {
        for (int i = 0; i < 30; i++) {
          next(one).ack();
          done++;
        }
      }
      Delivery item = next(one);
      while (stat(address).ready().orElse(0) < count - done - 1) {
        item.extend();
      }
      for (int i = done + 1; i < count; i++) {
        Delivery each = next(other);
        assertThat(each.count()).isEqualTo(1);
        each.ack();
      }
      assertThat(other.isDrained()).isFalse();
      item.ack();
      // each leaves when it finds nothing more
      while (!Stream.of(one.isDrained(), other.isDrained()).allMatch(drained -> drained)) {
        assertThat(one.next(PATIENCE)).isNull();
        assertThat(other.next(PATIENCE)).isNull();
      }
    }
  }

  @Test
  void itemsThatWereNotBegun_areNotCounted_whenTheMinionLeaves() throws Exception {
    int count = 3000;
    QueueAddress address = queue("", numbers(count));
    int done = 0;
    try (QueueEngine engine = open(address)) {
      // until some have been sent in advance
      while (count - done - stat(address).ready().orElse(0) < 30) {
        for (int i = 0; i < 30; i++) {
          next(engine).ack();
          done++;
        }
      }
      // each acknowledgement makes room for another item
      for (int i = 0; i < 100; i++) {
        next(engine).ack();
        done++;
      }
    }
    List<String> items = new ArrayList<>();
    try (QueueEngine engine = open(address)) {
      while (!engine.isDrained()) {
        Delivery delivery = engine.next(PATIENCE);
        if (delivery != null) {
          items.add(text(delivery));
          assertThat(delivery.count()).isEqualTo(1);
          delivery.ack();
        }
      }
    }
    assertThat(items).containsExactlyInAnyOrder(Arrays.copyOfRange(numbers(count), done, count));
  }

  @Test
  void manyLetters_areRequeuedOnce() throws Exception {
    String[] items = numbers(500);
    QueueAddress address = queue("", items);
    try (QueueEngine engine = open(address)) {
      for (int i = 0; i < items.length; i++) {
        next(engine).dead("so");
      }
    }
    assertThat(letters(address)).hasSize(items.length);
    assertThat(requeue(address)).isEqualTo(items.length);
    assertThat(stat(address).dead()).hasValue(0);
    assertThat(stat(address).ready()).hasValue(items.length);
  }

  // ---------------------------------------------------------------- brokers that fail

  @Test
  void itemThatRuns_whileTheBrokerRestarts_isNotBegunAgain() throws Exception {
    QueueAddress address = queue("", "a", "b");
    try (QueueEngine engine = open(address)) {
      Delivery runs = next(engine);
      Delivery ends = next(engine);
      server.stop();
      ends.ack();
      assertThat(engine.next(Duration.ZERO)).isNull();
      server.start();
      while (stat(address).ready().orElse(1) > 0) {
        assertThat(engine.next(PATIENCE)).isNull();
      }
      runs.ack();
      drain(engine);
    }
    assertThat(stat(address).ready()).hasValue(0);
  }

  @Test
  void brokerThatStaysAway_endsTheMinion() throws Exception {
    QueueAddress address = queue("?outage=500ms", "a");
    try (QueueEngine engine = open(address)) {
      Delivery delivery = next(engine);
      server.stop();
      delivery.ack();
      assertThatThrownBy(
              () -> {
                while (true) {
                  assertThat(engine.next(PATIENCE)).isNull();
                }
              })
          .isInstanceOf(QueueException.class)
          .hasMessageContaining("cannot be reached")
          .hasMessageContaining("Connection refused");
    } finally {
      server.start();
    }
  }

  @Test
  void deadLetter_thatHasNoQueue_staysAnItem() throws Exception {
    QueueAddress address = queue("", "a");
    try (QueueEngine engine = open(address)) {
      Delivery delivery = next(engine);
      foreign(channel -> channel.queueDelete(name + ".dead"));
      delivery.dead("so");
      assertThatThrownBy(
              () -> {
                while (true) {
                  Delivery again = engine.next(PATIENCE);
                  if (again != null) {
                    again.nack(Duration.ZERO);
                  }
                }
              })
          .isInstanceOf(QueueException.class)
          .hasMessageContaining("there is no queue " + name + ".dead");
    }
    assertThatThrownBy(() -> open(address))
        .isInstanceOf(QueueException.class)
        .hasMessageContaining("a part of it is missing");
    // makes what is missing
    queues.create(address, QueueSettings.DEFAULTS);
    assertThat(stat(address).ready()).hasValue(1);
  }

  // ---------------------------------------------------------------- mistakes

  @Test
  void address_withErrors_isRefused() {
    assertThatThrownBy(() -> open(address("?leese=3s")))
        .isInstanceOf(QueueException.class)
        .hasMessageContaining("did you mean 'lease'?");
    assertThatThrownBy(() -> open(address("?lease=1s")))
        .hasMessageContaining("A lease of 1 s is too short");
    assertThatThrownBy(() -> open(QueueAddress.parse("rabbitmq://127.0.0.1/v/")))
        .hasMessageContaining("names no queue");
    assertThatThrownBy(() -> open(QueueAddress.parse("rabbitmq:" + "q".repeat(250))))
        .hasMessageContaining("too long");
  }

  @Test
  void value_thatIsTooLarge_isRefused() throws Exception {
    QueueAddress address = queue("");
    Iterator<byte[]> items = Stream.of(new byte[10], new byte[LONGEST_VALUE + 1]).iterator();
    assertThatThrownBy(() -> queues.fill(address, QueueSettings.DEFAULTS, items))
        .isInstanceOf(QueueException.class)
        .hasMessageContaining("1048577")
        .hasMessageContaining("max_message_size");
  }

  @Test
  void loginThatIsWrong_isRefused() throws Exception {
    QueueAddress right = queue("");
    String place = "127.0.0.1:%s/%s".formatted(server.port(), name);
    assertThatThrownBy(() -> open(QueueAddress.parse("amqp://guest:secret@" + place)))
        .isInstanceOf(QueueException.class)
        .hasMessageContaining("does not let the user 'guest' log in")
        .hasMessageNotContaining("secret");
    QueueSettings settings =
        new QueueSettings(Duration.ZERO, Map.of("RABBITMQ_PASSWORD", "secret"));
    assertThatThrownBy(() -> queues.open(right, settings))
        .hasMessageContaining("does not let the user 'guest' log in");
    String host = "127.0.0.1:%s/nowhere/%s".formatted(server.port(), name);
    assertThatThrownBy(() -> open(QueueAddress.parse("rabbitmq://" + host)))
        .isInstanceOf(QueueException.class)
        .hasMessageContaining("Check the virtual host 'nowhere'");
  }

  @Test
  void brokerThatIsNotThere_isNamed() throws Exception {
    QueueAddress address =
        QueueAddress.parse("rabbitmq://127.0.0.1:%s/q".formatted(RabbitServer.freePort()));
    assertThatThrownBy(() -> open(address))
        .isInstanceOf(QueueException.class)
        .hasMessageContaining("RabbitMQ cannot be reached for the queue " + address)
        .hasMessageContaining("Check the host and the port");
  }
}
