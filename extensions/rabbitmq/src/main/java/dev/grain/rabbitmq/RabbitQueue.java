package dev.grain.rabbitmq;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.GetResponse;
import dev.grain.minion.BrokerLostException;
import dev.grain.minion.DeliveredItem;
import dev.grain.minion.Outage;
import dev.grain.minion.Pace;
import dev.grain.minion.QueueEngine;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueStats;
import dev.grain.text.Durations;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A minion's side of a queue in RabbitMQ.
 *
 * <p>Long items are asked for one by one. For short ones, the minion becomes a consumer, to which
 * the broker sends some in advance ({@link Feed}); when they turn out long, the consumer is
 * cancelled, and what has not begun goes back.
 *
 * <p>While the minion has items, or is about to take some, others see it ({@link Presence}).
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

  private static final long CLOSE_MILLIS = 5_000;

  /** If the pace is this, items are so short that asking for each would take longer than they. */
  private static final int SHORT = 4;

  /** How many the broker sends in advance, in items of the pace, and within bounds. */
  private static final int AHEAD = 4;

  private static final int LEAST_AHEAD = 32;
  private static final int MOST_AHEAD = 1000;

  private final RabbitAddress address;
  private final Outage outage;
  private final Mover mover;

  // all only accessed by the thread of the queue
  private final Pace pace = new Pace();
  private final Map<Long, Held> held = new HashMap<>();
  private final Map<String, Held> fromBefore = new HashMap<>();
  private @Nullable Session session;
  private boolean wasEmpty;
  private long pollNanos = LEAST_POLL_NANOS;
  private long settled = System.nanoTime();

  /** A connection, and what ends with it. */
  private static final class Session {
    private final Link link;
    private final Presence presence;
    // only accessed by the thread of the queue
    private @Nullable Feed feed;

    Session(RabbitAddress address, Link link) {
      this.link = link;
      this.presence = new Presence(link, address.minions());
    }
  }

  RabbitQueue(RabbitAddress address, Link link) {
    this.address = address;
    this.outage = new Outage(Link.BROKER, address.text(), address.outage());
    this.mover = new Mover(address);
    this.session = new Session(address, link);
  }

  // ---------------------------------------------------------------- the connection

  /** Something that is done with the broker. */
  private interface Work<T extends @Nullable Object> {
    T with(Session session) throws BrokerLostException, QueueException, InterruptedException;
  }

  /** Does something; returns what is given if the broker is away. */
  private <T extends @Nullable Object> T withBroker(T otherwise, Work<T> work)
      throws QueueException, InterruptedException {
    mover.ensureWell();
    try {
      T result = work.with(connected());
      outage.over();
      return result;
    } catch (BrokerLostException e) {
      forget();
      if (outage.isTooLong(e.reason())) {
        throw Link.unreachable(address, e);
      }
      return otherwise;
    }
  }

  private Session connected() throws BrokerLostException, QueueException {
    Session current = session;
    if (current == null) {
      current = new Session(address, Link.connect(address));
      session = current;
      current.link.ensureQueue();
      settled = System.nanoTime() + SETTLING.toNanos();
    }
    current.link.ensureOpen();
    return current;
  }

  /** The broker has given back everything. */
  private void forget() {
    if (session != null) {
      session.link.close();
      session = null;
    }
    fromBefore.values().removeIf(each -> each.isOver());
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
      if (next == null && session == null && deadline - System.nanoTime() > 0) {
        Thread.sleep(Duration.ofNanos(Math.min(PAUSE.toNanos(), Math.max(1, left))));
      }
    } while (next == null && deadline - System.nanoTime() > 0);
    pace.took(System.nanoTime() - asked, next == null ? 0 : next.value().length);
    return next;
  }

  private @Nullable Held take(Session current, long patience)
      throws BrokerLostException, QueueException, InterruptedException {
    Feed feed = current.feed;
    if (feed == null && !wasEmpty && pace.size() >= SHORT) {
      feed = new Feed(current.link, address.queue());
      widen(current, feed);
      current.feed = feed;
    }
    if (feed == null) {
      return get(current, patience);
    }
    if (feed.isEmpty()) {
      widen(current, feed);
    }
    Arrival arrival = feed.next(patience);
    return arrival == null ? null : hold(current, arrival);
  }

  /** Has items sent in advance, or more of them. */
  private void widen(Session current, Feed feed) throws BrokerLostException, QueueException {
    current.presence.show();
    feed.widen(Math.clamp((long) AHEAD * pace.size(), LEAST_AHEAD, MOST_AHEAD) + held.size());
  }

  private @Nullable Held get(Session current, long patience)
      throws BrokerLostException, QueueException, InterruptedException {
    if (wasEmpty || !current.presence.isShown()) {
      // this costs the broker less, and needs no presence
      if (current.link.ready(address.queue()) == 0) {
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
    current.presence.show();
    GetResponse got =
        current.link.call(() -> current.link.channel().basicGet(address.queue(), false));
    wasEmpty = got == null;
    return got == null
        ? null
        : hold(
            current,
            new Arrival(
                got.getEnvelope().getDeliveryTag(),
                got.getEnvelope().isRedeliver(),
                new Message(got.getProps(), got.getBody())));
  }

  /** Returns the item; null if the minion knows it already. */
  private @Nullable Held hold(Session current, Arrival arrival)
      throws BrokerLostException, QueueException {
    Message message = arrival.message();
    Held known = arrival.again() && message.isOwn() ? fromBefore.remove(message.id()) : null;
    if (known == null) {
      Held item = new Held(arrival.tag(), message);
      held.put(arrival.tag(), item);
      return item;
    }
    known.tag = arrival.tag();
    if (known.isOver()) {
      current.link.acknowledge(arrival.tag());
    } else {
      known.isLost = false;
      held.put(arrival.tag(), known);
    }
    return null;
  }

  private void leave(Session current) throws BrokerLostException, QueueException {
    if (mover.isIdle()) {
      current.presence.hide();
    }
  }

  // ---------------------------------------------------------------- giving back

  /** Gives back what the minion has no room for, as it has turned to longer items. */
  private void returnStale() throws QueueException, InterruptedException {
    if (session != null && session.feed != null && session.feed.isStale()) {
      var _ =
          withBroker(
              true,
              current -> {
                returnAhead(current);
                return true;
              });
    }
  }

  /** Has nothing sent in advance any more; what was sent goes back, as if it had not been. */
  private void returnAhead(Session current)
      throws BrokerLostException, QueueException, InterruptedException {
    Feed last = current.feed;
    if (last == null) {
      return;
    }
    current.feed = null;
    for (Arrival each : last.stop()) {
      Held item = hold(current, each);
      if (item != null) {
        held.remove(item.tag);
        move(current, item, address.queue(), item.message.again(item.count() - 1, null, null));
      }
    }
  }

  private void move(Session from, Held item, String queue, BasicProperties properties)
      throws BrokerLostException, QueueException, InterruptedException {
    mover.move(item.tag, from.link, queue, properties, item.value());
  }

  // ---------------------------------------------------------------- looking

  @Override
  public boolean isDrained() throws QueueException {
    if (!held.isEmpty() || !mover.isIdle()) {
      return false;
    }
    try {
      return withBroker(false, this::hasNothingLeft);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private boolean hasNothingLeft(Session current)
      throws BrokerLostException, QueueException, InterruptedException {
    if (current.feed != null) {
      if (!current.feed.isQuiet() || current.link.ready(address.queue()) > 0) {
        return false;
      }
      returnAhead(current);
      wasEmpty = true;
    }
    if (!mover.isIdle() || System.nanoTime() - settled < 0) {
      return false;
    }
    leave(current);
    if (!isQuiet(current.link)) {
      return false;
    }
    // an item may have been on its way from where it waited
    Thread.sleep(QUIET);
    return isQuiet(current.link);
  }

  private boolean isQuiet(Link link) throws BrokerLostException, QueueException {
    return isEmpty(link) && link.consumers(address.minions()) == 0 && isEmpty(link);
  }

  private boolean isEmpty(Link link) throws BrokerLostException, QueueException {
    return link.ready(address.delay()) == 0 && link.ready(address.queue()) == 0;
  }

  @Override
  public QueueStats stats() throws QueueException {
    try {
      return withBroker(QueueStats.UNKNOWN, current -> RabbitQueues.stats(address, current.link));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return QueueStats.UNKNOWN;
    }
  }

  @Override
  public void close() throws QueueException {
    Session current = session;
    try {
      if (current != null && current.link.isOpen()) {
        returnAhead(current);
      }
      if (!mover.await(CLOSE_MILLIS)) {
        LOG.log(
            System.Logger.Level.WARNING,
            "RabbitMQ has not confirmed the last items of the queue {0}, so they are done again.",
            address.text());
      }
      if (current != null && current.link.isOpen()) {
        current.link.awaitAcknowledged();
      }
    } catch (BrokerLostException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "The connection to RabbitMQ for the queue {0} is lost: {1}. The last items are done again.",
          address.text(),
          e.reason());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      mover.close();
      if (current != null) {
        // the broker gives the others what is left
        current.link.close();
      }
    }
  }

  // ---------------------------------------------------------------- items

  /** An item that this minion has. */
  private final class Held extends DeliveredItem {
    private final Message message;

    // both only accessed by the thread of the queue
    private long tag;
    private boolean isLost;

    Held(long tag, Message message) {
      super(message.id(), message.value(), message.count(), address.lease());
      this.tag = tag;
      this.message = message;
    }

    boolean isOver() {
      return hasEnded();
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
      end();
      pace.ended(System.nanoTime());
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
        current.link.acknowledge(tag);
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
          current.link.giveBack(tag);
        } else {
          move(current, this, address.delay(), message.again(count(), millis, null));
        }
        return true;
      });
    }

    @Override
    public void dead(String reason) throws QueueException {
      fromBefore.remove(id(), this);
      end(current -> {
        move(current, this, address.dead(), message.again(count(), null, reason));
        return true;
      });
    }
  }
}
