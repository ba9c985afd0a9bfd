package dev.grain.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.minion.DeadLetter;
import dev.grain.minion.QueueAddress;
import dev.grain.minion.QueueEngine;
import dev.grain.minion.QueueEngine.Delivery;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueProvider;
import dev.grain.minion.QueueSettings;
import dev.grain.minion.QueueStats;
import java.io.File;
import java.net.InetAddress;
import java.net.MalformedURLException;
import java.net.ServerSocket;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is particular to queues in Kafka, against a real broker. */
final class KafkaQueuesTest {
  private static final Duration PATIENCE = Duration.ofMillis(100);
  private static final long PAUSE_NANOS = 2_000_000;
  private static final AtomicInteger NUMBERS = new AtomicInteger();

  private static KafkaServer server;

  @TempDir Path folder;

  private final QueueProvider kafka = new KafkaQueues();

  @BeforeAll
  static void startBroker() throws Exception {
    server = KafkaServer.shared();
  }

  // ---------------------------------------------------------------- what tests are made of

  private static QueueAddress address(String parameters) {
    return QueueAddress.parse(
        "kafka://%s/test-%s%s".formatted(server.address(), NUMBERS.incrementAndGet(), parameters));
  }

  private QueueAddress queue(String parameters, String... items) throws QueueException {
    QueueAddress address = address(parameters);
    kafka.create(address, QueueSettings.DEFAULTS);
    fill(address, items);
    return address;
  }

  private void fill(QueueAddress address, String... items) throws QueueException {
    assertThat(
            kafka.fill(
                address,
                QueueSettings.DEFAULTS,
                Arrays.stream(items).map(item -> item.getBytes(UTF_8)).iterator()))
        .isEqualTo(items.length);
  }

  private static String[] numbers(int from, int to) {
    return IntStream.range(from, to).mapToObj(Integer::toString).toArray(String[]::new);
  }

  private QueueEngine open(QueueAddress address) throws QueueException {
    return kafka.open(address, QueueSettings.DEFAULTS);
  }

  private static Delivery next(QueueEngine engine) throws Exception {
    Delivery delivery = null;
    while (delivery == null) {
      engine.flush();
      delivery = engine.next(PATIENCE);
    }
    engine.flush();
    return delivery;
  }

  private static String text(Delivery delivery) {
    return new String(delivery.value(), UTF_8);
  }

  private static void awaitDrained(QueueEngine engine) throws Exception {
    engine.flush();
    while (!engine.isDrained()) {
      assertThat(engine.next(PATIENCE)).isNull();
    }
  }

  private Path file(String... lines) throws Exception {
    return Files.write(folder.resolve("client.properties"), List.of(lines));
  }

