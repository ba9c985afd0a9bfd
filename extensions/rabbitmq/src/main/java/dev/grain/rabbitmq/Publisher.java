package dev.grain.rabbitmq;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import dev.grain.minion.BrokerLostException;
import dev.grain.minion.QueueException;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Publishes messages, and tells for each whether the broker has it for sure. It has a connection of
 * its own, because a broker that is short of memory stops to read from those who publish. One
 * thread publishes; outcomes are told by a thread of the client.
 */
final class Publisher implements AutoCloseable {
  private static final String NUMBER = "grain-number";
  private static final String NO_QUEUE = "there is no queue ";
  private static final int MOST = 1000;
  private static final long MOST_BYTES = 16 << 20;

  private final Link link;
  private final Channel channel;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition fewer = lock.newCondition();

  // all with the lock
  private final NavigableMap<Long, Sent> sent = new TreeMap<>();
  private final Map<Long, String> returned = new HashMap<>();
  private long bytes;

  /** What the broker has not confirmed. */
  private record Sent(int bytes, Consumer<@Nullable String> outcome) {}

  private Publisher(Link link) {
    this.link = link;
    this.channel = link.channel();
  }

  static Publisher connect(RabbitAddress address) throws BrokerLostException, QueueException {
    Link link = Link.connect(address);
    boolean ready = false;
    try {
      Publisher publisher = new Publisher(link);
      publisher.listen();
      ready = true;
      return publisher;
    } finally {
      if (!ready) {
        link.close();
      }
    }
  }

  private void listen() throws BrokerLostException, QueueException {
    channel.addReturnListener(back -> {
      // this comes before the confirmation
      if (back.getProperties().getHeaders().get(NUMBER) instanceof Long number) {
        lock.lock();
        try {
          returned.put(number, NO_QUEUE + back.getRoutingKey());
        } finally {
          lock.unlock();
        }
      }
    });
    var _ =
        channel.addConfirmListener(
            (number, more) -> end(number, more, null),
            (number, more) -> end(number, more, "RabbitMQ has no room for it"));
    channel.addShutdownListener(signal -> endAll(Link.reason(signal)));
    var _ = link.call(channel::confirmSelect);
  }

  /** Returns whether this is why a message was not taken: where it should go does not exist. */
  static boolean isMissingQueue(String problem) {
    return problem.startsWith(NO_QUEUE);
  }

  boolean isOpen() {
    return link.isOpen();
  }

  /**
   * Publishes a message. Waits while many are not confirmed.
   *
   * @param outcome is told null when the broker has the message, else why it may not have it; it
   *     does not publish
   */
  void publish(
      String queue, BasicProperties properties, byte[] value, Consumer<@Nullable String> outcome)
      throws BrokerLostException, QueueException, InterruptedException {
    long number;
    lock.lockInterruptibly();
    try {
      while (sent.size() >= MOST || (bytes > MOST_BYTES && !sent.isEmpty())) {
        fewer.await();
      }
      number = channel.getNextPublishSeqNo();
      sent.put(number, new Sent(value.length, outcome));
      bytes += value.length;
    } finally {
      lock.unlock();
    }
    Map<String, Object> headers = new HashMap<>();
    if (properties.getHeaders() != null) {
      headers.putAll(properties.getHeaders());
    }
    headers.put(NUMBER, number);
    BasicProperties all = properties.builder().headers(headers).build();
    try {
      var _ =
          link.call(() -> {
            channel.basicPublish("", queue, true, all, value);
            return true;
          });
    } catch (BrokerLostException e) {
      endAll(Link.reason(e));
      throw e;
    }
  }

  private void end(long number, boolean more, @Nullable String problem) {
    lock.lock();
    try {
      NavigableMap<Long, Sent> ended =
          more ? sent.headMap(number, true) : sent.subMap(number, true, number, true);
      for (Map.Entry<Long, Sent> each : ended.entrySet()) {
        bytes -= each.getValue().bytes();
        String back = returned.remove(each.getKey());
        each.getValue().outcome().accept(back == null ? problem : back);
      }
      ended.clear();
      fewer.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void endAll(String problem) {
    end(Long.MAX_VALUE, true, problem);
  }

  /**
   * Waits until the outcomes of all are known.
   *
   * @return false if that took too long
   */
  boolean await(long millis) throws InterruptedException {
    long left = TimeUnit.MILLISECONDS.toNanos(millis);
    lock.lockInterruptibly();
    try {
      while (!sent.isEmpty() && left > 0) {
        left = fewer.awaitNanos(left);
      }
      return sent.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Returns what the broker has not confirmed. */
  int unconfirmed() {
    lock.lock();
    try {
      return sent.size();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    link.close();
    // in case that the client has not said it yet
    endAll("the connection was closed");
  }
}
