package dev.grain.kafka;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Makes the clients of Kafka that a minion or a command uses. */
final class Clients {
  /** So many items that whole batches of producers are taken, which is cheaper for all. */
  static final int WIDEST = 1000;

  /** How many items are taken at a time. */
  static final List<Integer> WIDTHS = List.of(1, 8, 64, WIDEST);

  /** How long a request is waited for, and how long it is tried. */
  private static final int REQUEST_MILLIS = 10_000;

  private static final int TRYING_MILLIS = 15_000;

  /** The largest item, unless the topic permits less. */
  private static final int PRODUCER_MEMORY = 64 << 20;

  /** Small, as brokers send a whole one whatever part of it a consumer takes. */
  private static final int PRODUCER_BATCH = 16 << 10;

  private static final int PRODUCER_LINGER_MILLIS = 5;
  private static final int FETCH_BYTES = 8 << 20;
  private static final int FETCH_WAIT_MILLIS = 250;
  private static final Pattern NO_NAME = Pattern.compile("[^A-Za-z0-9]+");

  private final KafkaAddress address;
  private final String name = newName();

  Clients(KafkaAddress address) {
    this.address = address;
  }

  /** Returns a name that no other minion has; people see from it where it runs. */
  private static String newName() {
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      host = "unknown";
    }
    String plain = NO_NAME.matcher(host).replaceAll("-");
    return "grain-%s-%s-%s"
        .formatted(
            plain.substring(0, Math.min(40, plain.length())),
            ProcessHandle.current().pid(),
            UUID.randomUUID().toString().substring(0, 8));
  }

  Admin admin() {
    Map<String, Object> settings =
        settings(
            Map.of(
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                REQUEST_MILLIS,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                TRYING_MILLIS));
    return made(() -> Admin.create(settings));
  }

  /** Returns a producer that leaves the size of items to the brokers. */
  KafkaProducer<byte[], byte[]> producer() {
    Map<String, Object> settings =
        settings(
            Map.of(
                ProducerConfig.LINGER_MS_CONFIG,
                PRODUCER_LINGER_MILLIS,
                ProducerConfig.BATCH_SIZE_CONFIG,
                PRODUCER_BATCH,
                ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                PRODUCER_MEMORY,
                ProducerConfig.BUFFER_MEMORY_CONFIG,
                (long) PRODUCER_MEMORY));
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    return made(
        () -> new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer()));
  }

  /**
   * Returns a consumer that is in the group.
   *
   * @param width how many items it takes at most at a time
   */
  KafkaShareConsumer<byte[], byte[]> shareConsumer(int width) {
    Map<String, Object> settings =
        settings(
            Map.of(
                ConsumerConfig.FETCH_MAX_BYTES_CONFIG,
                FETCH_BYTES,
                ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
                FETCH_WAIT_MILLIS));
    settings.put(ConsumerConfig.GROUP_ID_CONFIG, address.group());
    settings.put(ConsumerConfig.SHARE_ACKNOWLEDGEMENT_MODE_CONFIG, "explicit");
    settings.put(
        ConsumerConfig.SHARE_ACQUIRE_MODE_CONFIG,
        width == WIDEST ? "batch_optimized" : "record_limit");
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, width);
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    return made(() ->
        new KafkaShareConsumer<>(
            settings, new ByteArrayDeserializer(), new ByteArrayDeserializer()));
  }

  /** Returns a consumer that is in no group. */
  KafkaConsumer<byte[], byte[]> reader() {
    Map<String, Object> settings =
        settings(Map.of(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, TRYING_MILLIS));
    settings.remove(ConsumerConfig.GROUP_ID_CONFIG);
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    return made(() ->
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer()));
  }

  /** Returns what all clients have, over it what the file of the user has. */
  private Map<String, Object> settings(Map<String, Object> defaults) {
    Map<String, Object> settings = new HashMap<>(defaults);
    settings.put(CommonClientConfigs.CLIENT_ID_CONFIG, name);
    settings.put(CommonClientConfigs.ENABLE_METRICS_PUSH_CONFIG, false);
    settings.putAll(address.client());
    settings.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, address.brokers());
    return settings;
  }

  /** Clients find classes by the loader of the thread's context, which may not know Kafka. */
  private static <T> T made(Supplier<T> client) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(Clients.class.getClassLoader());
    try {
      return client.get();
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
