package dev.grain.google;

import dev.grain.minion.QueueAddress;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueSettings;
import java.time.Duration;
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
  private static final Pattern PROJECT = Pattern.compile("[a-z0-9.:-]+");
  private static final Pattern ID = Pattern.compile("[A-Za-z][A-Za-z0-9._~+%-]{2,254}");

  /** Reads an address. */
  static Place of(QueueAddress address, QueueSettings settings) throws QueueException {
    address.ensureOnly("topic", "lease", "idle", "emulator");
    String[] parts = address.path().split("/", -1);
    if (parts.length != 2 || !PROJECT.matcher(parts[0]).matches()) {
      throw wrong(address, "write pubsub:PROJECT/SUBSCRIPTION?topic=TOPIC");
    }
    Duration lease = address.time("lease", settings.lease());
    if (!lease.isZero() && (lease.toSeconds() < 1 || lease.compareTo(LONGEST_LEASE) > 0)) {
      throw wrong(address, "a lease is from 1s to 600s. Minions extend it while they work");
    }
    String topic = address.parameters().get("topic");
    return new Place(
        parts[0],
        id(address, "subscription", parts[1]),
        topic == null ? null : id(address, "topic", topic),
        lease.isZero() ? null : lease,
        address.parameters().containsKey("idle") ? address.time("idle", LEASE) : null,
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
