package dev.grain.google;

import com.google.api.core.ApiFuture;
import com.google.protobuf.ByteString;
import com.google.pubsub.v1.AcknowledgeRequest;
import com.google.pubsub.v1.ModifyAckDeadlineRequest;
import com.google.pubsub.v1.PublishRequest;
import com.google.pubsub.v1.PublishResponse;
import com.google.pubsub.v1.PubsubMessage;
import com.google.pubsub.v1.PullRequest;
import com.google.pubsub.v1.ReceivedMessage;
import dev.grain.minion.DeadLetter;
import dev.grain.minion.QueueException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The dead letters, in a topic of their own with one subscription. For one thread. */
final class Letters {
  /** The service may say that there are none when there are. */
  private static final int EMPTY_ANSWERS = 5;

  private static final Duration PAUSE = Duration.ofMillis(500);

  /** How long a letter stays with who reads it. */
  static final Duration LEASE = Duration.ofMinutes(1);

  private static final int SOME = 500;
  private static final int LONGEST_ATTRIBUTE = 1024;
  private static final String ID = "grain-id";
  private static final String COUNT = "grain-deliveries";
  private static final String REASON = "grain-reason";

  /** What the service itself notes about a message that it has made a dead letter. */
  private static final String SERVICE_COUNT = "CloudPubSubDeadLetterSourceDeliveryCount";

  private final Place place;
  private final Connection connection;

  Letters(Place place, Connection connection) {
    this.place = place;
    this.connection = connection;
  }

  /** Adds one; it is there once the result is. */
  ApiFuture<PublishResponse> add(DeadLetter letter) {
    PubsubMessage message =
        PubsubMessage.newBuilder()
            .setData(ByteString.copyFrom(letter.value()))
            .putAttributes(ID, letter.id())
            .putAttributes(COUNT, Integer.toString(letter.count()))
            .putAttributes(REASON, shortened(letter.reason()))
            .build();
    return connection
        .publisher()
        .publishCallable()
        .futureCall(
            PublishRequest.newBuilder()
                .setTopic(place.deadTopicName())
                .addMessages(message)
                .build());
  }

  private static String shortened(String reason) {
    String text = reason;
    while (text.getBytes(StandardCharsets.UTF_8).length > LONGEST_ATTRIBUTE) {
      text = text.substring(0, Math.min(text.length() - 1, LONGEST_ATTRIBUTE));
    }
    return text;
  }

  void forEach(Consumer<DeadLetter> receiver) throws QueueException {
    // held until all are known, as they would come again
    List<String> held = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    try {
      long extended = System.nanoTime();
      for (List<ReceivedMessage> some = pull(); !some.isEmpty(); some = pull()) {
        for (ReceivedMessage each : some) {
          held.add(each.getAckId());
          if (seen.add(each.getMessage().getMessageId())) {
            receiver.accept(letter(each));
          }
        }
        if (System.nanoTime() - extended > LEASE.dividedBy(3).toNanos()) {
          extended = System.nanoTime();
          extend(held, LEASE);
        }
      }
    } finally {
      extend(held, Duration.ZERO);
    }
  }

  /** Publishes all of them for the queue, and returns how many. */
  long requeue(String topic) throws QueueException {
    long count = 0;
    for (List<ReceivedMessage> some = pull(); !some.isEmpty(); some = pull()) {
      Publishing publishing = new Publishing(place, connection.publisher(), topic);
      List<String> ids = new ArrayList<>();
      for (ReceivedMessage each : some) {
        publishing.add(Publishing.message(each.getMessage().getData().toByteArray()));
        ids.add(each.getAckId());
      }
      // first in the queue, and then no letter any more
      count += publishing.flush();
      AcknowledgeRequest request =
          AcknowledgeRequest.newBuilder()
              .setSubscription(place.deadSubscriptionName())
              .addAllAckIds(ids)
              .build();
      var _ =
          Reasons.get(
              place, "changed", connection.subscriber().acknowledgeCallable().futureCall(request));
    }
    return count;
  }

  /** Returns some; none if the service has said several times that there are none. */
  private List<ReceivedMessage> pull() throws QueueException {
    for (int i = 0; i < EMPTY_ANSWERS; i++) {
      List<ReceivedMessage> some =
          Reasons.get(place, "read", connection.subscriber().pullCallable().futureCall(request()))
              .getReceivedMessagesList();
      if (!some.isEmpty()) {
        return some;
      }
      try {
        Thread.sleep(PAUSE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new QueueException(
            "The dead letters of %s cannot be read: the thread was interrupted.".formatted(place),
            e);
      }
    }
    return List.of();
  }

  /** With an answer at once, as letters that come after a time are lost for who waits no more. */
  @SuppressWarnings("deprecation") // because of what it costs those who ask all the time
  private PullRequest request() {
    return PullRequest.newBuilder()
        .setSubscription(place.deadSubscriptionName())
        .setMaxMessages(SOME)
        .setReturnImmediately(true)
        .build();
  }

  private void extend(List<String> ids, Duration lease) throws QueueException {
    for (int from = 0; from < ids.size(); from += SOME) {
      ModifyAckDeadlineRequest request =
          ModifyAckDeadlineRequest.newBuilder()
              .setSubscription(place.deadSubscriptionName())
              .setAckDeadlineSeconds(Math.toIntExact(lease.toSeconds()))
              .addAllAckIds(ids.subList(from, Math.min(ids.size(), from + SOME)))
              .build();
      var _ =
          Reasons.get(
              place,
              "read",
              connection.subscriber().modifyAckDeadlineCallable().futureCall(request));
    }
  }

  private static DeadLetter letter(ReceivedMessage received) {
    PubsubMessage message = received.getMessage();
    String count =
        message.getAttributesOrDefault(COUNT, message.getAttributesOrDefault(SERVICE_COUNT, "0"));
    @Nullable String reason = message.getAttributesMap().get(REASON);
    return new DeadLetter(
        message.getAttributesOrDefault(ID, message.getMessageId()),
        message.getData().toByteArray(),
        count.matches("\\d{1,9}") ? Integer.parseInt(count) : 0,
        reason == null
            ? "The policy of the subscription has made it a dead letter, after so many deliveries."
            : reason);
  }
}
