package dev.grain.rabbitmq;

import dev.grain.minion.BrokerAddress;
import dev.grain.minion.QueueAddress;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Which queue in which broker, and how it is reached.
 *
 * @param text how the queue is named to people; without the password
 * @param broker where the broker may be
 * @param user the name to log in with
 * @param password the password
 * @param tls what the broker is trusted by; null for no encryption
 * @param host the virtual host
 * @param queue the queue with the items
 * @param lease after which a minion whose machine is gone is noticed
 * @param longest how long an item may be with a minion
 * @param outage how long a minion waits for a broker that is away
 */
record RabbitAddress(
    String text,
    BrokerAddress broker,
    String user,
    String password,
    @Nullable SSLContext tls,
    String host,
    String queue,
    Duration lease,
    Duration longest,
    Duration outage) {
  private static final int PORT = 5672;
  private static final int TLS_PORT = 5671;
  private static final int LONGEST_NAME = 255;
  private static final Duration LEASE = Duration.ofSeconds(30);
  private static final Duration SHORTEST_LEASE = Duration.ofSeconds(2);
  private static final Duration LONGEST = Duration.ofHours(24);
  private static final Duration SHORTEST_LONGEST = Duration.ofMinutes(1);
  private static final Duration OUTAGE = Duration.ofMinutes(5);

  static RabbitAddress of(QueueAddress address, QueueSettings settings) throws QueueException {
    address.ensureOnly("lease", "longest", "outage", "ca");
    boolean secure = address.scheme().equals("amqps");
    BrokerAddress broker = BrokerAddress.of(address, secure ? TLS_PORT : PORT);
    int slash = broker.path().lastIndexOf('/');
    String queue = broker.path().substring(slash + 1);
    String host = slash <= 0 ? "/" : broker.path().substring(0, slash);
    if (queue.isEmpty()) {
      throw new QueueException(
          "The address %s names no queue: write rabbitmq://HOST/QUEUE, or rabbitmq://HOST/VHOST/QUEUE."
              .formatted(address));
    }
    if ((queue + ".minions").getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
      throw new QueueException(
          "The name of the queue %s is too long for RabbitMQ, which has 255 bytes for it and '.minions'."
              .formatted(address));
    }
    Duration lease = address.lease(settings, SHORTEST_LEASE);
    return new RabbitAddress(
        address.toString(),
        broker,
        broker.user() == null ? variable(settings, "RABBITMQ_USERNAME") : broker.user(),
        broker.password() == null ? variable(settings, "RABBITMQ_PASSWORD") : broker.password(),
        secure ? BrokerAddress.trust(address) : null,
        host,
        queue,
        lease == null ? LEASE : lease,
        address.time("longest", LONGEST, SHORTEST_LONGEST),
        address.time("outage", OUTAGE));
  }

  private static String variable(QueueSettings settings, String name) {
    String value = settings.variables().get(name);
    return value == null || value.isEmpty() ? "guest" : value;
  }

  String dead() {
    return queue + ".dead";
  }

  String delay() {
    return queue + ".delay";
  }

  String minions() {
    return queue + ".minions";
  }

  List<String> all() {
    return List.of(queue, dead(), delay(), minions());
  }
}
