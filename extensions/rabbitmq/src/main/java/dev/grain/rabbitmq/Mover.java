package dev.grain.rabbitmq;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.ShutdownSignalException;
import dev.grain.minion.BrokerLostException;
import dev.grain.minion.QueueException;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Moves messages from the queue to where they wait for the end of a delay, to the dead letters, or
 * to the end of the queue. A message is published there first, and acknowledged when the broker has
 * confirmed that. For the thread of the queue.
 */
final class Mover implements AutoCloseable {
  private final RabbitAddress address;
  // set by a thread of the client
  private final AtomicReference<@Nullable String> problem = new AtomicReference<>();

  // only accessed by the thread of the queue
  private @Nullable Publisher publisher;

  /** Makes one that connects when there is something to move. */
  Mover(RabbitAddress address) {
    this.address = address;
  }

  /**
   * Ensures that messages can be moved.
   *
   * @throws QueueException if one could not, as a queue is missing; it is delivered again
   */
  void ensureWell() throws QueueException {
    String why = problem.get();
    if (why != null) {
      throw new QueueException(
          "An item of the queue %s could not be put aside, and stays in the queue: %s. Create what is missing with: grain queue create %s"
              .formatted(address.text(), why, address.text()));
    }
  }

  /**
   * Moves a message.
   *
   * @param tag of its delivery
   * @param from where it was delivered
   * @param queue where it goes
   * @param properties of the message that takes its place
   */
  void move(long tag, Link from, String queue, BasicProperties properties, byte[] value)
      throws BrokerLostException, QueueException, InterruptedException {
    connected()
        .publish(
            queue,
            properties,
            value,
            why -> {
              try {
                if (why == null) {
                  from.channel().basicAck(tag, false);
                } else {
                  from.channel().basicNack(tag, false, true);
                  if (from.isOpen() && Publisher.isMissingQueue(why)) {
                    problem.set(why);
                  }
                }
              } catch (IOException | ShutdownSignalException _) {
                // the item is delivered again
              }
            });
  }

  private Publisher connected() throws BrokerLostException, QueueException {
    Publisher current = publisher;
    if (current != null && current.isOpen()) {
      return current;
    }
    if (current != null) {
      current.close();
    }
    Publisher next = Publisher.connect(address);
    publisher = next;
    return next;
  }

  /** Returns whether the broker has confirmed, or lost, all that was moved. */
  boolean isIdle() {
    return publisher == null || publisher.unconfirmed() == 0;
  }

  /** Waits until this is idle; returns false if that took too long. */
  boolean await(long millis) throws InterruptedException {
    return publisher == null || publisher.await(millis);
  }

  @Override
  public void close() {
    if (publisher != null) {
      publisher.close();
    }
  }
}
