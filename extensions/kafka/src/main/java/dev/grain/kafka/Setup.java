package dev.grain.kafka;

import dev.grain.minion.QueueException;
import dev.grain.text.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DeleteShareGroupsOptions;
import org.apache.kafka.clients.admin.DeleteTopicsOptions;
import org.apache.kafka.clients.admin.FeatureMetadata;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/** Makes topics and groups what a queue needs, and removes them. For one thread. */
final class Setup {
  private static final int REMOVING_MILLIS = 60_000;
  private static final System.Logger LOG = System.getLogger("dev.grain.kafka");

  /** The feature of brokers that tells their release, and its levels since some releases. */
  private static final String RELEASE = "metadata.version";

  private static final int LEVEL_4_0 = 22;
  private static final int LEVEL_4_1 = 26;
  private static final int LEVEL_4_2 = 28;

  private static final String SHARE_GROUPS = "share.version";

  private static final String FIRST_OFFSET = "share.auto.offset.reset";
  private static final String LEASE = "share.record.lock.duration.ms";
  private static final String MOST_DELIVERIES = "share.delivery.count.limit";
  private static final String ASSIGNMENT = "share.assignment.interval.ms";

  private static final Duration DEFAULT_LEASE = Duration.ofSeconds(30);
  private static final int DEFAULT_DELIVERIES = 5;
  private static final int WANTED_DELIVERIES = 10;

  /** What dead letters have beside the item. */
  private static final int ROOM_FOR_REASON = 64 << 10;

  private static final int DEFAULT_MESSAGE_BYTES = 1 << 20;

  private static final long PAUSE_MILLIS = 20;
  private static final int MOST_PAUSES = 500;

  private final KafkaAddress address;
  private final Admin admin;
  private final Depth depth;

  Setup(KafkaAddress address, Admin admin, Depth depth) {
    this.address = address;
    this.admin = admin;
    this.depth = depth;
  }

  // ---------------------------------------------------------------- brokers

  /** Throws if the brokers are too old, or have no share groups. */
  void ensureRelease() throws QueueException, ExecutionException {
    FeatureMetadata features = Depth.get(admin.describeFeatures().featureMetadata());
    var release = features.supportedFeatures().get(RELEASE);
    var groups = features.finalizedFeatures().get(SHARE_GROUPS);
    ensureRelease(
        address,
        release == null ? 0 : release.maxVersion(),
        groups == null ? 0 : groups.maxVersionLevel());
  }

  static void ensureRelease(KafkaAddress address, int level, int groups) throws QueueException {
    if (level < LEVEL_4_2) {
      throw new QueueException(
          "The queue %s %s, but the broker %s is of %s. Update the brokers, or use another kind of queue."
              .formatted(
                  address.text(),
                  Failure.NEEDS,
                  address.brokers(),
                  level >= LEVEL_4_1
                      ? "release 4.1"
                      : level >= LEVEL_4_0 ? "release 4.0" : "an older release"));
    }
    if (groups < 1) {
      throw new QueueException(
          "The queue %s needs share groups, which the brokers have not enabled. Enable them: kafka-features.sh --bootstrap-server %s upgrade --feature %s=1"
              .formatted(address.text(), address.brokers(), SHARE_GROUPS));
    }
  }

  // ---------------------------------------------------------------- topics

  /** Returns the partitions of the topic; throws if it is not there. */
  List<TopicPartition> ensureTopic() throws QueueException, ExecutionException {
    List<TopicPartition> partitions = depth.partitions(address.topic());
    if (partitions.isEmpty()) {
      throw new QueueException(
          "The queue %s cannot be used: %s".formatted(address.text(), Failure.missing(address)));
    }
    return partitions;
  }

