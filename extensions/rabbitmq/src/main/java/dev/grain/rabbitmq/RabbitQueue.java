package dev.grain.rabbitmq;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.ShutdownSignalException;
import dev.grain.minion.Pace;
import dev.grain.minion.QueueEngine;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueStats;
import dev.grain.text.Durations;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A minion's side of a queue in RabbitMQ.
 *
 * <p>Long items are asked for one by one. For short ones, the minion becomes a consumer, to which
 * the broker sends some in advance; when they turn out long, the consumer is cancelled, and what
 * has not begun goes back.
 *
 * <p>While the minion has items, or is about to take some, it is a consumer of the queue that
 * counts minions. It becomes one before it takes an item, so whoever finds no items and no such
 * consumers knows that nothing is left.
 *
 * <p>What goes elsewhere, to the dead letters or to where it waits, is published there first, and
 * acknowledged when the broker has confirmed it.
 *
 * <p>When the connection is lost, the broker gives all items to others, or to this minion again.
 * Those that it works on are recognised then, by their ids, and not begun once more; those that it
 * has ended meanwhile are acknowledged.
 */
final class RabbitQueue implements QueueEngine {
  private static final System.Logger LOG = System.getLogger("dev.grain.rabbitmq");

  private static final Duration PAUSE = Duration.ofMillis(200);
  private static final long LEAST_POLL_NANOS = 10_000_000;
  private static final long MOST_POLL_NANOS = 250_000_000;
  private static final Duration QUIET = Duration.ofMillis(50);

  /**
   * A broker that has just started may not have noticed yet that items are with nobody any more.
   */
  private static final Duration SETTLING = Duration.ofSeconds(5);

  private static final long STALE_NANOS = 1_000_000_000;
  private static final long CLOSE_MILLIS = 5_000;

  /** If the pace is this, items are so short that asking for each would take longer than they. */
  private static final int SHORT = 4;

  /** How many the broker sends in advance, in items of the pace, and within bounds. */
  private static final int AHEAD = 4;

  private static final int LEAST_AHEAD = 32;
  private static final int MOST_AHEAD = 1000;

  private final RabbitAddress address;
  private final Duration lease;
  // handed over by the threads of the client
  private final AtomicInteger moving = new AtomicInteger();
  private final AtomicReference<@Nullable String> notMoved = new AtomicReference<>();

  // all only accessed by the thread of the queue
  private final Pace pace = new Pace();
  private final Map<Long, Held> held = new HashMap<>();
  private final Map<String, Held> fromBefore = new HashMap<>();
  private @Nullable Link link;
  private @Nullable Publisher publisher;
  private @Nullable String presence;
  private @Nullable Feed feed;
  private long lastReceived;
  private long lastArrival;
  private boolean wasEmpty;
  private long pollNanos = LEAST_POLL_NANOS;
  private long lostSince;
  private long settled = System.nanoTime();

  /** What the broker sends to a consumer. */
  private sealed interface Arrival {
    record Sent(long tag, boolean again, Message message) implements Arrival {}

    /** Nothing comes any more; for a reason if it was not wanted. */
    record End(@Nullable String problem) implements Arrival {}
  }

  /**
   * Consumers of the queue, and what was sent to them. There are several when one alone was sent
   * too little in advance: how much that is cannot be changed.
   */
  private static final class Feed extends DefaultConsumer {
    // filled by a thread of the client
    private final LinkedBlockingQueue<Arrival> arrivals = new LinkedBlockingQueue<>();
    // both only accessed by the thread of the queue
    private final List<String> tags = new ArrayList<>();
    private int most;

    Feed(Channel channel) {
      super(channel);
    }

    @Override
    public void handleDelivery(
        String tag, Envelope envelope, BasicProperties properties, byte[] body) {
      arrivals.add(
          new Arrival.Sent(
              envelope.getDeliveryTag(), envelope.isRedeliver(), new Message(properties, body)));
    }

    @Override
    public void handleCancelOk(String tag) {
      arrivals.add(new Arrival.End(null));
    }

    @Override
    public void handleCancel(String tag) {
      arrivals.add(new Arrival.End("the broker has cancelled the consumer"));
    }

    @Override
    public void handleShutdownSignal(String tag, ShutdownSignalException signal) {
      arrivals.add(new Arrival.End(Link.reason(signal)));
    }
  }

