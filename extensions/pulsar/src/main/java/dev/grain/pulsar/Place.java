package dev.grain.pulsar;

import dev.grain.minion.QueueAddress;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueSettings;
import dev.grain.text.Spelling;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
 * @param trust certificates to trust; null for those of the JVM
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
    @Nullable Path trust) {
  private static final List<String> PARAMETERS =
      List.of("subscription", "admin", "idle", "counts", "partitions", "trust");
  private static final String TLS = "pulsar+ssl";
  private static final String PERSISTENT = "persistent://";
  private static final Pattern TIME = Pattern.compile("(\\d{1,6})(s|m|h)");
  private static final Pattern PART = Pattern.compile("[^\\s/?]+");

  /** Reads an address. */
  static Place of(QueueAddress address, QueueSettings settings) throws QueueException {
    for (String parameter : address.parameters().keySet()) {
      if (!PARAMETERS.contains(parameter)) {
        String near = Spelling.nearest(parameter, PARAMETERS);
        throw wrong(
            address,
            "there is no parameter '%s'%s Known are %s"
                .formatted(
                    parameter,
                    near == null ? "." : "; did you mean '" + near + "'?",
                    String.join(", ", PARAMETERS)));
      }
    }
    if (!settings.lease().isZero()) {
      throw wrong(
          address,
          "items stay with a minion as long as its connection lives, so leave out the lease."
              + " keepAliveIntervalSeconds of the broker sets when a connection is given up");
    }
    String rest = address.rest();
    int slash = rest.indexOf('/', 2);
    if (!rest.startsWith("//") || slash < 3 || slash == rest.length() - 1) {
      throw wrong(address, "write pulsar://HOST:6650/TOPIC?subscription=NAME");
    }
    String authority = rest.substring(2, slash);
    int at = authority.lastIndexOf('@');
    String hosts = authority.substring(at + 1);
    String user = null;
    String password = null;
    if (at >= 0) {
      String[] parts = authority.substring(0, at).split(":", 2);
      user = decoded(parts[0]);
      password = parts.length == 2 ? decoded(parts[1]) : "";
    }
    boolean isTls = address.scheme().equals(TLS);
    String admin = address.parameters().get("admin");
    return new Place(
        service(address, hosts, isTls),
        topic(address, rest.substring(slash + 1)),
        name(address, "subscription", "grain"),
        user,
        password,
        admin(address, admin == null ? usualAdmin(hosts, isTls) : admin),
        admin != null,
        idle(address),
        keepsCounts(address),
        partitions(address),
        trust(address));
  }

  private static QueueException wrong(QueueAddress address, String why) {
    return new QueueException("The address %s is wrong: %s.".formatted(shown(address), why));
  }

  /** Returns an address without user and password. */
  static String shown(QueueAddress address) {
    return address.scheme() + ":" + address.rest().replaceFirst("^//[^/]*@", "//");
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static String service(QueueAddress address, String hosts, boolean isTls)
      throws QueueException {
    List<String> all = new ArrayList<>();
    for (String host : hosts.split(",", -1)) {
      if (!PART.matcher(host).matches()) {
        throw wrong(address, "'%s' is no list of hosts".formatted(hosts));
      }
      all.add(host.matches(".*:\\d+") ? host : host + (isTls ? ":6651" : ":6650"));
    }
    return address.scheme() + "://" + String.join(",", all);
  }

  private static String topic(QueueAddress address, String text) throws QueueException {
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

  private static String usualAdmin(String hosts, boolean isTls) {
    String host = hosts.split(",", 2)[0].replaceFirst(":\\d+$", "");
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

  private static Duration idle(QueueAddress address) throws QueueException {
    String text = address.parameters().getOrDefault("idle", "30s");
    Matcher matcher = TIME.matcher(text);
    if (!matcher.matches()) {
      throw wrong(
          address,
          "'idle' is '%s'; write a whole number and s, m or h, such as 30s".formatted(text));
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMinutes(number);
      default -> Duration.ofHours(number);
    };
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

  private static @Nullable Path trust(QueueAddress address) throws QueueException {
    String text = address.parameters().get("trust");
    if (text == null) {
      return null;
    }
    Path file = Path.of(text);
    if (!Files.isReadable(file)) {
      throw wrong(address, "the file %s with certificates cannot be read".formatted(text));
    }
    return file;
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

  /** Returns what is after the name of the broker. */
  boolean isTls() {
    return service.startsWith(TLS);
  }

  @Override
  public String toString() {
    return shown();
  }
}
