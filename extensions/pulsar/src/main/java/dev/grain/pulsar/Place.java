package dev.grain.pulsar;

import dev.grain.minion.BrokerAddress;
import dev.grain.minion.BrokerAddress.Host;
import dev.grain.minion.QueueAddress;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueSettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Where a queue is, as its address says.
 *
 * @param service the brokers, as the client wants them, without user and password
 * @param topic the whole name: {@code persistent://TENANT/NAMESPACE/TOPIC}
 * @param subscription the name of the subscription
 * @param user of the address; null if there is none
 * @param password of the address; null if there is none
 * @param admin where the HTTP API is
 * @param isAdminGiven whether the address says so
 * @param idle after which time without an item the queue counts as drained if the API cannot be
 *     reached
 * @param keepsCounts whether deliveries are kept in a topic
 * @param partitions of a topic to create; 0 for none
 * @param ca the file with the authorities that are trusted; null for those that the JVM trusts
 * @param trust the same for the HTTP API
 */
record Place(
    String service,
    String topic,
    String subscription,
    @Nullable String user,
    @Nullable String password,
    URI admin,
    boolean isAdminGiven,
    Duration idle,
    boolean keepsCounts,
    int partitions,
    @Nullable Path ca,
    SSLContext trust) {
  private static final String TLS = "pulsar+ssl";
  private static final String PERSISTENT = "persistent://";
  private static final Duration IDLE = Duration.ofSeconds(30);
  private static final int PORT = 6650;
  private static final int TLS_PORT = 6651;
  private static final Pattern PART = Pattern.compile("[^\\s/?]+");

  /** Reads an address. */
  static Place of(QueueAddress address, QueueSettings settings) throws QueueException {
    address.ensureOnly("subscription", "admin", "idle", "counts", "partitions", "ca");
    if (!settings.lease().isZero()) {
      throw wrong(
          address,
          "items stay with a minion as long as its connection lives, so leave out the lease."
              + " keepAliveIntervalSeconds of the broker sets when a connection is given up");
    }
    boolean isTls = address.scheme().equals(TLS);
    if (!address.rest().startsWith("//")) {
      throw wrong(address, "write pulsar://HOST:6650/TOPIC?subscription=NAME");
    }
    BrokerAddress broker = BrokerAddress.of(address, isTls ? TLS_PORT : PORT);
    String brokers = broker.hosts().stream().map(Host::toString).collect(Collectors.joining(","));
    String admin = address.parameters().get("admin");
    String ca = address.parameters().get("ca");
    return new Place(
        address.scheme() + "://" + brokers,
        topic(address, broker.path()),
        name(address, "subscription", "grain"),
        broker.user(),
        broker.password(),
        admin(address, admin == null ? usualAdmin(broker, isTls) : admin),
        admin != null,
        address.time("idle", IDLE),
        keepsCounts(address),
        partitions(address),
        ca == null ? null : Path.of(ca),
        BrokerAddress.trust(address));
  }

  private static QueueException wrong(QueueAddress address, String why) {
    return new QueueException("The address %s is wrong: %s.".formatted(address, why));
  }

  private static String topic(QueueAddress address, String text) throws QueueException {
    if (text.isEmpty()) {
      throw wrong(address, "write pulsar://HOST:6650/TOPIC?subscription=NAME");
    }
    if (text.contains("://") && !text.startsWith(PERSISTENT)) {
      throw wrong(
          address, "the topic is not persistent, so items would be lost; write persistent://");
    }
    String path = text.startsWith(PERSISTENT) ? text.substring(PERSISTENT.length()) : text;
    String[] parts = path.split("/", -1);
    for (String part : parts) {
      if (!PART.matcher(part).matches()) {
        throw wrong(address, "'%s' is no topic".formatted(text));
      }
    }
    return switch (parts.length) {
      case 1 -> PERSISTENT + "public/default/" + path;
      case 3 -> PERSISTENT + path;
      default -> throw wrong(address, "write the topic as TOPIC or TENANT/NAMESPACE/TOPIC");
    };
  }

  private static String name(QueueAddress address, String parameter, String otherwise)
      throws QueueException {
    String text = address.parameters().getOrDefault(parameter, otherwise);
    if (!PART.matcher(text).matches()) {
      throw wrong(address, "'%s' is no name of a %s".formatted(text, parameter));
    }
    return text;
  }

  private static String usualAdmin(BrokerAddress broker, boolean isTls) {
    String host = broker.hosts().getFirst().name();
    return isTls ? "https://" + host + ":8443" : "http://" + host + ":8080";
  }

  private static URI admin(QueueAddress address, String text) throws QueueException {
    try {
      URI uri = URI.create(text.replaceFirst("/+$", ""));
      if (List.of("http", "https").contains(uri.getScheme()) && uri.getHost() != null) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // as below
    }
    throw wrong(
        address,
        "'%s' is no address of the HTTP API; write admin=http://HOST:8080".formatted(text));
  }

  private static boolean keepsCounts(QueueAddress address) throws QueueException {
    String text = address.parameters().getOrDefault("counts", "kept");
    return switch (text) {
      case "kept" -> true;
      case "broker" -> false;
      default -> throw wrong(address, "'counts' is '%s'; write kept or broker".formatted(text));
    };
  }

  private static int partitions(QueueAddress address) throws QueueException {
    String text = address.parameters().getOrDefault("partitions", "0");
    if (!text.matches("\\d{1,5}")) {
      throw wrong(address, "'partitions' is '%s'; write a number".formatted(text));
    }
    return Integer.parseInt(text);
  }

  /** Returns the topic of the dead letters. */
  String letters() {
    return topic + "-" + subscription + "-DLQ";
  }

  /** Returns the topic of what was delivered. */
  String deliveries() {
    return topic + "-" + subscription + "-DELIVERIES";
  }

  /** Returns the address for people. */
  String shown() {
    return "%s/%s?subscription=%s"
        .formatted(service, topic.replace(PERSISTENT + "public/default/", ""), subscription);
  }

  /** Returns whether connections are encrypted. */
  boolean isTls() {
    return service.startsWith(TLS);
  }

  @Override
  public String toString() {
    return shown();
  }
}