  /** Makes the topics and the group. */
  void create() throws QueueException, ExecutionException {
    if (!depth.partitions(address.topic()).isEmpty()) {
      throw exists(null);
    }
    Duration lease = address.lease().isZero() ? DEFAULT_LEASE : address.lease();
    ensureSet(LEASE, KafkaAddress.millis(lease), "The lease is " + Durations.readable(lease));
    prepareGroup();
    Map<String, String> settings = new HashMap<>();
    settings.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE);
    settings.put(TopicConfig.RETENTION_BYTES_CONFIG, "-1");
    settings.put(TopicConfig.RETENTION_MS_CONFIG, Long.toString(address.retention()));
    try {
      Depth.get(
          admin
              .createTopics(List.of(topic(address.topic(), address.partitions(), settings)))
              .all());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TopicExistsException) {
        throw exists(e);
      }
      throw e;
    }
    List<TopicPartition> partitions = new ArrayList<>();
    for (int i = 0; i < address.partitions(); i++) {
      partitions.add(new TopicPartition(address.topic(), i));
    }
    awaitTopic(partitions.size());
    patiently(this::createDeadTopic);
    patiently(() -> beginWithFirst(partitions));
  }

  private QueueException exists(@Nullable Throwable cause) {
    return new QueueException(
        "There is a topic %s already, so no queue can be created in it. Add items with: grain queue fill %s"
            .formatted(address.topic(), address.text()),
        cause);
  }

  private NewTopic topic(String name, int partitions, Map<String, String> settings) {
    Optional<Short> replicas =
        address.replicas() < 0 ? Optional.empty() : Optional.of(address.replicas());
    return new NewTopic(name, Optional.of(partitions), replicas).configs(settings);
  }

  /** Makes the topic of the dead letters, if there is none. */
  private void createDeadTopic() throws ExecutionException {
    String bytes =
        value(
            new ConfigResource(ConfigResource.Type.TOPIC, address.topic()),
            TopicConfig.MAX_MESSAGE_BYTES_CONFIG);
    int most = bytes == null ? DEFAULT_MESSAGE_BYTES : Integer.parseInt(bytes);
    Map<String, String> settings = new HashMap<>();
    settings.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE);
    settings.put(TopicConfig.RETENTION_BYTES_CONFIG, "-1");
    settings.put(TopicConfig.RETENTION_MS_CONFIG, "-1");
    settings.put(
        TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
        Integer.toString((int) Math.min(Integer.MAX_VALUE, (long) most + ROOM_FOR_REASON)));
    try {
      Depth.get(admin.createTopics(List.of(topic(address.deadTopic(), 1, settings))).all());
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw e;
      }
    }
  }

  /** Waits until the broker that was asked knows what was created, or that it is gone. */
  private void awaitTopic(int partitions) throws ExecutionException {
    for (int i = 0; i < MOST_PAUSES; i++) {
      if (depth.partitions(address.topic()).size() == partitions) {
        return;
      }
      pause();
    }
  }

  private interface Step {
    void run() throws ExecutionException;
  }

  /** Does something with a topic that was just created, which not all brokers know yet. */
  private static void patiently(Step step) throws ExecutionException {
    for (int i = 1; true; i++) {
      try {
        step.run();
        return;
      } catch (ExecutionException e) {
        if (i == MOST_PAUSES || !(e.getCause() instanceof UnknownTopicOrPartitionException)) {
          throw e;
        }
      }
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  // ---------------------------------------------------------------- the group

  /** Prepares what a minion needs, if the topic was created by another program. */
  void prepareForMinion(List<TopicPartition> partitions) throws QueueException, ExecutionException {
    try {
      if (depth.partitions(address.deadTopic()).isEmpty()) {
        createDeadTopic();
      }
      if (!depth.group().keySet().containsAll(partitions)) {
        prepareGroup();
        beginWithFirst(partitions);
      }
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof AuthorizationException)) {
        throw e;
      }
      LOG.log(
          System.Logger.Level.WARNING,
          "The user may not prepare the group {0} and the topic {1}: {2} Prepare them once with a user who may: grain queue create, or kafka-configs.sh --group {0} --add-config {3}=earliest.",
          address.group(),
          address.deadTopic(),
          e.getCause().getMessage(),
          FIRST_OFFSET);
    }
  }

  private void prepareGroup() throws QueueException, ExecutionException {
    ensureSet(FIRST_OFFSET, "earliest", "The group begins with the first item");
    // brokers may permit less, or not know it: minions work with what is set
    var _ = set(MOST_DELIVERIES, Integer.toString(WANTED_DELIVERIES));
    var _ = set(ASSIGNMENT, "0");
  }

  /** The group begins with the first items, so that the first consumer need not wait for that. */
  private void beginWithFirst(List<TopicPartition> partitions) throws ExecutionException {
    try {
      Depth.get(
          admin
              .alterShareGroupOffsets(
                  address.group(), depth.offsets(partitions, OffsetSpec.earliest()))
              .all());
    } catch (ExecutionException e) {
      // others have begun, with the first items as well
      if (!(e.getCause() instanceof GroupNotEmptyException)) {
        throw e;
      }
    }
  }

  private ConfigResource group() {
    return new ConfigResource(ConfigResource.Type.GROUP, address.group());
  }

  private void ensureSet(String name, String value, String what)
      throws QueueException, ExecutionException {
    Throwable refused = set(name, value);
    if (refused != null) {
      throw new QueueException(
          "%s, which the brokers %s refuse: %s Choose another, or configure the brokers (group.%s and its limits)."
              .formatted(what, address.brokers(), refused.getMessage(), name),
          refused);
    }
  }

  /** Sets a setting of the group; returns why the brokers refuse it, or else null. */
  private @Nullable Throwable set(String name, String value) throws ExecutionException {
    try {
      alter(new AlterConfigOp(new ConfigEntry(name, value), OpType.SET));
      return null;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof InvalidConfigurationException
          || e.getCause() instanceof InvalidRequestException) {
        return e.getCause();
      }
      throw e;
    }
  }

  private void alter(AlterConfigOp... changes) throws ExecutionException {
    Depth.get(admin.incrementalAlterConfigs(Map.of(group(), List.of(changes))).all());
  }

  private @Nullable String value(ConfigResource resource, String name) throws ExecutionException {
    var entry = Depth.get(Depth.only(admin.describeConfigs(List.of(resource)).values())).get(name);
    return entry == null ? null : entry.value();
  }

  /** Returns the lease of the group, which is that of all its minions. */
  Duration leaseForMinion() throws ExecutionException {
    String millis = value(group(), LEASE);
    Duration lease = millis == null ? DEFAULT_LEASE : Duration.ofMillis(Long.parseLong(millis));
    if (!address.lease().isZero() && !address.lease().equals(lease)) {
      LOG.log(
          System.Logger.Level.WARNING,
          "The lease is {0}, not {1}, as the group {2} has it. Change it for all minions: kafka-configs.sh --bootstrap-server {3} --alter --group {2} --add-config {4}={5}",
          Durations.readable(lease),
          Durations.readable(address.lease()),
          address.group(),
          address.brokers(),
          LEASE,
          KafkaAddress.millis(address.lease()));
    }
    return lease;
  }

  /** Returns after how many deliveries the broker forgets an item. */
  int mostDeliveries() throws ExecutionException {
    String most = value(group(), MOST_DELIVERIES);
    return most == null ? DEFAULT_DELIVERIES : Integer.parseInt(most);
  }

  // ---------------------------------------------------------------- the end

  /** Removes the topics and the group. */
  void purge() throws ExecutionException {
    // a broker that has much to do takes long for it, and it can be tried again
    DeleteTopicsOptions topics = new DeleteTopicsOptions().timeoutMs(REMOVING_MILLIS);
    DeleteShareGroupsOptions groups = new DeleteShareGroupsOptions().timeoutMs(REMOVING_MILLIS);
    // before the topics: brokers forget what a group has of a topic when that is removed, and may
    // not
    // answer if the group is removed meanwhile
    try {
      Depth.get(admin.deleteShareGroups(List.of(address.group()), groups).all());
    } catch (ExecutionException e) {
      // a minion that was killed is a member for a while; without its topic, the group has nothing;
      // a topic that is gone already is no reason to keep the group
      if (!(e.getCause() instanceof GroupIdNotFoundException
          || e.getCause() instanceof GroupNotEmptyException
          || e.getCause() instanceof UnknownTopicOrPartitionException)) {
        throw e;
      }
    }
    for (String topic : List.of(address.topic(), address.deadTopic())) {
      try {
        Depth.get(admin.deleteTopics(List.of(topic), topics).all());
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
          throw e;
        }
      }
    }
    awaitTopic(0);
    List<AlterConfigOp> changes = new ArrayList<>();
    for (String name : List.of(FIRST_OFFSET, LEASE, MOST_DELIVERIES)) {
      changes.add(new AlterConfigOp(new ConfigEntry(name, ""), OpType.DELETE));
    }
    alter(changes.toArray(AlterConfigOp[]::new));
  }
}
