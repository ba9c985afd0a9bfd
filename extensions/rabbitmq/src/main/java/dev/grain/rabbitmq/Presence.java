package dev.grain.rabbitmq;

import com.rabbitmq.client.DefaultConsumer;
import dev.grain.minion.BrokerLostException;
import dev.grain.minion.QueueException;
import org.jspecify.annotations.Nullable;

/**
 * Shows others that a minion has items, or is about to take some: the minion is a consumer of the
 * queue that counts minions then. As it becomes one before it takes an item, whoever finds no items
 * and no such consumers knows that nothing is left. For the thread of the queue.
 */
final class Presence {
  private final Link link;
  private final String minions;

  // only accessed by the thread of the queue
  private @Nullable String tag;

  /** Makes one that nobody sees yet. It ends with the connection. */
  Presence(Link link, String minions) {
    this.link = link;
    this.minions = minions;
  }

  boolean isShown() {
    return tag != null;
  }

  void show() throws BrokerLostException, QueueException {
    if (tag == null) {
      tag =
          link.call(() ->
              link.channel().basicConsume(minions, true, new DefaultConsumer(link.channel())));
    }
  }

  void hide() throws BrokerLostException, QueueException {
    String shown = tag;
    if (shown != null) {
      tag = null;
      var _ =
          link.call(() -> {
            link.channel().basicCancel(shown);
            return true;
          });
    }
  }
}
