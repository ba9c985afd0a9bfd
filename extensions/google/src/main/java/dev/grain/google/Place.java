package dev.grain.google;

import dev.grain.minion.QueueAddress;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueSettings;
import dev.grain.text.Spelling;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a queue is, as its address says.
 *
 * @param project the id of the project
 * @param subscription the id of the subscription
 * @param topic the id of the topic; null if the address has none
 * @param lease how long an item stays with a minion; null for that of the subscription
 * @param idle after which time without an item the queue counts as drained; null for the usual
 * @param emulator what serves the queue instead of Google, as HOST:PORT; null if nothing does
 */
record Place(
    String project,
    String subscription,
    @Nullable String topic,
    @Nullable Duration lease,
    @Nullable Duration idle,
    @Nullable String emulator) {
  /** The lease of a subscription that is created. */
  static final Duration LEASE = Duration.ofSeconds(30);

  static final Duration LONGEST_LEASE = Duration.ofMinutes(10);

  private static final Duration MORE_IDLE = Duration.ofSeconds(10);
  private static final List<String> PARAMETERS = List.of("topic", "lease", "idle", "emulator");
  private static final Pattern TIME = Pattern.compile("(\\d{1,6})(s|m|h)");
  private static final Pattern PROJECT = Pattern.compile("[a-z0-9.:-]+");
  private static final Pattern ID = Pattern.compile("[A-Za-z][A-Za-z0-9._~+%-]{2,254}");

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
    String[] parts = address.path().split("/", -1);
    if (parts.length != 2 || !PROJECT.matcher(parts[0]).matches()) {
      throw wrong(address, "write pubsub:PROJECT/SUBSCRIPTION?topic=TOPIC");
    }
    Duration lease = time(address, "lease");
    if (lease == null && !settings.lease().isZero()) {
      lease = settings.lease();
    }
    if (lease != null && (lease.toSeconds() < 1 || lease.compareTo(LONGEST_LEASE) > 0)) {
      throw wrong(address, "a lease is from 1s to 600s. Minions extend it while they work");
    }
    String topic = address.parameters().get("topic");
    return new Place(
        parts[0],
        id(address, "subscription", parts[1]),
        topic == null ? null : id(address, "topic", topic),
        lease,
        time(address, "idle"),
        emulator(address, settings));
  }

  private static @Nullable String emulator(QueueAddress address, QueueSettings settings)
      throws QueueException {
    String text =
        address
            .parameters()
            .getOrDefault(
                "emulator", settings.variables().getOrDefault("PUBSUB_EMULATOR_HOST", ""));
    if (!text.isEmpty() && !text.matches("[^\\s/]+:\\d{1,5}")) {
      throw wrong(address, "the emulator is '%s'; write HOST:PORT".formatted(text));
    }
    return text.isEmpty() ? null : text;
  }

  private static QueueException wrong(QueueAddress address, String why) {
    return new QueueException("The address %s is wrong: %s.".formatted(address, why));
  }

  private static String id(QueueAddress address, String what, String text) throws QueueException {
    if (!ID.matcher(text).matches()) {
      throw wrong(
          address,
          "'%s' is no id of a %s: these have 3 to 255 letters, digits and -._~+%%, first a letter"
              .formatted(text, what));
    }
    return text;
  }

  private static @Nullable Duration time(QueueAddress address, String parameter)
      throws QueueException {
    String text = address.parameters().get(parameter);
    if (text == null) {
      return null;
    }
    Matcher matcher = TIME.matcher(text);
    if (!matcher.matches()) {
      throw wrong(
          address,
          "'%s' is '%s'; write a whole number and s, m or h, such as 30s"
              .formatted(parameter, text));
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMinutes(number);
      default -> Duration.ofHours(number);
    };
  }

  /** Returns after which time without an item the queue counts as drained. */
  Duration idle(Duration actualLease) {
    return idle == null ? actualLease.plus(MORE_IDLE) : idle;
  }

  String subscriptionName() {
    return "projects/%s/subscriptions/%s".formatted(project, subscription);
  }

  /** Returns the topic of a queue that is created. */
  String topicName() {
    return "projects/%s/topics/%s".formatted(project, topic == null ? subscription : topic);
  }

  String deadTopicName() {
    return "projects/%s/topics/%s-dead".formatted(project, subscription);
  }

  String deadSubscriptionName() {
    return "projects/%s/subscriptions/%s-dead".formatted(project, subscription);
  }

  @Override
  public String toString() {
    return "pubsub:%s/%s".formatted(project, subscription)
        + (topic == null ? "" : "?topic=" + topic);
  }
}