  RabbitQueue(RabbitAddress address, Link link) {
    this.address = address;
    this.lease = address.lease();
    this.link = link;
  }

  // ---------------------------------------------------------------- the connection

  /** Something that is done with the broker. */
  private interface Work<T extends @Nullable Object> {
    T with(Link link) throws LostException, QueueException, InterruptedException;
  }

  /** Does something; returns what is given if the broker is away. */
  private <T extends @Nullable Object> T withBroker(T otherwise, Work<T> work)
      throws QueueException, InterruptedException {
    String problem = notMoved.get();
    if (problem != null) {
      throw new QueueException(
          "An item of the queue %s could not be put aside, and stays in the queue: %s."
              .formatted(address.text(), problem));
    }
    try {
      Link current = link;
      if (current != null && !current.isOpen()) {
        throw new LostException(
            current.channel().getCloseReason() == null
                ? "the channel is closed"
                : Link.reason(current.channel().getCloseReason()),
            new IllegalStateException());
      }
      if (current == null) {
        current = Link.connect(address);
        link = current;
        current.ensureQueue();
        settled = System.nanoTime() + SETTLING.toNanos();
      }
      T result = work.with(current);
      lostSince = 0;
      return result;
    } catch (LostException e) {
      onLost(e);
      return otherwise;
    }
  }

  private void onLost(LostException e) throws QueueException {
    forget();
    long now = System.nanoTime();
    if (lostSince == 0) {
      lostSince = now;
      LOG.log(
          System.Logger.Level.WARNING,
          "The connection to RabbitMQ for the queue {0} is lost: {1}. The minion tries again for {2}.",
          address.text(),
          e.getMessage(),
          Durations.readable(address.outage()));
    } else if (now - lostSince > Durations.toNanos(address.outage())) {
      throw Link.unreachable(address, e);
    }
  }

  /** The broker has given back everything. */
  private void forget() {
    if (link != null) {
      link.close();
      link = null;
    }
    presence = null;
    feed = null;
    fromBefore.values().removeIf(each -> each.isEnded);
    for (Held each : held.values()) {
      each.isLost = true;
      if (each.message.isOwn()) {
        fromBefore.put(each.id(), each);
      }
    }
    held.clear();
  }

  // ---------------------------------------------------------------- taking

