package dev.grain.rabbitmq;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Address;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.Method;
import com.rabbitmq.client.PossibleAuthenticationFailureException;
import com.rabbitmq.client.ShutdownSignalException;
import dev.grain.minion.BrokerLostException;
import dev.grain.minion.QueueException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A connection to the broker that has the queue, with a channel. */
final class Link implements AutoCloseable {
  /** What people call the broker. */
  static final String BROKER = "RabbitMQ";

  private static final int CONNECT_TIMEOUT_MILLIS = 5_000;
  private static final int ANSWER_TIMEOUT_MILLIS = 30_000;
  private static final int CLOSE_TIMEOUT_MILLIS = 2_000;
  private static final Duration PUT_OFF = Duration.ofMillis(50);
  private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+).*");

  private final RabbitAddress address;
  private final Connection connection;
  private final Channel channel;
  private final int version;

  /** Something that the client does. */
  interface Call<T> {
    T call() throws IOException;
  }

  private Link(RabbitAddress address, Connection connection, Channel channel, int version) {
    this.address = address;
    this.connection = connection;
    this.channel = channel;
    this.version = version;
  }

  /**
   * Connects to the first host that serves.
   *
   * @throws BrokerLostException if none does now
   * @throws QueueException if that will not change by itself
   */
  static Link connect(RabbitAddress address) throws BrokerLostException, QueueException {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setUsername(address.user());
    factory.setPassword(address.password());
    factory.setVirtualHost(address.host());
    // what is in flight is known only to the queue, which therefore connects again itself
    factory.setAutomaticRecoveryEnabled(false);
    factory.setConnectionTimeout(CONNECT_TIMEOUT_MILLIS);
    factory.setChannelRpcTimeout(ANSWER_TIMEOUT_MILLIS);
    // the broker drops who misses two
    factory.setRequestedHeartbeat(Math.clamp(address.lease().toSeconds() / 2, 1, 60));
    factory.setMaxInboundMessageBodySize(Integer.MAX_VALUE);
    factory.setThreadFactory(Thread.ofPlatform().daemon().name("grain-rabbitmq-", 0).factory());
    if (address.tls() != null) {
      factory.useSslProtocol(address.tls());
      factory.enableHostnameVerification();
    }
    List<Address> hosts =
        address.broker().hosts().stream()
            .map(host -> new Address(host.name(), host.port()))
            .toList();
    Connection connection;
    try {
      connection = factory.newConnection(hosts, "grain-minion " + ProcessHandle.current().pid());
    } catch (PossibleAuthenticationFailureException e) {
      throw new QueueException(denied(address, e), e);
    } catch (IOException | TimeoutException e) {
      ShutdownSignalException refusal = refusal(e);
      if (refusal != null && refusal.getReason() instanceof AMQP.Connection.Close close) {
        throw new QueueException(refused(address, close), e);
      }
      throw new BrokerLostException(reason(e), e);
    }
    boolean opened = false;
    try {
      int version = version(address, connection);
      Channel channel = connection.createChannel();
      if (channel == null) {
        throw new QueueException(
            "RabbitMQ has no more channels for the queue %s. Raise its setting channel_max."
                .formatted(address.text()));
      }
      opened = true;
      return new Link(address, connection, channel, version);
    } catch (IOException | AlreadyClosedException e) {
      throw new BrokerLostException(reason(e), e);
    } finally {
      if (!opened) {
        connection.abort(CLOSE_TIMEOUT_MILLIS);
      }
    }
  }

  /** Connects, for a command that is not repeated. */
  static Link of(RabbitAddress address) throws QueueException {
    try {
      return connect(address);
    } catch (BrokerLostException e) {
      throw unreachable(address, e);
    }
  }

  private static int version(RabbitAddress address, Connection connection) throws QueueException {
    String told = String.valueOf(connection.getServerProperties().get("version"));
    Matcher matcher = VERSION.matcher(told);
    if (!matcher.matches()) {
      return Integer.MAX_VALUE;
    }
    int version = 100 * Integer.parseInt(matcher.group(1)) + Integer.parseInt(matcher.group(2));
    if (version < 310) {
      throw new QueueException(
          "The queue %s needs RabbitMQ 3.10 or later, but the broker is RabbitMQ %s. Upgrade it."
              .formatted(address.text(), told));
    }
    return version;
  }

  // ---------------------------------------------------------------- what went wrong

  static QueueException unreachable(RabbitAddress address, BrokerLostException e) {
    return e.unreachable(BROKER, address.text(), address.tls() != null);
  }

  private static String denied(RabbitAddress address, Exception e) {
    return ("RabbitMQ does not let the user '%s' log in for the queue %s: %s. Give user and password in"
            + " the address, rabbitmq://USER:PASSWORD@HOST/QUEUE, or in RABBITMQ_USERNAME and"
            + " RABBITMQ_PASSWORD; guest may log in from the machine of the broker only.")
        .formatted(
            address.user(),
            address.text(),
            e instanceof AuthenticationFailureException
                ? "the password is wrong, or there is no such user"
                : reason(e));
  }

  private static String refused(RabbitAddress address, AMQP.Connection.Close close) {
    return "RabbitMQ refuses the connection for the queue %s: %s. Check the virtual host '%s' and the permissions of the user '%s'."
        .formatted(address.text(), close.getReplyText(), address.host(), address.user());
  }

  private static @Nullable ShutdownSignalException refusal(@Nullable Throwable e) {
    for (Throwable each = e; each != null; each = each.getCause()) {
      if (each instanceof ShutdownSignalException signal) {
        return signal;
      }
    }
    return null;
  }

  /** Returns in a few words why something has failed. */
  static String reason(Throwable e) {
    ShutdownSignalException signal = refusal(e);
    if (signal != null) {
      Method method = signal.getReason();
      if (method instanceof AMQP.Channel.Close close) {
        return close.getReplyText();
      }
      if (method instanceof AMQP.Connection.Close close) {
        return close.getReplyText();
      }
    }
    Throwable deepest = e;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    String message = deepest.getMessage();
    return message == null ? deepest.getClass().getSimpleName() : message;
  }

  /**
   * Calls the client.
   *
   * @throws QueueException if the broker refuses what is asked; the channel is closed then
   * @throws BrokerLostException if the broker was not reached
   */
  <T> T call(Call<T> call) throws BrokerLostException, QueueException {
    try {
      return call.call();
    } catch (IOException | ShutdownSignalException e) {
      ShutdownSignalException signal = refusal(e);
      if (signal != null && signal.getReason() instanceof AMQP.Channel.Close close) {
        switch (close.getReplyCode()) {
          case AMQP.NOT_FOUND -> throw missing(address);
          case AMQP.ACCESS_REFUSED, AMQP.RESOURCE_LOCKED, AMQP.NOT_ALLOWED ->
              throw new QueueException(
                  "RabbitMQ refuses this for the queue %s: %s. Check the permissions of the user '%s'."
                      .formatted(address.text(), close.getReplyText(), address.user()),
                  e);
          default -> throw new BrokerLostException(close.getReplyText(), e);
        }
      }
      throw new BrokerLostException(reason(e), e);
    }
  }

  static QueueException missing(RabbitAddress address) {
    return new QueueException(
        "There is no queue %s, or a part of it is missing: it consists of the queues %s. Create it with: grain queue create %s"
            .formatted(address.text(), String.join(", ", address.all()), address.text()));
  }

  // ---------------------------------------------------------------- queues

  /** Returns whether the broker is of a version, such as 312 for 3.12, or a later one. */
  boolean isAtLeast(int least) {
    return version >= least;
  }

  Channel channel() {
    return channel;
  }

  boolean isOpen() {
    return channel.isOpen();
  }

  /** Ensures that the broker has not ended the connection. */
  void ensureOpen() throws BrokerLostException {
    if (!isOpen()) {
      ShutdownSignalException signal = channel.getCloseReason();
      throw new BrokerLostException(
          signal == null ? "the channel is closed" : reason(signal), new IllegalStateException());
    }
  }

  /** The message of a delivery is done. */
  void acknowledge(long tag) throws BrokerLostException, QueueException {
    var _ =
        call(() -> {
          channel.basicAck(tag, false);
          return true;
        });
  }

  /**
   * Waits until the broker has counted what was acknowledged. It puts acknowledgements off for a
   * moment when there are many, and forgets these when the connection ends.
   */
  void awaitAcknowledged() throws BrokerLostException, QueueException, InterruptedException {
    // an answer after all acknowledgements
    var _ = ready(address.queue());
    Thread.sleep(PUT_OFF);
    var _ = ready(address.queue());
  }

  /** The message of a delivery is for others again. */
  void giveBack(long tag) throws BrokerLostException, QueueException {
    var _ =
        call(() -> {
          channel.basicNack(tag, false, true);
          return true;
        });
  }

  /** Returns how many messages of a queue wait for a consumer. */
  long ready(String queue) throws BrokerLostException, QueueException {
    return call(() -> (long) channel.queueDeclarePassive(queue).getMessageCount());
  }

  /** Returns how many consumers a queue has. */
  long consumers(String queue) throws BrokerLostException, QueueException {
    return call(() -> (long) channel.queueDeclarePassive(queue).getConsumerCount());
  }

  /** Returns whether there is such a queue, in a channel of its own. */
  boolean exists(String queue) throws BrokerLostException, QueueException {
    return call(() -> {
      Channel own = connection.createChannel();
      if (own == null) {
        throw new IOException("there are no more channels");
      }
      try {
        var _ = own.queueDeclarePassive(queue);
        own.abort();
        return true;
      } catch (IOException e) {
        ShutdownSignalException signal = refusal(e);
        if (signal != null
            && signal.getReason() instanceof AMQP.Channel.Close close
            && close.getReplyCode() == AMQP.NOT_FOUND) {
          return false;
        }
        throw e;
      }
    });
  }

  void ensureQueue() throws BrokerLostException, QueueException {
    for (String each : address.all()) {
      var _ = ready(each);
    }
  }

  @Override
  public void close() {
    connection.abort(CLOSE_TIMEOUT_MILLIS);
  }
}