  /** Takes all items as a minion does that is killed then. */
  private static void takeAndDie(QueueAddress address, int count) throws Exception {
    KafkaAddress kafka = KafkaAddress.of(address, QueueSettings.DEFAULTS);
    try (KafkaShareConsumer<byte[], byte[]> consumer = new Clients(kafka).shareConsumer(count)) {
      consumer.subscribe(List.of(kafka.topic()));
      int taken = 0;
      while (taken < count) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
          taken++;
          consumer.acknowledge(record, AcknowledgeType.RELEASE);
        }
      }
    }
  }

  // ---------------------------------------------------------------- bad input

  private void assertRefused(String address, String... words) {
    assertThatThrownBy(() -> kafka.open(QueueAddress.parse(address), QueueSettings.DEFAULTS))
        .isInstanceOf(QueueException.class)
        .hasMessageContainingAll(words);
  }

  @Test
  void address_withAMistake_isRefused_beforeAnyConnection() {
    assertRefused("kafka:topic", "kafka:topic names no topic", "kafka://HOST:PORT/TOPIC");
    assertRefused("kafka://host", "names no topic");
    assertRefused("kafka://host/", "the topic ''");
    assertRefused("kafka://host/a b", "the topic 'a b'", "letters, digits");
    assertRefused("kafka://host:port/topic", "'host:port' where a broker must be");
    assertRefused("kafka://host,/topic", "'' where a broker must be");
    assertRefused("kafka://host/topic?gruop=g", "'gruop'", "did you mean 'group'?");
    assertRefused("kafka://host/topic?lease=fast", "lease=fast", "such as 30s");
    assertRefused("kafka://host/topic?partitions=0", "partitions=0", "from 1 to");
    assertRefused("kafka://host/topic?config=/no/such/file", "/no/such/file", "?config=FILE");
  }

  @Test
  void address_withAPassword_isNotPrinted() {
    assertThatThrownBy(() ->
            kafka.open(QueueAddress.parse("kafka://me:secret@host/topic"), QueueSettings.DEFAULTS))
        .hasMessageContaining("?config=FILE")
        .hasMessageNotContaining("secret");
  }

  @Test
  void broker_thatIsNotThere_isNamed() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    Path config = file("default.api.timeout.ms=500", "request.timeout.ms=500");
    assertRefused(
        "kafka://127.0.0.1:%s/topic?config=%s".formatted(port, config),
        "cannot be opened: no answer came from 127.0.0.1:" + port,
        "Check that a broker runs there");
    assertRefused(
        "kafka://no-such-host.invalid/topic?config=" + config,
        "cannot be opened",
        "no-such-host.invalid");
  }

  @Test
  void login_withAWrongPassword_isRefused_andWithTheRightOneWorks() throws Exception {
    String login =
        "sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username=\"%s\" password=\"%s\";";
    String address =
        "kafka://%s/login-%s".formatted(server.loginAddress(), NUMBERS.incrementAndGet());
    Path right =
        file(
            "security.protocol=SASL_PLAINTEXT",
            "sasl.mechanism=PLAIN",
            login.formatted(KafkaServer.USER, KafkaServer.USER));
    QueueSettings settings =
        new QueueSettings(Duration.ZERO, Map.of("KAFKA_CONFIG", right.toString()));
    QueueAddress queue = QueueAddress.parse(address);
    kafka.create(queue, settings);
    assertThat(kafka.fill(queue, settings, List.of("a".getBytes(UTF_8)).iterator())).isEqualTo(1);
    try (QueueEngine engine = kafka.open(queue, settings)) {
      next(engine).ack();
    }
    file(
        "security.protocol=SASL_PLAINTEXT",
        "sasl.mechanism=PLAIN",
        login.formatted(KafkaServer.USER, "wrong"));
    assertThatThrownBy(() -> kafka.open(queue, settings))
        .isInstanceOf(QueueException.class)
        .hasMessageContainingAll("refused the login", "Check the user and password")
        .hasMessageNotContaining("wrong");
  }

  @Test
  void brokerOfAnOldRelease_isNamed() throws Exception {
    KafkaAddress address =
        KafkaAddress.of(QueueAddress.parse("kafka://host/topic"), QueueSettings.DEFAULTS);
    int level41 = 27;
    int level42 = 28;
    assertThatThrownBy(() -> Setup.ensureRelease(address, level41, 1))
        .isInstanceOf(QueueException.class)
        .hasMessageContainingAll("needs Kafka 4.2 or later", "host:9092 is of release 4.1");
    assertThatThrownBy(() -> Setup.ensureRelease(address, level42, 0))
        .isInstanceOf(QueueException.class)
        .hasMessageContainingAll("share groups", "kafka-features.sh");
    Setup.ensureRelease(address, level42, 1);
  }

  @Test
  void queueThatIsNotThere_isNamed_byAll() {
    QueueAddress address = address("");
    String create = "Create it with: grain queue create " + address;
    QueueSettings settings = QueueSettings.DEFAULTS;
    assertThatThrownBy(() -> kafka.open(address, settings)).hasMessageContaining(create);
    assertThatThrownBy(() -> kafka.stat(address, settings)).hasMessageContaining(create);
    assertThatThrownBy(() -> kafka.requeue(address, settings)).hasMessageContaining(create);
    assertThatThrownBy(() -> kafka.purge(address, settings)).hasMessageContaining(create);
    assertThatThrownBy(() -> kafka.dead(address, settings, _ -> {})).hasMessageContaining(create);
    assertThatThrownBy(() -> kafka.fill(address, settings, List.<byte[]>of().iterator()))
        .hasMessageContaining(create);
  }

  @Test
  void create_twice_isRefused() throws Exception {
    QueueAddress address = queue("", "a");
    assertThatThrownBy(() -> kafka.create(address, QueueSettings.DEFAULTS))
        .isInstanceOf(QueueException.class)
        .hasMessageContainingAll("already", "grain queue fill " + address);
  }

  @Test
  void lease_thatTheBrokerRefuses_isNamed_andNothingIsCreated() throws Exception {
    QueueAddress address = address("?lease=10ms");
    assertThatThrownBy(() -> kafka.create(address, QueueSettings.DEFAULTS))
        .isInstanceOf(QueueException.class)
        .hasMessageContainingAll("The lease is 10 ms", "refuse");
    assertThatThrownBy(() -> open(address)).hasMessageContaining("there is no topic");
  }

  @Test
  void fill_withAnItemThatIsTooLarge_namesTheLimit_andHowManyWereAdded() throws Exception {
    QueueAddress address = queue("");
    List<byte[]> items = List.of(new byte[10], new byte[2 << 20], new byte[10]);
    assertThatThrownBy(() -> kafka.fill(address, QueueSettings.DEFAULTS, items.iterator()))
        .isInstanceOf(QueueException.class)
        .hasMessageContainingAll(
            "item 2 has 2097152 bytes", "max.message.bytes", "items were added");
  }

  // ---------------------------------------------------------------- taking items

  @Test
  void longItems_areTakenOneByOne_andKeptWithoutBlockingOthers() throws Exception {
    QueueAddress address = queue("?lease=1s", numbers(0, 6));
    List<Delivery> long_ = new ArrayList<>();
    try (QueueEngine one = open(address);
        QueueEngine other = open(address)) {
      for (int i = 0; i < 4; i++) {
        long_.add(next(one));
      }
      assertThat(one.stats().inFlight()).hasValue(4);
      assertThat(one.stats().ready()).hasValue(2);
      // the rest is not hoarded, and three leases pass
      TreeSet<String> seen = new TreeSet<>();
      for (int i = 0; i < 2; i++) {
        Delivery delivery = next(other);
        seen.add(text(delivery));
        delivery.ack();
      }
      long end = System.nanoTime() + Duration.ofSeconds(3).toNanos();
      while (System.nanoTime() < end) {
        long_.forEach(KafkaQueuesTest::extend);
        assertThat(other.next(PATIENCE)).isNull();
        assertThat(other.isDrained()).isFalse();
      }
      for (Delivery delivery : long_) {
        seen.add(text(delivery));
        assertThat(delivery.count()).isEqualTo(1);
        delivery.ack();
      }
      assertThat(seen).containsExactly(numbers(0, 6));
      awaitDrained(other);
    }
  }

  @Test
  void consumers_limitHowManyLongItemsAMinionHas() throws Exception {
    QueueAddress address = queue("?consumers=2", "a", "b", "c");
    try (QueueEngine engine = open(address)) {
      Delivery first = next(engine);
      Delivery second = next(engine);
      assertThat(engine.next(PATIENCE)).isNull();
      first.ack();
      Delivery third = next(engine);
      assertThat(text(third)).isEqualTo("c");
      second.ack();
      third.ack();
      awaitDrained(engine);
    }
  }

  private static void extend(Delivery delivery) {
    try {
      delivery.extend();
    } catch (QueueException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void item_whoseMinionDoesNotExtendIt_isDeliveredAgain() throws Exception {
    QueueAddress address = queue("?lease=2s", "a");
    try (QueueEngine one = open(address);
        QueueEngine other = open(address)) {
      Delivery late = next(one);
      Delivery again = next(other);
      assertThat(text(again)).isEqualTo("a");
      assertThat(again.count()).isEqualTo(2);
      // too late, and of no effect
      late.ack();
      assertThat(other.isDrained()).isFalse();
      again.ack();
      awaitDrained(other);
    }
  }

  @Test
  void itemsOfADeadMinion_areTakenOneAtATime_andCountOnce() throws Exception {
    QueueAddress address = queue("", numbers(0, 400));
    try (QueueEngine engine = open(address)) {
      // so that it takes many at a time
      for (int i = 0; i < 400; i++) {
        next(engine).ack();
      }
      awaitDrained(engine);
    }
    fill(address, numbers(0, 20));
    takeAndDie(address, 20);
    KafkaAddress parsed = KafkaAddress.of(address, QueueSettings.DEFAULTS);
    TreeSet<String> seen = new TreeSet<>();
    try (KafkaQueue engine = (KafkaQueue) open(address)) {
      Lane lane = new Lane(engine, 64, new Clients(parsed).shareConsumer(64), 0);
      assertThat(lane.fetch()).isTrue();
      lane.start();
      // so that the lanes of the queue itself find none of them
      while (lane.state() != Lane.State.BUSY) {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
      Delivery first = next(engine);
      assertThat(first.count()).isEqualTo(2);
      // the others are new records, as if they had not been taken just now
      while (seen.size() < 19) {
        Delivery delivery = next(engine);
        assertThat(delivery.count()).isEqualTo(2);
        assertThat(((Held) delivery).delivered()).isEqualTo(1);
        assertThat(delivery.id()).startsWith("0-");
        seen.add(text(delivery));
        delivery.ack();
      }
      seen.add(text(first));
      first.ack();
      lane.close();
      lane.awaitEnd();
      awaitDrained(engine);
    }
    assertThat(seen).containsExactlyInAnyOrder(numbers(0, 20));
  }

  @Test
  void itemsTakenWithALongOne_reachOthers_whileItRuns() throws Exception {
    QueueAddress address = queue("", numbers(0, 400));
    try (QueueEngine one = open(address)) {
      // so that it takes many at a time
      for (int i = 0; i < 400; i++) {
        next(one).ack();
      }
      awaitDrained(one);
      fill(address, numbers(0, 20));
      Delivery running = next(one);
      TreeSet<String> seen = new TreeSet<>();
      seen.add(text(running));
      try (QueueEngine other = open(address)) {
        while (seen.size() < 20) {
          // nothing else is asked of the queue as long as an item runs
          running.extend();
          Delivery delivery = other.next(PATIENCE);
          if (delivery != null) {
            assertThat(delivery.count()).isEqualTo(1);
            seen.add(text(delivery));
            delivery.ack();
          }
        }
      }
      running.ack();
      awaitDrained(one);
      assertThat(seen).containsExactlyInAnyOrder(numbers(0, 20));
    }
  }

  @Test
  void stopTaking_givesBackWhatWasTakenAhead_andTakesNoMore() throws Exception {
    QueueAddress address = queue("", numbers(0, 400));
    try (QueueEngine one = open(address)) {
      // so that it takes many at a time
      for (int i = 0; i < 400; i++) {
        next(one).ack();
      }
      awaitDrained(one);
      fill(address, numbers(0, 20));
      Delivery running = next(one);
      TreeSet<String> seen = new TreeSet<>();
      seen.add(text(running));
      one.stopTaking();
      assertThat(one.next(PATIENCE)).isNull();
      try (QueueEngine other = open(address)) {
        while (seen.size() < 20) {
          Delivery delivery = next(other);
          seen.add(text(delivery));
          delivery.ack();
        }
      }
      running.ack();
      awaitDrained(one);
      assertThat(seen).containsExactlyInAnyOrder(numbers(0, 20));
    }
  }

  /** Does that many items, as a minion does whose items take no time. */
  private static void work(QueueEngine engine, int count) throws Exception {
    for (int i = 0; i < count; i++) {
      Delivery delivery = engine.next(Duration.ZERO);
      (delivery == null ? next(engine) : delivery).ack();
    }
  }

  @Test
  void shortItems_areAcknowledgedByTheRequestsForTheNextOnes() throws Exception {
    int count = 40_000;
    QueueAddress address = queue("", numbers(0, count));
    try (QueueEngine engine = open(address)) {
      // until it takes many at a time
      work(engine, count / 4);
      long fetches = server.requests("ShareFetch");
      long acknowledgements = server.requests("ShareAcknowledge");
      work(engine, count / 2);
      fetches = server.requests("ShareFetch") - fetches;
      acknowledgements = server.requests("ShareAcknowledge") - acknowledgements;
      // one of its own is for a batch that takes longer, as on a machine that is busy
      assertThat(acknowledgements).isLessThan(fetches / 2);
      work(engine, count / 4);
      awaitDrained(engine);
    }
  }

  @Test
  void stopTaking_asLanesGoOnByThemselves_endsThem() throws Exception {
    int count = 3_000;
    for (int i = 0; i < 5; i++) {
      QueueAddress address = queue("", numbers(0, count));
      try (QueueEngine engine = open(address)) {
        work(engine, count);
        engine.flush();
        engine.stopTaking();
      }
      assertThat(kafka.stat(address, QueueSettings.DEFAULTS).ready()).hasValue(0);
    }
  }

  @Test
  void release_doesNotCountAsDelivered() throws Exception {
    QueueAddress address = queue("", "a");
    try (QueueEngine engine = open(address)) {
      for (int i = 0; i < 12; i++) {
        Delivery delivery = next(engine);
        assertThat(delivery.count()).isEqualTo(1);
        delivery.release();
      }
    }
    try (QueueEngine engine = open(address)) {
      Delivery delivery = next(engine);
      assertThat(delivery.count()).isEqualTo(1);
      delivery.ack();
      awaitDrained(engine);
    }
  }

  @Test
  void item_givenBackMoreOftenThanTheBrokerPermits_isKept_andCounted() throws Exception {
    QueueAddress address = queue("", "a");
    try (QueueEngine engine = open(address)) {
      String id = null;
      for (int i = 1; i <= 25; i++) {
        Delivery delivery = next(engine);
        assertThat(text(delivery)).isEqualTo("a");
        assertThat(delivery.count()).isEqualTo(i);
        id = id == null ? delivery.id() : id;
        assertThat(delivery.id()).isEqualTo(id);
        delivery.nack(Duration.ZERO);
      }
      next(engine).dead("often enough");
    }
    List<DeadLetter> letters = new ArrayList<>();
    kafka.dead(address, QueueSettings.DEFAULTS, letters::add);
    assertThat(letters)
        .singleElement()
        .satisfies(letter -> {
          assertThat(letter.count()).isEqualTo(26);
          assertThat(letter.reason()).isEqualTo("often enough");
        });
  }

  @Test
  void topicOfAnotherProgram_isWorkedOn_fromItsFirstItem() throws Exception {
    QueueAddress address = address("?group=workers");
    String topic = KafkaAddress.of(address, QueueSettings.DEFAULTS).topic();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", server.address()))) {
      admin
          .createTopics(List.of(new NewTopic(topic, Optional.of(1), Optional.empty())))
          .all()
          .get();
    }
    fill(address, "a", "b");
    try (QueueEngine engine = open(address)) {
      assertThat(text(next(engine))).isEqualTo("a");
      Delivery second = next(engine);
      assertThat(text(second)).isEqualTo("b");
      second.dead("it is b");
    }
    QueueStats stats = kafka.stat(address, QueueSettings.DEFAULTS);
    assertThat(stats.ready()).hasValue(1);
    assertThat(stats.dead()).hasValue(1);
  }

  @Test
  void partitions_areAllWorkedOn() throws Exception {
    QueueAddress address = queue("?partitions=4", numbers(0, 100));
    TreeSet<String> seen = new TreeSet<>();
    try (QueueEngine one = open(address);
        QueueEngine other = open(address)) {
      while (seen.size() < 100) {
        for (QueueEngine engine : List.of(one, other)) {
          Delivery delivery = engine.next(PATIENCE);
          if (delivery != null) {
            seen.add(text(delivery));
            delivery.ack();
          }
          engine.flush();
        }
      }
      awaitDrained(one);
    }
    assertThat(seen).containsExactlyInAnyOrder(numbers(0, 100));
  }

  // ---------------------------------------------------------------- where it is loaded

  /** Shows what an archive shows to extensions. */
  private static final class Shown extends ClassLoader {
    Shown() {
      super(ClassLoader.getPlatformClassLoader());
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      boolean shown = name.startsWith("dev.grain.") && !name.startsWith("dev.grain.kafka.");
      if (shown || name.startsWith("org.slf4j.")) {
        return KafkaQueuesTest.class.getClassLoader().loadClass(name);
      }
      throw new ClassNotFoundException(name);
    }
  }

  @Test
  void engine_worksInALoaderOfItsOwn_thatTheThreadDoesNotKnow() throws Exception {
    URL[] jars =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(
                path -> path.contains("kafka") || path.contains("lz4") || path.contains("snappy"))
            .map(KafkaQueuesTest::url)
            .toArray(URL[]::new);
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(ClassLoader.getPlatformClassLoader());
    try (URLClassLoader loader = new URLClassLoader(jars, new Shown())) {
      QueueProvider provider =
          ServiceLoader.load(QueueProvider.class, loader).stream()
              .map(ServiceLoader.Provider::get)
              .filter(each -> each.scheme().equals("kafka"))
              .findFirst()
              .orElseThrow();
      assertThat(provider.getClass().getClassLoader()).isSameAs(loader);
      QueueAddress address = address("");
      provider.create(address, QueueSettings.DEFAULTS);
      provider.fill(address, QueueSettings.DEFAULTS, List.of("a".getBytes(UTF_8)).iterator());
      try (QueueEngine engine = provider.open(address, QueueSettings.DEFAULTS)) {
        next(engine).dead("for a producer");
      }
      List<DeadLetter> letters = new ArrayList<>();
      provider.dead(address, QueueSettings.DEFAULTS, letters::add);
      assertThat(letters).hasSize(1);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private static URL url(String path) {
    try {
      return Path.of(path).toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
