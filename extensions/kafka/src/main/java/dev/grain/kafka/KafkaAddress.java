package dev.grain.kafka;

import dev.grain.minion.QueueAddress;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueSettings;
import dev.grain.text.Durations;
import dev.grain.text.Spelling;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which queue of which brokers, and how it is used; see the description of the package.
 *
 * @param text the address as people write it, without parameters
 * @param brokers their hosts and ports, as Kafka wants them
 * @param topic the topic with the items
 * @param group the share group
 * @param client the settings of clients
 * @param lease how long items stay with minions; zero for that of the group
 * @param partitions how many the topic gets
 * @param replicas how many brokers have each partition; -1 for what the brokers are configured for
 * @param retention how long items are kept, in milliseconds; -1 for ever
 * @param consumers how many a minion has at most
 * @param idle after which time without an item a queue of unknown lag is drained
 */
record KafkaAddress(
    String text,
    String brokers,
    String topic,
    String group,
    Map<String, String> client,
    Duration lease,
    int partitions,
    short replicas,
    long retention,
    int consumers,
    Duration idle) {
  private static final List<String> PARAMETERS =
      List.of(
          "group", "config", "lease", "partitions", "replicas", "retention", "consumers", "idle");
  private static final String CONFIG = "KAFKA_CONFIG";
  private static final String PORT = "9092";
  private static final String DEAD = "-dead";
  private static final int LONGEST_NAME = 249;
  private static final Pattern FORM = Pattern.compile("//([^/]*)/(.*)");
  private static final Pattern BROKER = Pattern.compile("([^:\\[\\]]+|\\[[^\\]]+\\])(:\\d{1,5})?");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]+");
  private static final Pattern NUMBER = Pattern.compile("[1-9]\\d{0,8}");
  private static final Pattern TIME = Pattern.compile("(\\d{1,6})(ms|s|m|h|d)");

  /** Returns the topic with the dead letters. */
  String deadTopic() {
    return topic + DEAD;
  }

  /** Reads an address. */
  static KafkaAddress of(QueueAddress address, QueueSettings settings) throws QueueException {
    if (address.rest().contains("@")) {
      // not printed, as it may have a password
      throw new QueueException(
          "The address of a queue in Kafka has a user, but Kafka takes users and passwords from a"
              + " file of properties (security.protocol, sasl.mechanism, sasl.jaas.config). Write"
              + " the address without, and name the file by ?config=FILE or the variable "
              + CONFIG
              + ".");
    }
    Matcher form = FORM.matcher(address.rest());
    if (!form.matches()) {
      throw new QueueException(
          "The address %s names no topic. Write kafka://HOST:PORT/TOPIC.".formatted(address));
    }
    Map<String, String> parameters = address.parameters();
    for (String name : parameters.keySet()) {
      if (!PARAMETERS.contains(name)) {
        String near = Spelling.nearest(name, PARAMETERS);
        throw new QueueException(
            "The address %s has the parameter '%s', which a queue in Kafka does not know%s Known are %s."
                .formatted(
                    address,
                    name,
                    near == null ? "." : "; did you mean '" + near + "'?",
                    String.join(", ", PARAMETERS)));
      }
    }
    String topic = name(form.group(2), "topic", LONGEST_NAME - DEAD.length(), address);
    return new KafkaAddress(
        address.toString(),
        brokers(form.group(1), address),
        topic,
        name(parameters.getOrDefault("group", topic), "group", LONGEST_NAME, address),
        client(parameters.getOrDefault("config", settings.variables().get(CONFIG)), address),
        time("lease", settings.lease(), address),
        number("partitions", 1, 10_000, address),
        (short) number("replicas", -1, Short.MAX_VALUE, address),
        parameters.containsKey("retention")
            ? time("retention", Duration.ZERO, address).toMillis()
            : -1,
        number("consumers", 64, 1000, address),
        time("idle", Duration.ofSeconds(30), address));
  }

  private static String brokers(String text, QueueAddress address) throws QueueException {
    List<String> brokers = new ArrayList<>();
    for (String each : text.split(",", -1)) {
      Matcher broker = BROKER.matcher(each);
      if (!broker.matches()) {
        throw new QueueException(
            "The address %s has '%s' where a broker must be. Write HOST or HOST:PORT, several with commas."
                .formatted(address, each));
      }
      brokers.add(broker.group(2) == null ? each + ":" + PORT : each);
    }
    return String.join(",", brokers);
  }

  private static String name(String name, String what, int longest, QueueAddress address)
      throws QueueException {
    if (!NAME.matcher(name).matches()
        || name.length() > longest
        || name.equals(".")
        || name.equals("..")) {
      throw new QueueException(
          "The address %s has the %s '%s', but a name in Kafka has letters, digits, '.', '_' and '-', and at most %s of them."
              .formatted(address, what, name, longest));
    }
    return name;
  }

  private static int number(String name, int otherwise, int most, QueueAddress address)
      throws QueueException {
    String text = address.parameters().get(name);
    if (text == null) {
      return otherwise;
    }
    if (!NUMBER.matcher(text).matches() || Integer.parseInt(text) > most) {
      throw new QueueException(
          "The address %s has %s=%s: write a number from 1 to %s."
              .formatted(address, name, text, most));
    }
    return Integer.parseInt(text);
  }

  private static Duration time(String name, Duration otherwise, QueueAddress address)
      throws QueueException {
    String text = address.parameters().get(name);
    if (text == null) {
      return otherwise;
    }
    Matcher matcher = TIME.matcher(text);
    if (!matcher.matches() || Long.parseLong(matcher.group(1)) == 0) {
      throw new QueueException(
          "The address %s has %s=%s: write a whole number and ms, s, m, h or d, such as 30s."
              .formatted(address, name, text));
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(number);
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMinutes(number);
      case "h" -> Duration.ofHours(number);
      default -> Duration.ofDays(number);
    };
  }

  private static Map<String, String> client(@Nullable String file, QueueAddress address)
      throws QueueException {
    if (file == null) {
      return Map.of();
    }
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(Path.of(file), StandardCharsets.UTF_8)) {
      properties.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      throw new QueueException(
          "The settings of the queue %s cannot be read from the file %s: %s. Name a file of properties by ?config=FILE or %s."
              .formatted(address, file, e, CONFIG),
          e);
    }
    Map<String, String> client = new LinkedHashMap<>();
    properties.stringPropertyNames().stream()
        .sorted()
        .forEach(name -> client.put(name, properties.getProperty(name)));
    return client;
  }

  /** Returns the time as it is in a configuration of Kafka. */
  static String millis(Duration time) {
    return Long.toString(Durations.toNanos(time) / 1_000_000);
  }
}
