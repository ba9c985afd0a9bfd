package dev.grain.rabbitmq;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.ShutdownSignalException;
import dev.grain.minion.BrokerLostException;
import dev.grain.minion.DeadLetter;
import dev.grain.minion.QueueAddress;
import dev.grain.minion.QueueEngine;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueProvider;
import dev.grain.minion.QueueSettings;
import dev.grain.minion.QueueStats;
import dev.grain.text.Durations;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The queues in RabbitMQ; see {@link RabbitQueue}. */
public final class RabbitQueues implements QueueProvider {
  private static final System.Logger LOG = System.getLogger("dev.grain.rabbitmq");

  /** The versions, as {@link Link#isAtLeast} has them, from which on queues have a setting. */
  private static final int WITH_TIMEOUT = 312;

  private static final int WITH_LIMIT = 400;
  private static final int NO_LIMIT = -1;
  private static final long CONFIRM_MILLIS = 60_000;

  /** Makes the provider. */
  public RabbitQueues() {}

  @Override
  public String scheme() {
    return "rabbitmq";
  }

  @Override
  public List<String> otherNames() {
    return List.of("amqp", "amqps");
  }

  /** Something that is done with a queue that exists. */
  private interface Work<T> {
    T with(RabbitAddress address, Link link) throws BrokerLostException, QueueException;
  }

  private static <T> T withQueue(QueueAddress address, QueueSettings settings, Work<T> work)
      throws QueueException {
    RabbitAddress place = RabbitAddress.of(address, settings);
    try (Link link = Link.of(place)) {
      link.ensureQueue();
      return work.with(place, link);
    } catch (BrokerLostException e) {
      throw Link.unreachable(place, e);
    }
  }

  // ---------------------------------------------------------------- for minions

  @Override
  public QueueEngine open(QueueAddress address, QueueSettings settings) throws QueueException {
    RabbitAddress place = RabbitAddress.of(address, settings);
    Link link = Link.of(place);
    boolean opened = false;
    try {
      link.ensureQueue();
      opened = true;
      return new RabbitQueue(place, link);
    } catch (BrokerLostException e) {
      throw Link.unreachable(place, e);
    } finally {
      if (!opened) {
        link.close();
      }
    }
  }

  // ---------------------------------------------------------------- for people

  @Override
  public void create(QueueAddress address, QueueSettings settings) throws QueueException {
    RabbitAddress place = RabbitAddress.of(address, settings);
    try (Link link = Link.of(place)) {
      boolean complete = true;
      for (String each : place.all()) {
        complete = complete && link.exists(each);
      }
      if (complete) {
        throw new QueueException(
            "There is a queue %s already. Add items with: grain queue fill %s"
                .formatted(place.text(), place.text()));
      }
      declare(link, place.dead(), Map.of());
      declare(link, place.minions(), Map.of());
      declare(link, place.delay(), deadLettersTo(place.queue()));
      if (!link.exists(place.queue())) {
        Map<String, Object> arguments = new HashMap<>(deadLettersTo(place.dead()));
        if (link.isAtLeast(WITH_TIMEOUT)) {
          arguments.put("x-consumer-timeout", place.longest().toMillis());
        } else {
          LOG.log(
              System.Logger.Level.WARNING,
              "Items of the queue {0} may take 30 minutes, unless the setting consumer_timeout of RabbitMQ says otherwise: before version 3.12, a queue has no limit of its own.",
              place.text());
        }
        // last, so that what has one is complete
        declare(link, place.queue(), arguments);
      }
    } catch (BrokerLostException e) {
      throw Link.unreachable(place, e);
    }
  }

  /** What the broker itself gives up goes to a queue, and is lost in no step. */
  private static Map<String, Object> deadLettersTo(String queue) {
    return Map.of(
        "x-dead-letter-exchange", "",
        "x-dead-letter-routing-key", queue,
        "x-dead-letter-strategy", "at-least-once",
        "x-overflow", "reject-publish");
  }

  private static void declare(Link link, String queue, Map<String, Object> more)
      throws BrokerLostException, QueueException {
    Map<String, Object> arguments = new HashMap<>(more);
    arguments.put("x-queue-type", "quorum");
    if (link.isAtLeast(WITH_LIMIT)) {
      // minions have a limit of their own, and looking at dead letters counts as a delivery
      arguments.put("x-delivery-limit", NO_LIMIT);
    }
    var _ = link.call(() -> link.channel().queueDeclare(queue, true, false, false, arguments));
  }

