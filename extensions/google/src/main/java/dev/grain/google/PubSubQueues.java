package dev.grain.google;

import com.google.api.core.ApiFuture;
import com.google.api.gax.rpc.StatusCode.Code;
import com.google.protobuf.Empty;
import com.google.pubsub.v1.DeadLetterPolicy;
import com.google.pubsub.v1.DeleteSubscriptionRequest;
import com.google.pubsub.v1.DeleteTopicRequest;
import com.google.pubsub.v1.ExpirationPolicy;
import com.google.pubsub.v1.GetSubscriptionRequest;
import com.google.pubsub.v1.ListTopicSubscriptionsRequest;
import com.google.pubsub.v1.Subscription;
import com.google.pubsub.v1.Topic;
import dev.grain.minion.DeadLetter;
import dev.grain.minion.Parts;
import dev.grain.minion.QueueAddress;
import dev.grain.minion.QueueEngine;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueProvider;
import dev.grain.minion.QueueSettings;
import dev.grain.minion.QueueStats;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;

/** The queues that Google Cloud Pub/Sub serves, {@code pubsub:PROJECT/SUBSCRIPTION?topic=TOPIC}. */
public final class PubSubQueues implements QueueProvider {
  /** What a policy for dead letters may have at most. */
  private static final int MOST_DELIVERIES = 100;

  private static final long SHORTEST_DEADLINE = 10;

  /** What the service calls the topic of a subscription whose topic was removed. */
  private static final String DELETED = "_deleted-topic_";

  /** Makes the provider. */
  public PubSubQueues() {}

  @Override
  public String scheme() {
    return "pubsub";
  }

  // ---------------------------------------------------------------- for minions

  @Override
  public QueueEngine open(QueueAddress address, QueueSettings settings) throws QueueException {
    Place place = Place.of(address, settings);
    Connection connection = Connection.open(place, settings);
    boolean isOpen = false;
    try {
      Subscription subscription = subscription(place, connection);
      QueueEngine queue =
          new PubSubQueue(
              place, connection, Duration.ofSeconds(subscription.getAckDeadlineSeconds()));
      isOpen = true;
      return queue;
    } finally {
      if (!isOpen) {
        connection.close();
      }
    }
  }

  /** Returns the subscription, which is there and of the topic that the address names. */
  private static Subscription subscription(Place place, Connection connection)
      throws QueueException {
    GetSubscriptionRequest request =
        GetSubscriptionRequest.newBuilder().setSubscription(place.subscriptionName()).build();
    Subscription subscription =
        Reasons.get(
            place, "opened", connection.subscriber().getSubscriptionCallable().futureCall(request));
    if (place.topic() != null && !subscription.getTopic().equals(place.topicName())) {
      throw new QueueException(
          "The queue %s cannot be opened: the subscription has another topic, %s. Correct topic=, or leave it out."
              .formatted(place, subscription.getTopic()));
    }
    return subscription;
  }

  // ---------------------------------------------------------------- for people

  /** What is done with clients. */
  private interface Work<T> {
    T with(Place place, Connection connection) throws QueueException;
  }

  private static <T> T call(QueueAddress address, QueueSettings settings, Work<T> work)
      throws QueueException {
    Place place = Place.of(address, settings);
    try (Connection connection = Connection.open(place, settings)) {
      return work.with(place, connection);
    }
  }

  /** Does what may have been done before, and returns whether it had not been. */
  private static boolean ensure(Place place, String what, ApiFuture<?> call, Code done)
      throws QueueException {
    try {
      var _ = Reasons.get(place, what, call);
      return true;
    } catch (QueueException e) {
      if (e.getCause() != null && Reasons.code(e.getCause()) == done) {
        return false;
      }
      throw e;
    }
  }

  @Override
  public void create(QueueAddress address, QueueSettings settings) throws QueueException {
    call(
        address,
        settings,
        (place, connection) -> {
          createTopic(place, connection, place.topicName());
          createTopic(place, connection, place.deadTopicName());
          Subscription letters =
              Subscription.newBuilder()
                  .setName(place.deadSubscriptionName())
                  .setTopic(place.deadTopicName())
                  .setAckDeadlineSeconds((int) Letters.LEASE.toSeconds())
                  .setExpirationPolicy(ExpirationPolicy.getDefaultInstance())
                  .build();
          var _ = createSubscription(place, connection, letters);
          Duration lease = place.lease() == null ? Place.LEASE : place.lease();
          Subscription queue =
              Subscription.newBuilder()
                  .setName(place.subscriptionName())
                  .setTopic(place.topicName())
                  .setAckDeadlineSeconds((int) Math.max(SHORTEST_DEADLINE, lease.toSeconds()))
                  .setExpirationPolicy(ExpirationPolicy.getDefaultInstance())
                  .setDeadLetterPolicy(
                      DeadLetterPolicy.newBuilder()
                          .setDeadLetterTopic(place.deadTopicName())
                          .setMaxDeliveryAttempts(MOST_DELIVERIES))
                  .build();
          if (!createSubscription(place, connection, queue)) {
            throw new QueueException(
                "There is a queue %s already. Add items with: grain queue fill '%s'"
                    .formatted(place, place));
          }
          return 0;
        });
  }

