package dev.grain.redis;

import static dev.grain.minion.testing.Deliveries.PATIENCE;
import static dev.grain.minion.testing.Deliveries.drain;
import static dev.grain.minion.testing.Deliveries.next;
import static dev.grain.minion.testing.Deliveries.numbers;
import static dev.grain.minion.testing.Deliveries.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.minion.QueueAddress;
import dev.grain.minion.QueueEngine;
import dev.grain.minion.QueueEngine.Delivery;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueSettings;
import dev.grain.minion.QueueStats;
import dev.grain.minion.testing.Deliveries;
import dev.grain.minion.testing.EngineSpecifics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is special about queues in Redis, and what people do wrong. */
final class RedisQueueTest extends EngineSpecifics {
  @TempDir Path folder;

  private final List<RedisServer> servers = new ArrayList<>();

  @SuppressWarnings("NullAway.Init") // before each test
  private RedisServer server;

  RedisQueueTest() {
    super(new RedisQueues());
  }

  @BeforeEach
  void startServer() throws Exception {
    server = start();
  }

  private RedisServer start(String... options) throws Exception {
    Path data = Files.createDirectory(folder.resolve("data" + servers.size()));
    RedisServer started = RedisServer.start(data, options);
    servers.add(started);
    return started;
  }

  @AfterEach
  void stopServers() {
    servers.forEach(RedisServer::close);
  }

  @Override
  protected QueueAddress address(String more) {
    return QueueAddress.parse("redis://127.0.0.1:%s/k%s".formatted(server.port(), more));
  }

  // ---------------------------------------------------------------- items

  @Test
  void itemsThatAreDone_leaveNothing() throws Exception {
    QueueAddress address = queue("", numbers(3000));
    assertThat(stat(address).ready()).hasValue(3000);
    try (QueueEngine engine = open(address)) {
      for (int i = 0; i < 3000; i++) {
        next(engine).ack();
      }
      assertThat(engine.isDrained()).isTrue();
      assertThat(engine.stats().minions()).hasValue(1);
    }
    QueueStats stats = stat(address);
    assertThat(stats.ready()).hasValue(0);
    assertThat(stats.inFlight()).hasValue(0);
    assertThat(stats.done()).hasValue(3000);
    assertThat(stats.minions()).hasValue(0);
    assertThat(server.ask("XLEN", "k")).isEqualTo("0");
  }

  @Test
  void itemsOfOthers_areTheirOnlyField_orJson() throws Exception {
    QueueAddress address = queue("");
    server.ask("XADD", "k", "*", "anything", "7");
    server.ask("XADD", "k", "*", "lr", "0.1", "say \"x\"", "a\n\\");
    try (QueueEngine engine = open(address)) {
      Delivery one = next(engine);
      assertThat(text(one)).isEqualTo("7");
      one.dead("because");
      Delivery other = next(engine);
      assertThat(text(other)).isEqualTo("{\"lr\":\"0.1\",\"say \\\"x\\\"\":\"a\\u000a\\\\\"}");
      String id = other.id();
      other.nack(Duration.ZERO);
      Delivery again = next(engine);
      assertThat(text(again)).isEqualTo(text(other));
      assertThat(again.id()).isEqualTo(id);
      again.ack();
    }
    assertThat(letters(address))
        .singleElement()
        .satisfies(letter -> assertThat(letter.reason()).isEqualTo("because"));
  }

  @Test
  void isDrained_isFalse_whileAnotherMinionHasAnItem_orItWaits() throws Exception {
    QueueAddress address = queue("", "a");
    try (QueueEngine one = open(address);
        QueueEngine other = open(address)) {
      Delivery delivery = next(one);
      assertThat(other.next(Duration.ZERO)).isNull();
      assertThat(other.isDrained()).isFalse();
      delivery.nack(Duration.ofHours(1));
      assertThat(one.next(Duration.ZERO)).isNull();
      assertThat(other.isDrained()).isFalse();
      assertThat(other.stats().inFlight()).hasValue(1);
    }
  }

