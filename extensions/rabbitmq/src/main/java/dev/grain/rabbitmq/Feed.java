package dev.grain.rabbitmq;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import dev.grain.minion.BrokerLostException;
import dev.grain.minion.QueueException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The messages that the broker sends to a minion in advance, as long as the minion takes them. They
 * come to consumers of the queue; there are several when one alone was sent too little, as how much
 * that is cannot be changed. For the thread of the queue.
 */
final class Feed {
  private static final long STALE_NANOS = 1_000_000_000;

  /** When nothing has come for this time, nothing is on its way. */
  private static final long QUIET_NANOS = 50_000_000;

  private final Link link;
  private final String queue;
  private final Inbox inbox;

  // all only accessed by the thread of the queue
  private final List<String> tags = new ArrayList<>();
  private int most;
  private long lastAsked = System.nanoTime();
  private long lastArrival = System.nanoTime();

  /** What comes from the broker. */
  private sealed interface Event {
    record Sent(Arrival arrival) implements Event {}

    /** Nothing comes any more; for a reason if it was not wanted. */
    record End(@Nullable String problem) implements Event {}
  }

  private static final class Inbox extends DefaultConsumer {
    // filled by a thread of the client
    private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();

    Inbox(Channel channel) {
      super(channel);
    }

    @Override
    public void handleDelivery(
        String tag, Envelope envelope, BasicProperties properties, byte[] body) {
      events.add(
          new Event.Sent(
              new Arrival(
                  envelope.getDeliveryTag(),
                  envelope.isRedeliver(),
                  new Message(properties, body))));
    }

    @Override
    public void handleCancelOk(String tag) {
      events.add(new Event.End(null));
    }

    @Override
    public void handleCancel(String tag) {
      events.add(new Event.End("the broker has cancelled the consumer"));
    }

    @Override
    public void handleShutdownSignal(String tag, ShutdownSignalException signal) {
      events.add(new Event.End(Link.reason(signal)));
    }
  }

  /** Makes one to which nothing is sent yet. */
  Feed(Link link, String queue) {
    this.link = link;
    this.queue = queue;
    this.inbox = new Inbox(link.channel());
  }

  /** Has up to so many sent in advance, if that is many more than before. */
  void widen(int wanted) throws BrokerLostException, QueueException {
    if (wanted >= 2 * most) {
      int more = wanted - most;
      tags.add(
          link.call(() -> {
            link.channel().basicQos(more);
            return link.channel().basicConsume(queue, false, inbox);
          }));
      most = wanted;
    }
  }

  /** Returns whether nothing has come that the minion could take. */
  boolean isEmpty() {
    return inbox.events.isEmpty();
  }

  /**
   * Returns the next message; null if none comes in time.
   *
   * @throws BrokerLostException if nothing comes any more
   */
  @Nullable Arrival next(long patience) throws BrokerLostException, InterruptedException {
    try {
      return poll(patience);
    } finally {
      // waiting for one is no sign of longer items
      lastAsked = System.nanoTime();
    }
  }

  private @Nullable Arrival poll(long patience) throws BrokerLostException, InterruptedException {
    return switch (inbox.events.poll(patience, TimeUnit.NANOSECONDS)) {
      case Event.Sent(Arrival arrival) -> {
        lastArrival = System.nanoTime();
        yield arrival;
      }
      case Event.End(String problem) ->
          throw new BrokerLostException(String.valueOf(problem), new IllegalStateException());
      case null -> null;
    };
  }

  /** Returns whether the minion does not take what is sent, as it works on longer items. */
  boolean isStale() {
    return System.nanoTime() - lastAsked > STALE_NANOS;
  }

  /** Returns whether nothing has come for a while. */
  boolean isQuiet() {
    return isEmpty() && System.nanoTime() - lastArrival >= QUIET_NANOS;
  }

  /**
   * Ends the consumers, and returns what they were sent.
   *
   * <p>What is on its way to a consumer that ends goes back to the queue, and the broker counts it
   * as delivered. So this waits before until nothing has come for a while.
   */
  List<Arrival> stop() throws BrokerLostException, QueueException, InterruptedException {
    List<Arrival> sent = new ArrayList<>();
    for (Arrival next = poll(QUIET_NANOS); next != null; next = poll(QUIET_NANOS)) {
      sent.add(next);
    }
    var _ =
        link.call(() -> {
          for (String tag : tags) {
            link.channel().basicCancel(tag);
          }
          return true;
        });
    for (int ends = 0; ends < tags.size(); ) {
      switch (inbox.events.take()) {
        case Event.End _ -> ends++;
        case Event.Sent(Arrival late) -> sent.add(late);
      }
    }
    return sent;
  }
}