  private static void createTopic(Place place, Connection connection, String name)
      throws QueueException {
    Topic topic = Topic.newBuilder().setName(name).build();
    var _ =
        ensure(
            place,
            "created",
            connection.publisher().createTopicCallable().futureCall(topic),
            Code.ALREADY_EXISTS);
  }

  private static boolean createSubscription(
      Place place, Connection connection, Subscription subscription) throws QueueException {
    return ensure(
        place,
        "created",
        connection.subscriber().createSubscriptionCallable().futureCall(subscription),
        Code.ALREADY_EXISTS);
  }

  @Override
  public long fill(QueueAddress address, QueueSettings settings, Iterator<byte[]> items)
      throws QueueException {
    return call(
        address,
        settings,
        (place, connection) -> {
          String topic = subscription(place, connection).getTopic();
          Publishing publishing = new Publishing(place, connection.publisher(), topic);
          Parts.forEach(items, Publishing.MOST_MESSAGES, Publishing.MOST_BYTES, publishing::addNow);
          return publishing.flush();
        });
  }

  /** The service counts, but tells nobody at once. */
  @Override
  public QueueStats stat(QueueAddress address, QueueSettings settings) throws QueueException {
    return call(
        address,
        settings,
        (place, connection) -> {
          var _ = subscription(place, connection);
          return QueueStats.UNKNOWN;
        });
  }

  @Override
  public void dead(QueueAddress address, QueueSettings settings, Consumer<DeadLetter> receiver)
      throws QueueException {
    call(
        address,
        settings,
        (place, connection) -> {
          var _ = subscription(place, connection);
          new Letters(place, connection).forEach(receiver);
          return 0;
        });
  }

  @Override
  public long requeue(QueueAddress address, QueueSettings settings) throws QueueException {
    return call(
        address,
        settings,
        (place, connection) -> {
          String topic = subscription(place, connection).getTopic();
          return new Letters(place, connection).requeue(topic);
        });
  }

  @Override
  public void purge(QueueAddress address, QueueSettings settings) throws QueueException {
    call(
        address,
        settings,
        (place, connection) -> {
          String topic = subscription(place, connection).getTopic();
          boolean isOwn = !topic.equals(DELETED) && isOwn(place, connection, topic);
          var _ = delete(place, deleteSubscription(connection, place.deadSubscriptionName()));
          var _ = delete(place, deleteTopic(connection, place.deadTopicName()));
          if (isOwn) {
            var _ = delete(place, deleteTopic(connection, topic));
          }
          // last, so that what is left can be removed again
          var _ = delete(place, deleteSubscription(connection, place.subscriptionName()));
          return 0;
        });
  }

  /** Returns whether the topic has no other subscription. */
  private static boolean isOwn(Place place, Connection connection, String topic)
      throws QueueException {
    ListTopicSubscriptionsRequest request =
        ListTopicSubscriptionsRequest.newBuilder().setTopic(topic).build();
    List<String> all =
        Reasons.get(
                place,
                "removed",
                connection.publisher().listTopicSubscriptionsCallable().futureCall(request))
            .getSubscriptionsList();
    return all.equals(List.of(place.subscriptionName()));
  }

  private static boolean delete(Place place, ApiFuture<Empty> call) throws QueueException {
    return ensure(place, "removed", call, Code.NOT_FOUND);
  }

  private static ApiFuture<Empty> deleteSubscription(Connection connection, String name) {
    return connection
        .subscriber()
        .deleteSubscriptionCallable()
        .futureCall(DeleteSubscriptionRequest.newBuilder().setSubscription(name).build());
  }

  private static ApiFuture<Empty> deleteTopic(Connection connection, String name) {
    return connection
        .publisher()
        .deleteTopicCallable()
        .futureCall(DeleteTopicRequest.newBuilder().setTopic(name).build());
  }
}