  @Override
  public @Nullable Delivery next(Duration patience) throws QueueException, InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    long asked = System.nanoTime();
    long deadline = asked + Durations.toNanos(patience);
    Held next;
    do {
      returnStale();
      long left = Math.max(0, deadline - System.nanoTime());
      next = this.<@Nullable Held>withBroker(null, current -> take(current, left));
      if (next == null && link == null && deadline - System.nanoTime() > 0) {
        Thread.sleep(Duration.ofNanos(Math.min(PAUSE.toNanos(), Math.max(1, left))));
      }
    } while (next == null && deadline - System.nanoTime() > 0);
    pace.took(System.nanoTime() - asked, next == null ? 0 : next.value().length);
    return next;
  }

  private @Nullable Held take(Link current, long patience)
      throws LostException, QueueException, InterruptedException {
    if (feed == null && !wasEmpty && pace.size() >= SHORT) {
      consume(current);
    }
    return feed == null ? get(current, patience) : receive(current, feed, patience);
  }

  private @Nullable Held get(Link current, long patience)
      throws LostException, QueueException, InterruptedException {
    if (wasEmpty || presence == null) {
      // this costs the broker less, and needs no presence
      if (current.ready(address.queue()) == 0) {
        wasEmpty = true;
        if (held.isEmpty()) {
          leave(current);
        }
        long pause = Math.min(patience, pollNanos);
        pollNanos = Math.min(MOST_POLL_NANOS, pollNanos + pollNanos / 4);
        TimeUnit.NANOSECONDS.sleep(pause);
        return null;
      }
    }
    pollNanos = LEAST_POLL_NANOS;
    appear(current);
    GetResponse got = current.call(() -> current.channel().basicGet(address.queue(), false));
    wasEmpty = got == null;
    return got == null
        ? null
        : hold(
            current,
            got.getEnvelope().getDeliveryTag(),
            got.getEnvelope().isRedeliver(),
            new Message(got.getProps(), got.getBody()));
  }

  /** Becomes a consumer, or has more sent in advance, if that is worthwhile. */
  private void consume(Link current) throws LostException, QueueException {
    Feed fed = feed == null ? new Feed(current.channel()) : feed;
    int wanted = Math.clamp((long) AHEAD * pace.size(), LEAST_AHEAD, MOST_AHEAD) + held.size();
    if (wanted >= 2 * fed.most) {
      appear(current);
      int more = wanted - fed.most;
      fed.tags.add(
          current.call(() -> {
            current.channel().basicQos(more);
            return current.channel().basicConsume(address.queue(), false, fed);
          }));
      fed.most = wanted;
    }
    feed = fed;
  }

  private @Nullable Held receive(Link current, Feed from, long patience)
      throws LostException, QueueException, InterruptedException {
    lastReceived = System.nanoTime();
    Arrival arrival = from.arrivals.poll();
    if (arrival == null) {
      consume(current);
      arrival = from.arrivals.poll(patience, TimeUnit.NANOSECONDS);
    }
    if (arrival != null) {
      lastArrival = System.nanoTime();
    }
    return switch (arrival) {
      case Arrival.Sent sent -> hold(current, sent.tag(), sent.again(), sent.message());
      case Arrival.End(String problem) ->
          throw new LostException(String.valueOf(problem), new IllegalStateException());
      case null -> null;
    };
  }

  /** Returns the item; null if the minion knows it already. */
  private @Nullable Held hold(Link current, long tag, boolean again, Message message)
      throws LostException, QueueException {
    Held known = again && message.isOwn() ? fromBefore.remove(message.id()) : null;
    if (known == null) {
      Held item = new Held(tag, message);
      held.put(tag, item);
      return item;
    }
    known.tag = tag;
    if (known.isEnded) {
      acknowledge(current, tag);
    } else {
      known.isLost = false;
      held.put(tag, known);
    }
    return null;
  }

  private static void acknowledge(Link current, long tag) throws LostException, QueueException {
    var _ =
        current.call(() -> {
          current.channel().basicAck(tag, false);
          return true;
        });
  }

  private void appear(Link current) throws LostException, QueueException {
    if (presence == null) {
      presence =
          current.call(() ->
              current
                  .channel()
                  .basicConsume(address.minions(), true, new DefaultConsumer(current.channel())));
    }
  }

  private void leave(Link current) throws LostException, QueueException {
    String tag = presence;
    if (tag != null && moving.get() == 0) {
      presence = null;
      var _ =
          current.call(() -> {
            current.channel().basicCancel(tag);
            return true;
          });
    }
  }

  // ---------------------------------------------------------------- giving back

  /** Gives back what the minion has no room for, as it has turned to longer items. */
  private void returnStale() throws QueueException, InterruptedException {
    if (feed != null
        && !feed.arrivals.isEmpty()
        && System.nanoTime() - lastReceived > STALE_NANOS) {
      var _ = withBroker(true, this::stopConsuming);
    }
  }

  /**
   * Ends the consumers; what they were sent goes back. The broker counts what is on its way to them
   * as delivered, so this is not done as often as there is nothing for a moment.
   */
  private boolean stopConsuming(Link current)
      throws LostException, QueueException, InterruptedException {
    Feed last = feed;
    if (last == null) {
      return true;
    }
    feed = null;
    var _ =
        current.call(() -> {
          for (String tag : last.tags) {
            current.channel().basicCancel(tag);
          }
          return true;
        });
    for (int ends = 0; ends < last.tags.size(); ) {
      switch (last.arrivals.take()) {
        case Arrival.End _ -> ends++;
        case Arrival.Sent sent -> {
          Held item = hold(current, sent.tag(), sent.again(), sent.message());
          if (item != null) {
            held.remove(item.tag);
            // as if it had not been delivered
            int count = item.message.count() - 1;
            move(item, address.queue(), item.message.again(count, null, null));
          }
        }
      }
    }
    return true;
  }

  /** Publishes the item elsewhere; when that is certain, it leaves the queue. */
  private void move(Held item, String queue, BasicProperties properties)
      throws LostException, QueueException, InterruptedException {
    Publisher to = publisher;
    if (to == null || !to.isOpen()) {
      if (to != null) {
        to.close();
      }
      to = Publisher.connect(address);
      publisher = to;
    }
    Link from = link;
    if (from == null) {
      return;
    }
    long tag = item.tag;
    moving.incrementAndGet();
    to.publish(
        queue,
        properties,
        item.value(),
        problem -> {
          try {
            if (problem == null) {
              from.channel().basicAck(tag, false);
            } else {
              from.channel().basicNack(tag, false, true);
              if (from.isOpen() && problem.startsWith("there is no queue")) {
                notMoved.set(problem);
              }
            }
          } catch (IOException | ShutdownSignalException _) {
            // the item is delivered again
          } finally {
            moving.decrementAndGet();
          }
        });
  }

  // ---------------------------------------------------------------- looking

  @Override
  public boolean isDrained() throws QueueException {
    if (!held.isEmpty() || moving.get() > 0) {
      return false;
    }
    try {
      return withBroker(false, this::hasNothingLeft);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private boolean hasNothingLeft(Link current)
      throws LostException, QueueException, InterruptedException {
    if (feed != null) {
      if (System.nanoTime() - lastArrival < QUIET.toNanos() || current.ready(address.queue()) > 0) {
        return false;
      }
      var _ = stopConsuming(current);
      wasEmpty = true;
    }
    if (moving.get() > 0 || System.nanoTime() - settled < 0) {
      return false;
    }
    leave(current);
    if (!isQuiet(current)) {
      return false;
    }
    // an item may have been on its way from where it waited
    Thread.sleep(QUIET);
    return isQuiet(current);
  }

  private boolean isQuiet(Link current) throws LostException, QueueException {
    return isEmpty(current) && current.consumers(address.minions()) == 0 && isEmpty(current);
  }

  private boolean isEmpty(Link current) throws LostException, QueueException {
    return current.ready(address.delay()) == 0 && current.ready(address.queue()) == 0;
  }

  @Override
  public QueueStats stats() throws QueueException {
    OptionalLong unknown = OptionalLong.empty();
    QueueStats nothing = new QueueStats(unknown, unknown, unknown, unknown, unknown);
    try {
      return withBroker(nothing, current -> RabbitQueues.stats(address, current));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return nothing;
    }
  }

  @Override
  public void close() throws QueueException {
    try {
      Link current = link;
      if (current != null && current.isOpen()) {
        var _ = stopConsuming(current);
      }
      if (publisher != null && !publisher.await(CLOSE_MILLIS)) {
        LOG.log(
            System.Logger.Level.WARNING,
            "RabbitMQ has not confirmed the last items of the queue {0}, so they are done again.",
            address.text());
      }
    } catch (LostException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "The connection to RabbitMQ for the queue {0} is lost: {1}. The last items are done again.",
          address.text(),
          e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (publisher != null) {
        publisher.close();
      }
      if (link != null) {
        // the broker gives the others what is left
        link.close();
      }
    }
  }

  // ---------------------------------------------------------------- items

  /** An item that this minion has. */
  private final class Held implements Delivery {
    private final Message message;

    // all only accessed by the thread of the queue
    private long tag;
    private boolean isLost;
    private boolean isEnded;

    Held(long tag, Message message) {
      this.tag = tag;
      this.message = message;
    }

    @Override
    public String id() {
      return message.id();
    }

    @Override
    public byte[] value() {
      return message.value();
    }

    @Override
    public int count() {
      return message.count();
    }

    @Override
    public Duration lease() {
      return lease;
    }

    /** The client tells the broker that it lives; this is the time to look after the rest. */
    @Override
    public void extend() throws QueueException {
      try {
        returnStale();
        var _ = withBroker(true, _ -> true);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private void end(Work<Boolean> work) throws QueueException {
      pace.ended(System.nanoTime());
      if (isEnded) {
        return;
      }
      isEnded = true;
      held.remove(tag);
      if (isLost) {
        return;
      }
      try {
        if (!withBroker(false, work)) {
          isLost = true;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void ack() throws QueueException {
      end(current -> {
        acknowledge(current, tag);
        return true;
      });
      if (isLost && message.isOwn()) {
        fromBefore.put(id(), this);
      }
    }

    @Override
    public void nack(Duration delay) throws QueueException {
      fromBefore.remove(id(), this);
      long millis = Math.ceilDiv(Durations.toNanos(delay), 1_000_000);
      end(current -> {
        if (millis == 0) {
          return current.call(() -> {
            current.channel().basicNack(tag, false, true);
            return true;
          });
        }
        move(this, address.delay(), message.again(count(), millis, null));
        return true;
      });
    }

    @Override
    public void dead(String reason) throws QueueException {
      fromBefore.remove(id(), this);
      end(current -> {
        move(this, address.dead(), message.again(count(), null, reason));
        return true;
      });
    }
  }
}
