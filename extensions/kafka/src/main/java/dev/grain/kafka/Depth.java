package dev.grain.kafka;

import dev.grain.minion.QueueException;
import dev.grain.minion.QueueStats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeShareGroupsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.SharePartitionOffsetInfo;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/** What the brokers tell about a queue. For one thread. */
final class Depth {
  private final KafkaAddress address;
  private final Admin admin;
  private final int timeout;

  Depth(KafkaAddress address, Admin admin, Duration timeout) {
    this.address = address;
    this.admin = admin;
    this.timeout = (int) timeout.toMillis();
  }

  /** Returns what a request gives. */
  static <T> T get(KafkaFuture<T> future) throws ExecutionException {
    try {
      return future.get();
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  /** Returns the answer for the only thing that was asked for. */
  static <T> T only(Map<?, T> answers) {
    return answers.values().iterator().next();
  }

  /** Returns the partitions of a topic; none if there is no such topic. */
  List<TopicPartition> partitions(String topic) throws ExecutionException {
    TopicDescription description;
    try {
      description =
          get(
              only(
                  admin
                      .describeTopics(
                          List.of(topic), new DescribeTopicsOptions().timeoutMs(timeout))
                      .topicNameValues()));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return List.of();
      }
      throw e;
    }
    return description.partitions().stream()
        .map(partition -> new TopicPartition(topic, partition.partition()))
        .toList();
  }

  /** Returns the offsets at the beginning or the end of partitions. */
  Map<TopicPartition, Long> offsets(Collection<TopicPartition> partitions, OffsetSpec which)
      throws ExecutionException {
    Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
    partitions.forEach(partition -> wanted.put(partition, which));
    Map<TopicPartition, Long> offsets = new HashMap<>();
    get(admin.listOffsets(wanted, new ListOffsetsOptions().timeoutMs(timeout)).all())
        .forEach((partition, info) -> offsets.put(partition, info.offset()));
    return offsets;
  }

  /** Returns how many records there are between the beginnings and the ends. */
  long records(Collection<TopicPartition> partitions) throws ExecutionException {
    Map<TopicPartition, Long> from = offsets(partitions, OffsetSpec.earliest());
    Map<TopicPartition, Long> to = offsets(partitions, OffsetSpec.latest());
    return sum(to.values()) - sum(from.values());
  }

  private static long sum(Collection<Long> offsets) {
    return offsets.stream().mapToLong(Long::longValue).sum();
  }

  /** Returns what the group knows of each partition of the topic that it has begun with. */
  Map<TopicPartition, @Nullable SharePartitionOffsetInfo> group() throws ExecutionException {
    Map<TopicPartition, @Nullable SharePartitionOffsetInfo> known = new HashMap<>();
    try {
      get(admin
              .listShareGroupOffsets(
                  Map.of(address.group(), new ListShareGroupOffsetsSpec()),
                  new ListShareGroupOffsetsOptions().timeoutMs(timeout))
              .partitionsToOffsetInfo(address.group()))
          .forEach((partition, info) -> {
            if (partition.topic().equals(address.topic())) {
              known.put(partition, info);
            }
          });
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof GroupIdNotFoundException)) {
        throw e;
      }
    }
    return known;
  }

  /**
   * Returns how many items wait or are in flight; empty if the brokers cannot tell.
   *
   * @throws QueueException if the topic is gone
   */
  OptionalLong lag() throws ExecutionException, QueueException {
    List<TopicPartition> partitions = partitions(address.topic());
    if (partitions.isEmpty()) {
      throw new QueueException("The queue is gone: " + Failure.missing(address));
    }
    Map<TopicPartition, @Nullable SharePartitionOffsetInfo> known = group();
    List<TopicPartition> untouched = new ArrayList<>();
    long lag = 0;
    for (TopicPartition partition : partitions) {
      SharePartitionOffsetInfo info = known.get(partition);
      if (info == null) {
        untouched.add(partition);
      } else if (info.lag().isPresent()) {
        lag += info.lag().get();
      } else {
        return OptionalLong.empty();
      }
    }
    return OptionalLong.of(lag + (untouched.isEmpty() ? 0 : records(untouched)));
  }

  /** Returns how many different clients are in the group. */
  private OptionalLong minions() throws ExecutionException {
    try {
      return OptionalLong.of(
          get(
                  only(
                      admin
                          .describeShareGroups(
                              List.of(address.group()),
                              new DescribeShareGroupsOptions().timeoutMs(timeout))
                          .describedGroups()))
              .members()
              .stream()
              .map(member -> member.clientId())
              .distinct()
              .count());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof GroupIdNotFoundException) {
        return OptionalLong.of(0);
      }
      throw e;
    }
  }

  /**
   * Returns the numbers.
   *
   * @param inFlight how many of the items are in flight; negative if that is not known
   */
  QueueStats stats(long inFlight) throws ExecutionException, QueueException {
    OptionalLong lag = lag();
    return new QueueStats(
        lag.isPresent() ? OptionalLong.of(lag.getAsLong() - Math.max(0, inFlight)) : lag,
        inFlight < 0 ? OptionalLong.empty() : OptionalLong.of(inFlight),
        OptionalLong.empty(),
        OptionalLong.of(records(partitions(address.deadTopic()))),
        minions());
  }
}
