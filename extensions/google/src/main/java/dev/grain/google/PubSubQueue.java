package dev.grain.google;

import com.google.api.core.ApiFuture;
import com.google.api.core.ApiFutureCallback;
import com.google.api.core.ApiFutures;
import com.google.api.gax.rpc.StatusCode.Code;
import com.google.common.util.concurrent.MoreExecutors;
import com.google.protobuf.Empty;
import com.google.pubsub.v1.AcknowledgeRequest;
import com.google.pubsub.v1.ModifyAckDeadlineRequest;
import com.google.pubsub.v1.PublishResponse;
import com.google.pubsub.v1.PullRequest;
import com.google.pubsub.v1.PullResponse;
import com.google.pubsub.v1.ReceivedMessage;
import dev.grain.minion.DeadLetter;
import dev.grain.minion.DeliveredItem;
import dev.grain.minion.Outage;
import dev.grain.minion.QueueEngine;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueStats;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A subscription that one minion pulls from, with one request at a time. A request asks for one
 * message, and for more while messages are worked on fast, so that no minion keeps what another
 * could work on.
 *
 * <p>A message is held from when it arrives until this has told the service what became of it; if
 * it comes again meanwhile, because its lease was over, it is not delivered twice.
 */
final class PubSubQueue implements QueueEngine {
  /** How long the service may be gone before the queue gives up. */
  private static final Duration OUTAGE = Duration.ofMinutes(2);

  private static final long RETRY_NANOS = 500_000_000;

  /** What nobody has asked for goes back after this time, in nanoseconds. */
  private static final long SURPLUS_NANOS = 1_000_000_000;

  /** How long somebody who does not want to wait waits for what the service may have. */
  private static final long GLANCE_NANOS = 5_000_000;

  /** Messages are worked on fast if all of a request are within this time, in nanoseconds. */
  private static final long FAST_NANOS = 100_000_000;

  private static final long SLOW_NANOS = 500_000_000;
  private static final int MOST = 500;

  /**
   * From this size of requests on, there is one before it is needed. What a request gets whose
   * minion has died meanwhile comes again after the lease only.
   */
  private static final int AHEAD = 16;

  private static final Duration CLOSE = Duration.ofSeconds(10);

  /** How many items that were given back are remembered: others may work on them. */
  private static final int MOST_RETURNED = 10_000;

  private final Place place;
  private final Connection connection;
  private final Duration lease;
  private final Duration idle;
  private final boolean isLeaseOfSubscription;
  private final Letters letters;
  private final Outage outage;
  private final Batcher acknowledged;
  private final Map<Integer, Batcher> deadlines = new HashMap<>();

  // what threads of the client have for the thread of the queue
  private final LinkedBlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>();

  // all only accessed by the thread of the queue
  private final Map<String, Given> held = new HashMap<>();
  private final SequencedMap<String, Integer> returned = new LinkedHashMap<>();
  private final Deque<Given> ready = new ArrayDeque<>();
  private @Nullable ApiFuture<PullResponse> pull;
  private int size = 1;
  private boolean isNew = true;
  private int publishing;
  private long notBefore = System.nanoTime();
  private long lastAsked = System.nanoTime();
  // how long the service was asked in vain, without the request that runs, and since when that runs
  private long askedNanos;
  private long pullSince = System.nanoTime();
  private long lastDue = System.nanoTime();
  private @Nullable QueueException failure;

  /**
   * Makes it.
   *
   * @param ofSubscription the lease that messages have when they arrive
   */
  PubSubQueue(Place place, Connection connection, Duration ofSubscription) {
    this.place = place;
    this.connection = connection;
    this.lease = place.lease() == null ? ofSubscription : place.lease();
    this.isLeaseOfSubscription = lease.equals(ofSubscription);
    this.idle = place.idle(lease);
    this.letters = new Letters(place, connection);
    this.outage = new Outage("Pub/Sub", place.toString(), OUTAGE);
    this.acknowledged = new Batcher(this::acknowledge, e -> fail("changed", e));
  }

  // ---------------------------------------------------------------- telling the service

  private ApiFuture<Empty> acknowledge(List<String> ids) {
    return connection
        .subscriber()
        .acknowledgeCallable()
        .futureCall(
            AcknowledgeRequest.newBuilder()
                .setSubscription(place.subscriptionName())
                .addAllAckIds(ids)
                .build());
  }

  /** Sets how long an item stays with this minion from now on; zero to give it back. */
  private void keep(String ackId, Duration time) {
    deadlines.computeIfAbsent(seconds(time), this::deadline).add(ackId);
  }

