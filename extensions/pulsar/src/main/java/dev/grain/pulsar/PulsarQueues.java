package dev.grain.pulsar;

import dev.grain.minion.DeadLetter;
import dev.grain.minion.QueueAddress;
import dev.grain.minion.QueueEngine;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueProvider;
import dev.grain.minion.QueueSettings;
import dev.grain.minion.QueueStats;
import dev.grain.pulsar.Admin.Answer;
import dev.grain.pulsar.Admin.Positions;
import dev.grain.pulsar.Admin.Stats;
import dev.grain.pulsar.Admin.UnreachableException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.pulsar.client.api.Authentication;
import org.apache.pulsar.client.api.Producer;
import org.apache.pulsar.client.api.PulsarClient;
import org.apache.pulsar.client.api.PulsarClientException;
import org.jspecify.annotations.Nullable;

/** The queues that Apache Pulsar serves, {@code pulsar://HOST:6650/TOPIC?subscription=NAME}. */
public final class PulsarQueues implements QueueProvider {
  private static final int SEND_SECONDS = 30;

  /** Makes the provider. */
  public PulsarQueues() {}

  @Override
  public String scheme() {
    return "pulsar";
  }

  @Override
  public List<String> otherNames() {
    return List.of("pulsar+ssl");
  }

  // ---------------------------------------------------------------- for minions

  @Override
  public QueueEngine open(QueueAddress address, QueueSettings settings) throws QueueException {
    Place place = Place.of(address, settings);
    Authentication authentication = Connection.authentication(place, settings);
    Connection connection = Connection.open(place, authentication);
    @Nullable Admin admin = null;
    boolean isOpen = false;
    try {
      PulsarClient client = connection.client();
      boolean isPartitioned = isPartitioned(place, client);
      admin = reachable(place, new Admin(place, authentication), isPartitioned);
      Deliveries deliveries =
          place.keepsCounts()
              ? Deliveries.open(place, client, done(place, admin, isPartitioned))
              : null;
      QueueEngine queue =
          new PulsarQueue(place, connection, admin, isPartitioned, deliveries, newName());
      isOpen = true;
      return queue;
    } finally {
      if (!isOpen) {
        connection.close();
        if (admin != null) {
          admin.close();
        }
      }
    }
  }

  /** Looks whether there is a topic; consumers would create it. */
  private static boolean isPartitioned(Place place, PulsarClient client) throws QueueException {
    List<String> names =
        Reasons.join(place, "opened", client.getPartitionsForTopic(place.topic(), false));
    if (names.isEmpty()) {
      throw missing(place);
    }
    return !names.equals(List.of(place.topic()));
  }

  private static QueueException missing(Place place) {
    return new QueueException(
        "The queue %s cannot be opened: %s.".formatted(place, Reasons.missing(place)));
  }

  /** Returns the API if it can be reached, or null. */
  private static @Nullable Admin reachable(Place place, Admin admin, boolean isPartitioned)
      throws QueueException {
    boolean isReachable = false;
    try {
      Stats stats = admin.stats(place.topic(), isPartitioned);
      if (!stats.hasTopic()) {
        // the broker itself knows it
        throw admin.other(null);
      }
      if (!stats.hasSubscription()) {
        throw missing(place);
      }
      isReachable = true;
      return admin;
    } catch (UnreachableException e) {
      if (place.isAdminGiven()) {
        throw e.toFailure();
      }
      return null;
    } finally {
      if (!isReachable) {
        admin.close();
      }
    }
  }

  private static @Nullable Position done(Place place, @Nullable Admin admin, boolean isPartitioned)
      throws QueueException {
    try {
      Positions positions = admin == null || isPartitioned ? null : admin.positions(place.topic());
      return positions == null ? null : positions.done();
    } catch (UnreachableException e) {
      return null;
    }
  }

