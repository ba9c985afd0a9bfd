package dev.grain.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.grain.minion.BrokerAddress;
import dev.grain.minion.QueueAddress;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueSettings;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Which queue in which server, and how it is reached.
 *
 * @param text how the queue is named to people, with its group and database; without the password
 * @param broker where the server may be
 * @param user the name to log in with; null for that of the server
 * @param password the password; null for none
 * @param tls what the server is trusted by; null for no encryption
 * @param db the number of the database
 * @param key the key of the stream
 * @param group the consumer group
 * @param lease the lease that is asked for; null for that of the queue
 * @param outage how long a minion waits for a server that is away
 */
record RedisAddress(
    String text,
    BrokerAddress broker,
    @Nullable String user,
    @Nullable String password,
    @Nullable SSLContext tls,
    int db,
    String key,
    String group,
    @Nullable Duration lease,
    Duration outage) {
  private static final int PORT = 6379;
  private static final Duration SHORTEST_LEASE = Duration.ofSeconds(1);
  private static final Duration OUTAGE = Duration.ofMinutes(5);

  static RedisAddress of(QueueAddress address, QueueSettings settings) throws QueueException {
    address.ensureOnly("group", "db", "lease", "outage", "ca");
    BrokerAddress broker = BrokerAddress.of(address, PORT);
    if (broker.path().isEmpty()) {
      throw new QueueException(
          "The address %s names no queue: write redis://HOST/KEY, with the key of a stream."
              .formatted(address));
    }
    boolean secure = address.scheme().equals("rediss");
    String user = broker.user() == null ? variable(settings, "REDIS_USERNAME") : broker.user();
    String password =
        broker.password() == null ? variable(settings, "REDIS_PASSWORD") : broker.password();
    return new RedisAddress(
        text(address),
        broker,
        password == null ? null : user,
        password,
        secure ? BrokerAddress.trust(address) : null,
        db(address),
        broker.path(),
        address.parameters().getOrDefault("group", "grain"),
        address.lease(settings, SHORTEST_LEASE),
        address.time("outage", OUTAGE));
  }

  private static String text(QueueAddress address) {
    String own =
        Stream.of("group", "db")
            .filter(address.parameters()::containsKey)
            .map(name -> name + "=" + address.parameters().get(name))
            .collect(Collectors.joining("&"));
    return own.isEmpty() ? address.toString() : address + "?" + own;
  }

  /** Returns how the queue is named in a command that people may copy. */
  String word() {
    return text.indexOf('?') < 0 ? text : "'" + text + "'";
  }

  private static @Nullable String variable(QueueSettings settings, String name) {
    String value = settings.variables().get(name);
    return value == null || value.isEmpty() ? null : value;
  }

  private static int db(QueueAddress address) throws QueueException {
    String text = address.parameters().getOrDefault("db", "0");
    if (!text.matches("\\d{1,5}")) {
      throw new QueueException(
          "The address %s has db=%s: write the number of a database, such as 0."
              .formatted(address, text));
    }
    return Integer.parseInt(text);
  }

  // ---------------------------------------------------------------- keys

  byte[] stream() {
    return key.getBytes(UTF_8);
  }

  byte[] groupName() {
    return group.getBytes(UTF_8);
  }

  private byte[] beside(String what) {
    // in one slot of a cluster with the stream
    boolean tagged =
        key.indexOf('{') >= 0 && key.indexOf('}', key.indexOf('{')) > key.indexOf('{') + 1;
    return ((tagged ? key : "{" + key + "}") + ":" + what).getBytes(UTF_8);
  }

  byte[] deadLetters() {
    return beside("dead");
  }

  byte[] info() {
    return beside("queue");
  }

  /** Returns all keys, in the order in which scripts have them. */
  List<byte[]> keys() {
    return List.of(stream(), deadLetters(), beside("later"), beside("due"), info());
  }
}