  /** The service knows whole seconds, up to ten minutes. */
  private static int seconds(Duration time) {
    Duration rounded = time.plusNanos(999_999_999);
    return (int) Math.min(rounded.toSeconds(), Place.LONGEST_LEASE.toSeconds());
  }

  private Batcher deadline(int seconds) {
    return new Batcher(ids -> modifyDeadline(ids, seconds), e -> fail("changed", e));
  }

  private ApiFuture<Empty> modifyDeadline(List<String> ids, int seconds) {
    return connection
        .subscriber()
        .modifyAckDeadlineCallable()
        .futureCall(
            ModifyAckDeadlineRequest.newBuilder()
                .setSubscription(place.subscriptionName())
                .setAckDeadlineSeconds(seconds)
                .addAllAckIds(ids)
                .build());
  }

  /** Called by threads of the client. */
  private void fail(String what, Throwable thrown) {
    inbox.add(() -> failure = Reasons.failed(place, what, thrown));
  }

  // ---------------------------------------------------------------- delivering

  @Override
  public @Nullable Delivery next(Duration patience) throws QueueException, InterruptedException {
    long now = System.nanoTime();
    lastAsked = now;
    long until = now + Math.max(patience.toNanos(), isNew ? GLANCE_NANOS : 0);
    isNew = false;
    attend();
    while (ready.isEmpty()) {
      pull();
      long left = until - System.nanoTime();
      if (left <= 0) {
        return null;
      }
      long wait = pull == null ? Math.min(left, RETRY_NANOS) : left;
      Runnable event = inbox.poll(wait, TimeUnit.NANOSECONDS);
      if (event != null) {
        event.run();
      }
      attend();
    }
    isNew = true;
    Given given = ready.remove();
    adapt(given);
    if (size >= AHEAD && ready.size() <= size / 2) {
      pull();
    }
    return given;
  }

  /** Learns how many messages to ask for from how long one has waited. */
  private void adapt(Given given) {
    long waited = System.nanoTime() - given.arrived;
    if (waited > SLOW_NANOS) {
      size = Math.max(1, size / 2);
    } else if (given.isLastOfFull && waited < FAST_NANOS) {
      size = Math.min(MOST, size * 2);
    }
  }

  private void pull() {
    if (pull != null || notBefore - System.nanoTime() > 0) {
      return;
    }
    int most = size;
    ApiFuture<PullResponse> started =
        connection
            .subscriber()
            .pullCallable()
            .futureCall(
                PullRequest.newBuilder()
                    .setSubscription(place.subscriptionName())
                    .setMaxMessages(most)
                    .build());
    pull = started;
    pullSince = System.nanoTime();
    ApiFutures.addCallback(
        started,
        new ApiFutureCallback<>() {
          @Override
          public void onSuccess(PullResponse response) {
            inbox.add(() -> onArrived(response.getReceivedMessagesList(), most));
          }

          @Override
          public void onFailure(Throwable thrown) {
            inbox.add(() -> onPullFailed(thrown));
          }
        },
        MoreExecutors.directExecutor());
  }

  private void onArrived(List<ReceivedMessage> messages, int most) {
    outage.over();
    long now = System.nanoTime();
    askedNanos = messages.isEmpty() ? asked(now) : 0;
    pullSince = now;
    List<Given> some = new ArrayList<>();
    for (ReceivedMessage message : messages) {
      String id = message.getMessage().getMessageId();
      Given known = held.get(id);
      if (known != null) {
        // its lease was over, and it has come again
        known.ackId = message.getAckId();
        keep(known.ackId, lease);
      } else {
        boolean isLastOfFull = some.size() == most - 1;
        Given given = new Given(message, now, isLastOfFull, 1 + returned.getOrDefault(id, 0));
        held.put(id, given);
        some.add(given);
      }
    }
    if (isLeaseOfSubscription || some.isEmpty()) {
      onReady(some);
    } else {
      // first of all, so that a minion that dies at once does not keep them for longer
      ApiFutures.addCallback(
          modifyDeadline(some.stream().map(each -> each.ackId).toList(), seconds(lease)),
          new ApiFutureCallback<>() {
            @Override
            public void onSuccess(Empty result) {
              inbox.add(() -> onReady(some));
            }

            @Override
            public void onFailure(Throwable thrown) {
              // they have the lease of the subscription
              inbox.add(() -> onReady(some));
            }
          },
          MoreExecutors.directExecutor());
    }
  }

