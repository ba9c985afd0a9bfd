package dev.grain.node.isolated;

import dev.grain.message.Message;
import dev.grain.message.Order;
import dev.grain.session.MessageStream;
import dev.grain.session.WireException;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * The connection of a worker with one of its JVMs: a stream for orders and for what becomes of
 * them, and one for requests beside them. Any thread writes; one thread serves.
 */
final class JvmConnection implements AutoCloseable {
  /** A failure may be larger than a result is allowed to be. */
  private static final long LEAST_VALUE = 16L << 20;

  private final MessageStream orders;
  private final MessageStream requests;

  JvmConnection(MessageStream orders, MessageStream requests) {
    this.orders = orders;
    this.requests = requests;
  }

  /** Receives what a JVM reports; on the thread that serves. */
  interface Receiver {
    /** A job has printed something. */
    void printed(Message.Output output);

    /** It takes no further job. */
    void draining();

    /** A job has ended. */
    void ended(Message.Ended ended);
  }

  /**
   * Waits for a JVM to connect.
   *
   * @param resultLimit how many bytes a result may take
   * @throws java.nio.channels.ClosedChannelException if the channel is closed meanwhile
   */
  static JvmConnection accept(ServerSocketChannel server, long resultLimit) throws IOException {
    long mostValue = Math.max(resultLimit, LEAST_VALUE);
    // the JVM opens them in this order
    MessageStream orders = new MessageStream(server.accept(), mostValue);
    try {
      return new JvmConnection(orders, new MessageStream(server.accept(), mostValue));
    } catch (IOException | RuntimeException | Error e) {
      orders.close();
      throw e;
    }
  }

  /**
   * Passes on what the JVM reports, until the connection ends.
   *
   * @return what went wrong here, so that the JVM is of no more use though it may run; null if the
   *     connection has ended
   */
  @Nullable String serve(Receiver receiver) {
    try {
      for (Message next = orders.read(); next != null; next = orders.read()) {
        switch (next) {
          case Message.Output output -> receiver.printed(output);
          case Message.Draining _ -> receiver.draining();
          case Message.Ended ended -> receiver.ended(ended);
          case Message.ToNode _, Message.ToHead _ -> {
            return "it sent an unexpected message: " + next;
          }
        }
      }
    } catch (WireException e) {
      return "it sent no message: " + e.getMessage();
    } catch (IOException e) {
      return null;
    } catch (RuntimeException | Error e) {
      return e.toString();
    }
    return null;
  }

  /** Sends an order; does nothing if the JVM has ended, which the thread that serves sees, too. */
  void order(Order order) {
    write(order, orders);
  }

  /** Requests something beside the orders; does nothing if the JVM has ended. */
  void request(Message message) {
    write(message, requests);
  }

  private static void write(Message message, MessageStream to) {
    try {
      to.write(message);
    } catch (IOException e) {
      // it has ended
    }
  }

  /** Closes it, whereupon the JVM ends. */
  @Override
  public void close() {
    for (MessageStream each : new MessageStream[] {orders, requests}) {
      try {
        each.close();
      } catch (IOException e) {
        // it is not needed any more
      }
    }
  }
}