  @Override
  public long fill(QueueAddress address, QueueSettings settings, Iterator<byte[]> items)
      throws QueueException {
    return withQueue(
        address,
        settings,
        (place, _) -> {
          String batch = UUID.randomUUID().toString().substring(0, 13);
          AtomicLong added = new AtomicLong();
          AtomicReference<@Nullable String> problem = new AtomicReference<>();
          long number = 0;
          try (Publisher publisher = Publisher.connect(place)) {
            while (items.hasNext() && problem.get() == null) {
              byte[] value = items.next();
              Message message = Message.of(batch + "-" + ++number, value);
              publisher.publish(
                  place.queue(),
                  message.properties(),
                  value,
                  why -> {
                    if (why == null) {
                      added.incrementAndGet();
                    } else {
                      problem.compareAndSet(null, why);
                    }
                  });
            }
            if (!publisher.await(CONFIRM_MILLIS)) {
              problem.compareAndSet(
                  null,
                  "it has not confirmed the last of them for %s"
                      .formatted(Durations.readable(Duration.ofMillis(CONFIRM_MILLIS))));
            }
          } catch (BrokerLostException e) {
            problem.compareAndSet(null, e.getMessage());
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            problem.compareAndSet(null, "the thread was interrupted");
          }
          String why = problem.get();
          if (why != null) {
            throw new QueueException(
                "RabbitMQ has not taken all items of the queue %s: %s. %s items were added%s."
                    .formatted(place.text(), why, added.get(), advice(why)));
          }
          return added.get();
        });
  }

  private static String advice(String why) {
    return why.contains("larger than")
        ? "; the broker's setting max_message_size says how large an item may be"
        : "";
  }

  @Override
  public QueueStats stat(QueueAddress address, QueueSettings settings) throws QueueException {
    return withQueue(address, settings, RabbitQueues::stats);
  }

  /**
   * Counts. The broker does not tell how many items minions have, but whether there are minions.
   */
  static QueueStats stats(RabbitAddress place, Link link)
      throws BrokerLostException, QueueException {
    long ready = link.ready(place.queue());
    long delayed = link.ready(place.delay());
    long minions = link.consumers(place.minions());
    return new QueueStats(
        OptionalLong.of(ready),
        minions == 0 ? OptionalLong.of(delayed) : OptionalLong.empty(),
        OptionalLong.empty(),
        OptionalLong.of(link.ready(place.dead())),
        OptionalLong.of(minions));
  }

  @Override
  public void dead(QueueAddress address, QueueSettings settings, Consumer<DeadLetter> receiver)
      throws QueueException {
    var _ =
        withQueue(
            address,
            settings,
            (place, link) -> {
              // not acknowledged, so all of them go back when the connection is closed
              for (long left = link.ready(place.dead()); left > 0; left--) {
                GetResponse got = link.call(() -> link.channel().basicGet(place.dead(), false));
                if (got == null) {
                  break;
                }
                Message message = new Message(got.getProps(), got.getBody());
                receiver.accept(
                    new DeadLetter(
                        message.id(), message.value(), message.counted(), message.reason()));
              }
              return true;
            });
  }

  @Override
  public long requeue(QueueAddress address, QueueSettings settings) throws QueueException {
    return withQueue(
        address,
        settings,
        (place, link) -> {
          AtomicLong requeued = new AtomicLong();
          AtomicReference<@Nullable String> problem = new AtomicReference<>();
          Channel channel = link.channel();
          try (Publisher publisher = Publisher.connect(place)) {
            // those that come meanwhile are for the next time
            for (long left = link.ready(place.dead()); left > 0 && problem.get() == null; left--) {
              GetResponse got = link.call(() -> channel.basicGet(place.dead(), false));
              if (got == null) {
                break;
              }
              Message message = new Message(got.getProps(), got.getBody());
              long tag = got.getEnvelope().getDeliveryTag();
              publisher.publish(
                  place.queue(),
                  message.again(0, null, null),
                  message.value(),
                  why -> {
                    try {
                      if (why == null) {
                        channel.basicAck(tag, false);
                        requeued.incrementAndGet();
                      } else {
                        problem.compareAndSet(null, why);
                      }
                    } catch (IOException | ShutdownSignalException e) {
                      problem.compareAndSet(null, Link.reason(e));
                    }
                  });
            }
            if (!publisher.await(CONFIRM_MILLIS)) {
              problem.compareAndSet(null, "it does not confirm them");
            }
            link.awaitAcknowledged();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            problem.compareAndSet(null, "the thread was interrupted");
          }
          if (problem.get() != null) {
            throw new QueueException(
                "RabbitMQ has not taken back all dead letters of the queue %s: %s. %s were requeued."
                    .formatted(place.text(), problem.get(), requeued.get()));
          }
          return requeued.get();
        });
  }

  @Override
  public void purge(QueueAddress address, QueueSettings settings) throws QueueException {
    var _ =
        withQueue(
            address,
            settings,
            (place, link) -> {
              for (String each : place.all()) {
                var _ = link.call(() -> link.channel().queueDelete(each));
              }
              return true;
            });
  }
}