  private void onReady(List<Given> some) {
    pull = null;
    ready.addAll(some);
  }

  private void onPullFailed(Throwable thrown) {
    long now = System.nanoTime();
    if (Reasons.code(thrown) == Code.DEADLINE_EXCEEDED) {
      // nothing has come
      outage.over();
      askedNanos = asked(now);
    } else {
      // there may have been something all the time
      askedNanos = 0;
      notBefore = now + RETRY_NANOS;
      if (!Reasons.isPassing(thrown) || outage.isTooLong(Reasons.brief(thrown))) {
        failure = Reasons.failed(place, "read", thrown);
      }
    }
    pull = null;
  }

  /** Returns for how long the service was asked since it had something last. */
  private long asked(long now) {
    return askedNanos + (pull == null ? 0 : now - pullSince);
  }

  private void attend() throws QueueException {
    for (Runnable event = inbox.poll(); event != null; event = inbox.poll()) {
      event.run();
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** Gives back what has come, but nobody has asked for, so that other minions get it. */
  private void returnSurplus() {
    if (!ready.isEmpty()) {
      size = 1;
    }
    for (Given given : ready) {
      held.remove(given.id());
      keep(given.ackId, Duration.ZERO);
    }
    ready.clear();
  }

  // ---------------------------------------------------------------- counting

  @Override
  public boolean isDrained() throws QueueException {
    attend();
    long now = System.nanoTime();
    // a delayed one may come until some time after it is due
    return held.isEmpty() && Math.min(asked(now), now - lastDue) >= idle.toNanos();
  }

  @Override
  public QueueStats stats() {
    return QueueStats.UNKNOWN;
  }

  // ---------------------------------------------------------------- ending

  @Override
  public void close() {
    if (pull != null) {
      pull.cancel(true);
    }
    boolean interrupted = Thread.interrupted();
    try {
      long until = System.nanoTime() + CLOSE.toNanos();
      while (publishing > 0 && until - System.nanoTime() > 0) {
        Runnable event = inbox.poll(until - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (event != null) {
          event.run();
        }
      }
      for (Given given : held.values()) {
        keep(given.ackId, Duration.ZERO);
      }
      acknowledged.close(until);
      for (Batcher each : deadlines.values()) {
        each.close(until);
      }
    } catch (InterruptedException e) {
      interrupted = true;
    }
    connection.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** An item that this minion has, or will have. */
  private final class Given extends DeliveredItem {
    // whether the service counts deliveries
    private final boolean isCounted;
    private final long arrived;
    private final boolean isLastOfFull;
    // only accessed by the thread of the queue
    private String ackId;

    Given(ReceivedMessage message, long arrived, boolean isLastOfFull, int least) {
      super(
          message.getMessage().getMessageId(),
          message.getMessage().getData().toByteArray(),
          Math.max(least, message.getDeliveryAttempt()),
          lease);
      this.isCounted = message.getDeliveryAttempt() > 0;
      this.arrived = arrived;
      this.isLastOfFull = isLastOfFull;
      this.ackId = message.getAckId();
    }

    @Override
    public void extend() throws QueueException {
      attend();
      keep(ackId, lease);
      if (System.nanoTime() - lastAsked > SURPLUS_NANOS) {
        returnSurplus();
      }
    }

    @Override
    public void ack() {
      end();
      acknowledge();
    }

    private void acknowledge() {
      held.remove(id());
      returned.remove(id());
      acknowledged.add(ackId);
    }

    @Override
    public void nack(Duration delay) {
      end();
      held.remove(id());
      if (!isCounted) {
        returned.putLast(id(), count());
        if (returned.size() > MOST_RETURNED) {
          returned.pollFirstEntry();
        }
      }
      long due = System.nanoTime() + delay.toNanos();
      lastDue = due - lastDue > 0 ? due : lastDue;
      keep(ackId, delay);
    }

    @Override
    public void dead(String reason) {
      end();
      publishing++;
      ApiFutures.addCallback(
          letters.add(new DeadLetter(id(), value(), count(), reason)),
          new ApiFutureCallback<>() {
            @Override
            public void onSuccess(PublishResponse response) {
              inbox.add(() -> {
                publishing--;
                acknowledge();
              });
            }

            @Override
            public void onFailure(Throwable thrown) {
              inbox.add(() -> publishing--);
              fail("changed", thrown);
            }
          },
          MoreExecutors.directExecutor());
    }
  }
}