  @Test
  void tend_tellsTheServerWhatIsDone_whileALongItemRuns() throws Exception {
    QueueAddress address = queue("?lease=1h", numbers(20));
    try (QueueEngine engine = open(address)) {
      List<Delivery> items = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        items.add(next(engine));
      }
      for (Delivery each : items.subList(1, 20)) {
        each.ack();
      }
      engine.flush();
      engine.tend();
      assertThat(stat(address).done()).hasValue(19);
      items.getFirst().ack();
    }
  }

  @Test
  void delay_isKept_whenTheMinionIsGone() throws Exception {
    QueueAddress address = queue("", "a");
    try (QueueEngine engine = open(address)) {
      next(engine).nack(Duration.ofMillis(300));
    }
    try (QueueEngine engine = open(address)) {
      Delivery again = next(engine);
      assertThat(again.count()).isEqualTo(2);
      again.nack(Duration.ofMillis(10));
      assertThat(next(engine).count()).isEqualTo(3);
    }
  }

  @Test
  void itemOfASilentMinion_isTakenOver_andNoLongerItsOwn() throws Exception {
    QueueAddress address = queue("?lease=1s", "a");
    try (QueueEngine silent = open(address);
        QueueEngine other = open(address)) {
      Delivery lost = next(silent);
      Delivery taken = next(other);
      assertThat(taken.id()).isEqualTo(lost.id());
      assertThat(taken.count()).isEqualTo(2);
      lost.extend();
      lost.dead("too late");
      assertThat(silent.isDrained()).isFalse();
      assertThat(letters(address)).isEmpty();
      taken.ack();
      assertThat(other.isDrained()).isTrue();
    }
    assertThat(stat(address).done()).hasValue(1);
  }

  @Test
  void itemsInAdvance_goBack_whenTheMinionHasALongItem() throws Exception {
    int count = 2000;
    QueueAddress address = queue("?lease=1s", numbers(count));
    try (QueueEngine one = open(address);
        QueueEngine other = open(address)) {
      int done = 0;
      // until it has asked for many at once
      while (stat(address).inFlight().orElse(0) < 50) {
        for (int i = 0; i < 30; i++) {
          next(one).ack();
          done++;
        }
      }
      Delivery item = next(one);
      while (stat(address).inFlight().orElse(0) > 1) {
        item.extend();
      }
      for (int i = done + 1; i < count; i++) {
        Delivery each = next(other);
        assertThat(each.count()).isEqualTo(1);
        each.ack();
        item.extend();
      }
      item.ack();
      assertThat(one.next(Duration.ZERO)).isNull();
      assertThat(other.isDrained()).isTrue();
    }
  }

  @Test
  void itemsThatAreGivenBack_areReadyAtOnce() throws Exception {
    QueueAddress address = queue("", numbers(20));
    try (QueueEngine engine = open(address)) {
      List<Delivery> items = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        items.add(next(engine));
      }
      for (Delivery each : items) {
        each.nack(Duration.ZERO);
      }
      assertThat(stat(address).ready()).hasValue(20);
    }
  }

  // ---------------------------------------------------------------- servers that fail

  @Test
  void server_thatForgetsScripts_isToldThemAgain() throws Exception {
    QueueAddress address = queue("", "a", "b");
    try (QueueEngine engine = open(address)) {
      Delivery delivery = next(engine);
      server.ask("SCRIPT", "FLUSH");
      delivery.ack();
      next(engine).ack();
      drain(engine);
    }
    assertThat(stat(address).done()).hasValue(2);
  }

  @Test
  void acknowledgement_arrives_whenTheServerHasRestarted_andTheMinionLeaves() throws Exception {
    QueueAddress address = queue("", "a");
    try (QueueEngine engine = open(address)) {
      Delivery delivery = next(engine);
      server.stop();
      server.start();
      delivery.ack();
    }
    assertThat(stat(address).done()).hasValue(1);
  }

  @Test
  void server_thatStaysAway_endsTheMinion() throws Exception {
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
          .hasMessageContaining("127.0.0.1:" + server.port());
    }
  }

  @Test
  void queueThatIsRemoved_endsTheMinion() throws Exception {
    QueueAddress address = queue("", "a");
    try (QueueEngine engine = open(address)) {
      purge(address);
      assertThatThrownBy(() -> engine.next(PATIENCE))
          .isInstanceOf(QueueException.class)
          .hasMessageContaining("is gone");
      assertThatThrownBy(engine::isDrained).hasMessageContaining("is gone");
    }
    assertThat(server.ask("KEYS", "*")).isEqualTo("[]");
  }

  @Test
  void memoryThatIsFull_losesNothing() throws Exception {
    QueueAddress address = queue("?lease=1s", "a");
    try (QueueEngine engine = open(address)) {
      Delivery delivery = next(engine);
      server.ask("CONFIG", "SET", "maxmemory", "1");
      assertThatThrownBy(
              () -> {
                delivery.nack(Duration.ZERO);
                var _ = engine.next(PATIENCE);
              })
          .isInstanceOf(QueueException.class)
          .hasMessageContaining("no memory left")
          .hasMessageContaining("maxmemory");
      assertThatThrownBy(() -> fill(address, "b"))
          .hasMessageContaining("no memory left")
          .hasMessageContaining("The first 0 items were added");
      server.ask("CONFIG", "SET", "maxmemory", "0");
    }
    try (QueueEngine engine = open(address)) {
      assertThat(text(next(engine))).isEqualTo("a");
      assertThat(engine.stats().ready()).hasValue(0);
    }
  }

  // ---------------------------------------------------------------- mistakes

  @Test
  void queueOfAnotherGroup_isNamed_withItsGroup() throws Exception {
    QueueAddress address = queue("");
    assertThatThrownBy(() -> open(address("?group=other")))
        .isInstanceOf(QueueException.class)
        .hasMessage(
            "There is no queue %s?group=other with the consumer group other. Create it with: grain queue create '%s?group=other'",
            address, address);
  }

  @Test
  void keyThatHoldsSomethingElse_isRefused() {
    server.ask("SET", "k", "1");
    assertThatThrownBy(() -> queues.create(address(""), QueueSettings.DEFAULTS))
        .isInstanceOf(QueueException.class)
        .hasMessageContaining("holds something else");
  }

  @Test
  void otherLease_isRefused() throws Exception {
    var _ = queue("?lease=3s");
    assertThatThrownBy(() -> open(address("?lease=5s")))
        .isInstanceOf(QueueException.class)
        .hasMessageContaining("share its lease of 3 s, so it cannot be 5 s");
    assertThatThrownBy(() -> open(address("?lease=10ms"))).hasMessageContaining("too short");
    try (QueueEngine engine = open(address(""))) {
      assertThat(fill(address(""), "a")).isEqualTo(1);
      assertThat(next(engine).lease()).isEqualTo(Duration.ofSeconds(3));
    }
  }

  @Test
  void address_withErrors_isRefused() {
    assertThatThrownBy(() -> open(address("?gruop=x")))
        .isInstanceOf(QueueException.class)
        .hasMessageContaining("did you mean 'group'?");
    assertThatThrownBy(() -> open(address("?db=one"))).hasMessageContaining("db=one");
    assertThatThrownBy(() -> open(address("?db=99"))).hasMessageContaining("out of range");
    assertThatThrownBy(() -> open(QueueAddress.parse("redis://127.0.0.1")))
        .hasMessageContaining("names no queue");
  }

  @Test
  void value_thatIsTooLarge_isRefused() throws Exception {
    QueueAddress address = queue("");
    server.ask("CONFIG", "SET", "proto-max-bulk-len", "1048576");
    Iterator<byte[]> items = Stream.of(new byte[10], new byte[1_048_577]).iterator();
    assertThatThrownBy(() -> queues.fill(address, QueueSettings.DEFAULTS, items))
        .isInstanceOf(QueueException.class)
        .hasMessage(
            "An item of 1048577 bytes is too large for Redis, which takes 1048576 at most (its setting proto-max-bulk-len). The first 1 items were added.");
    assertThat(stat(address).ready()).hasValue(1);
  }

  @Test
  void password_isInTheAddress_orTheVariables() throws Exception {
    server = start("--requirepass", "p@ss");
    assertThatThrownBy(() -> queue(""))
        .isInstanceOf(QueueException.class)
        .hasMessageContaining("programs without a password")
        .hasMessageContaining("REDIS_PASSWORD");
    String place = "127.0.0.1:%s/k".formatted(server.port());
    assertThatThrownBy(() -> open(QueueAddress.parse("redis://:wrong@" + place)))
        .isInstanceOf(QueueException.class)
        .hasMessageContaining("does not let this user")
        .hasMessageNotContaining("wrong@");
    QueueAddress right = QueueAddress.parse("redis://default:p%40ss@" + place);
    queues.create(right, QueueSettings.DEFAULTS);
    QueueSettings settings = new QueueSettings(Duration.ZERO, Map.of("REDIS_PASSWORD", "p@ss"));
    assertThat(queues.fill(address(""), settings, Deliveries.values("a"))).isEqualTo(1);
  }

  @Test
  void serverThatIsNotThere_isNamed() {
    servers.forEach(RedisServer::close);
    assertThatThrownBy(() -> open(address("")))
        .isInstanceOf(QueueException.class)
        .hasMessageContaining("Redis cannot be reached for the queue " + address(""))
        .hasMessageContaining("Connection refused")
        .hasMessageContaining("Check the host and the port");
  }

  @Test
  void hosts_areTriedInTurn() throws Exception {
    var _ = queue("", "a");
    QueueAddress both =
        QueueAddress.parse(
            "redis://127.0.0.1:%s,127.0.0.1:%s/k".formatted(RedisServer.freePort(), server.port()));
    assertThat(stat(both).ready()).hasValue(1);
  }

  // ---------------------------------------------------------------- other forms of servers

  @Test
  void cluster_isFollowedToTheNodeThatHasTheQueue() throws Exception {
    String[] cluster = {"--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf"};
    RedisServer low = start(cluster);
    RedisServer high = start(cluster);
    low.ask("CLUSTER", "ADDSLOTSRANGE", "0", "8191");
    high.ask("CLUSTER", "ADDSLOTSRANGE", "8192", "16383");
    low.ask("CLUSTER", "MEET", "127.0.0.1", Integer.toString(high.port()));
    for (RedisServer each : List.of(low, high)) {
      while (!each.ask("CLUSTER", "INFO").contains("cluster_state:ok")
          || !each.ask("CLUSTER", "INFO").contains("cluster_known_nodes:2")) {
        Thread.onSpinWait();
      }
    }
    for (RedisServer each : List.of(low, high)) {
      server = each;
      QueueAddress address =
          QueueAddress.parse(
              "redis://127.0.0.1:%s/queue-of-%s".formatted(each.port(), each == low ? "a" : "b"));
      queues.create(address, QueueSettings.DEFAULTS);
      assertThat(fill(address, "1", "2", "3")).isEqualTo(3);
      try (QueueEngine engine = open(address)) {
        next(engine).nack(Duration.ofMillis(1));
        next(engine).dead("so");
        next(engine).ack();
        next(engine).ack();
        assertThat(engine.isDrained()).isTrue();
      }
      assertThat(requeue(address)).isEqualTo(1);
    }
  }

  @Test
  void tls_isTrustedByTheAuthorityThatIsNamed() throws Exception {
    Path key = folder.resolve("key.pem");
    Path certificate = folder.resolve("certificate.pem");
    Process openssl =
        new ProcessBuilder(
                ("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
                        + " -addext subjectAltName=DNS:localhost -keyout %s -out %s")
                    .formatted(key, certificate)
                    .split(" "))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("openssl.log").toFile())
            .start();
    assertThat(openssl.waitFor()).isZero();
    int port = RedisServer.freePort();
    var _ =
        start(
            "--tls-port",
            Integer.toString(port),
            "--tls-cert-file",
            certificate.toString(),
            "--tls-key-file",
            key.toString(),
            "--tls-auth-clients",
            "no");
    QueueAddress trusted =
        QueueAddress.parse("rediss://localhost:%s/k?ca=%s".formatted(port, certificate));
    queues.create(trusted, QueueSettings.DEFAULTS);
    assertThat(fill(trusted, "a")).isEqualTo(1);
    assertThatThrownBy(() -> stat(QueueAddress.parse("rediss://localhost:%s/k".formatted(port))))
        .isInstanceOf(QueueException.class)
        .hasMessageContaining("a certificate that is trusted");
    assertThatThrownBy(() ->
            stat(QueueAddress.parse("rediss://127.0.0.1:%s/k?ca=%s".formatted(port, certificate))))
        .isInstanceOf(QueueException.class)
        .hasMessageContaining("a certificate that is trusted");
    assertThatThrownBy(() -> stat(QueueAddress.parse("rediss://localhost/k?ca=/none")))
        .isInstanceOf(QueueException.class)
        .hasMessageContaining("/none cannot be read");
  }
}