  /** Returns a name that no minion ever had; people see from it where it runs. */
  private static String newName() {
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      host = "unknown";
    }
    return "%s-%s-%s"
        .formatted(
            host, ProcessHandle.current().pid(), UUID.randomUUID().toString().substring(0, 8));
  }

  // ---------------------------------------------------------------- for people

  /** What is done with a client and the API. */
  private interface Work<T> {
    T with(Place place, PulsarClient client, Admin admin)
        throws QueueException, UnreachableException, PulsarClientException;
  }

  private static <T> T call(QueueAddress address, QueueSettings settings, String what, Work<T> work)
      throws QueueException {
    Place place = Place.of(address, settings);
    Authentication authentication = Connection.authentication(place, settings);
    try (Connection connection = Connection.open(place, authentication);
        Admin admin = new Admin(place, authentication)) {
      return work.with(place, connection.client(), admin);
    } catch (UnreachableException e) {
      throw e.toFailure();
    } catch (PulsarClientException e) {
      throw Reasons.failed(place, what, e);
    }
  }

  @Override
  public void create(QueueAddress address, QueueSettings settings) throws QueueException {
    call(
        address,
        settings,
        "created",
        (place, _, admin) -> {
          createTopic(place, admin, place.topic(), place.partitions());
          Answer subscription = admin.createSubscription(place.topic());
          if (subscription.isConflict()) {
            throw new QueueException(
                "There is a queue %s already. Add items with: grain queue fill '%s'"
                    .formatted(place, place));
          }
          admin.checked("created", subscription);
          createTopic(place, admin, place.letters(), 0);
          ensureSubscription(admin, place.letters());
          if (place.keepsCounts()) {
            createTopic(place, admin, place.deliveries(), 0);
            ensureSubscription(admin, place.deliveries());
          }
          return 0;
        });
  }

  /** Creates a topic; others may have created it for subscriptions of their own. */
  private static void createTopic(Place place, Admin admin, String topic, int partitions)
      throws QueueException, UnreachableException {
    Answer answer = admin.createTopic(topic, partitions);
    if (answer.isConflict()) {
      return;
    }
    if (answer.isMissing()) {
      throw new QueueException(
          "The queue %s cannot be created: there is no such tenant or namespace. Create it with: pulsar-admin namespaces create TENANT/NAMESPACE"
              .formatted(place));
    }
    admin.checked("created", answer);
  }

  private static void ensureSubscription(Admin admin, String topic)
      throws QueueException, UnreachableException {
    Answer answer = admin.createSubscription(topic);
    if (!answer.isConflict()) {
      admin.checked("created", answer);
    }
  }

  @Override
  public long fill(QueueAddress address, QueueSettings settings, Iterator<byte[]> items)
      throws QueueException {
    return call(
        address,
        settings,
        "filled",
        (place, client, admin) -> {
          var _ = reachable(place, admin, isPartitioned(place, client));
          try (Producer<byte[]> producer =
              client
                  .newProducer()
                  .topic(place.topic())
                  .enableBatching(false)
                  .blockIfQueueFull(true)
                  .sendTimeout(SEND_SECONDS, TimeUnit.SECONDS)
                  .create()) {
            return fill(place, producer, items);
          }
        });
  }

  private static long fill(Place place, Producer<byte[]> producer, Iterator<byte[]> items)
      throws QueueException {
    AtomicLong added = new AtomicLong();
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    Semaphore answered = new Semaphore(0);
    int sent = 0;
    while (items.hasNext() && failure.get() == null) {
      sent++;
      var _ =
          producer
              .sendAsync(items.next())
              .whenComplete((_, e) -> {
                if (e == null) {
                  added.incrementAndGet();
                } else {
                  failure.compareAndSet(null, e);
                }
                answered.release();
              });
    }
    try {
      // those before one that has failed may be on their way
      producer.flush();
    } catch (PulsarClientException e) {
      failure.compareAndSet(null, e);
    }
    answered.acquireUninterruptibly(sent);
    Throwable why = failure.get();
    if (why != null) {
      QueueException words = Reasons.failed(place, "filled", why);
      throw new QueueException(
          "%s The first %s items were added.".formatted(words.getMessage(), added.get()), why);
    }
    return added.get();
  }

  @Override
  public QueueStats stat(QueueAddress address, QueueSettings settings) throws QueueException {
    return call(
        address,
        settings,
        "read",
        (place, client, admin) -> {
          boolean isPartitioned = isPartitioned(place, client);
          return stats(place, admin, isPartitioned);
        });
  }

  static QueueStats stats(Place place, Admin admin, boolean isPartitioned)
      throws QueueException, UnreachableException {
    Stats queue = admin.stats(place.topic(), isPartitioned);
    if (!queue.hasSubscription()) {
      throw missing(place);
    }
    long dead = admin.stats(place.letters(), false).backlog();
    long inFlight = Math.min(queue.backlog(), queue.unacknowledged() + queue.delayed());
    return new QueueStats(
        OptionalLong.of(queue.backlog() - inFlight),
        OptionalLong.of(inFlight),
        OptionalLong.empty(),
        OptionalLong.of(dead),
        OptionalLong.of(queue.consumers()));
  }

  @Override
  public void dead(QueueAddress address, QueueSettings settings, Consumer<DeadLetter> receiver)
      throws QueueException {
    call(
        address,
        settings,
        "read",
        (place, client, admin) -> {
          var _ = reachable(place, admin, isPartitioned(place, client));
          new Letters(place, client).forEach(receiver);
          return 0;
        });
  }

  @Override
  public long requeue(QueueAddress address, QueueSettings settings) throws QueueException {
    return call(
        address,
        settings,
        "changed",
        (place, client, admin) -> {
          var _ = reachable(place, admin, isPartitioned(place, client));
          return new Letters(place, client).requeue();
        });
  }

  @Override
  public void purge(QueueAddress address, QueueSettings settings) throws QueueException {
    call(
        address,
        settings,
        "removed",
        (place, client, admin) -> {
          boolean isPartitioned = isPartitioned(place, client);
          Stats stats = admin.stats(place.topic(), isPartitioned);
          if (!stats.hasSubscription()) {
            throw missing(place);
          }
          for (String topic : List.of(place.letters(), place.deliveries())) {
            Answer answer = admin.deleteTopic(topic, false);
            if (!answer.isMissing()) {
              admin.checked("removed", answer);
            }
          }
          // last, so that what is left can be removed again; others may have subscriptions, too
          admin.checked(
              "removed",
              stats.subscriptions() == 1
                  ? admin.deleteTopic(place.topic(), isPartitioned)
                  : admin.deleteSubscription(place.topic()));
          return 0;
        });
  }
}
