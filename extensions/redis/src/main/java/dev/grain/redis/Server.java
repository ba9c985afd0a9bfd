package dev.grain.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.grain.minion.BrokerAddress.Host;
import dev.grain.minion.BrokerLostException;
import dev.grain.minion.QueueException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Connection;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.commands.ProtocolCommand;
import redis.clients.jedis.exceptions.JedisAccessControlException;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisMovedDataException;
import redis.clients.jedis.exceptions.JedisNoScriptException;

/** A connection to the server that has the queue. For one thread. */
final class Server implements AutoCloseable {
  /** What people call the server. */
  static final String BROKER = "Redis";

  private static final int TIMEOUT_MILLIS = 10_000;
  private static final int CONNECT_TIMEOUT_MILLIS = 5_000;
  private static final Pattern VERSION = Pattern.compile("redis_version:(\\d+)\\.(\\d+)(\\S*)");

  /** Answers of a server that will be able to serve, or of one that is no more the primary. */
  private static final Pattern LATER =
      Pattern.compile(
          "(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|NOREPLICAS) .*", Pattern.DOTALL);

  private final RedisAddress address;
  private final List<byte[]> keys;

  // all only accessed by the thread of the queue
  private @Nullable Connection connection;
  private int nextHost;

  /** What the server is asked to do. */
  @SuppressWarnings("ArrayRecordComponent") // not compared
  record Request(ProtocolCommand command, byte[]... arguments) {}

  Server(RedisAddress address) {
    this.address = address;
    this.keys = address.keys();
  }

  // ---------------------------------------------------------------- asking

  /** Returns the request that runs a script. */
  Request script(Script script, byte[]... arguments) {
    byte[][] all = new byte[2 + keys.size() + arguments.length][];
    all[0] = bytes(script.digest());
    all[1] = bytes(keys.size());
    for (int i = 0; i < keys.size(); i++) {
      all[2 + i] = keys.get(i);
    }
    System.arraycopy(arguments, 0, all, 2 + keys.size(), arguments.length);
    return new Request(Command.EVALSHA, all);
  }

  /**
   * Asks for all of them at once, and returns the answers; a {@link JedisDataException} where one
   * was refused.
   *
   * @throws BrokerLostException if the server was not reached; the connection is gone then
   */
  List<Object> ask(List<Request> requests) throws BrokerLostException {
    Connection current = connection;
    if (current == null) {
      throw new BrokerLostException("there is no connection", new IllegalStateException());
    }
    try {
      for (Request each : requests) {
        current.sendCommand(each.command(), each.arguments());
      }
      List<Object> answers = new ArrayList<>(current.getMany(requests.size()));
      repeatForgotten(current, requests, answers);
      for (Object each : answers) {
        if (each instanceof JedisDataException refusal && isForLater(refusal)) {
          throw refusal;
        }
      }
      return answers;
    } catch (JedisException e) {
      disconnect();
      throw new BrokerLostException(reason(e), e);
    }
  }

  /** Runs the scripts again that somebody has had the server forget. */
  private static void repeatForgotten(
      Connection current, List<Request> requests, List<Object> answers) {
    if (answers.stream().noneMatch(JedisNoScriptException.class::isInstance)) {
      return;
    }
    for (Script each : Script.values()) {
      current.sendCommand(Command.SCRIPT, bytes("LOAD"), bytes(each.source()));
      var _ = current.getOne();
    }
    for (int i = 0; i < answers.size(); i++) {
      if (answers.get(i) instanceof JedisNoScriptException) {
        current.sendCommand(requests.get(i).command(), requests.get(i).arguments());
        answers.set(i, current.getMany(1).get(0));
      }
    }
  }

  private static boolean isForLater(JedisDataException refusal) {
    String message = String.valueOf(refusal.getMessage());
    return refusal instanceof JedisMovedDataException
        || message.startsWith("ASK ")
        || LATER.matcher(message).matches();
  }

  /** Asks for one thing. */
  Object ask(Request request) throws BrokerLostException, QueueException {
    return accepted(ask(List.of(request)).get(0));
  }

  /** Returns an answer that is no refusal. */
  Object accepted(Object answer) throws QueueException {
    if (answer instanceof JedisDataException refusal) {
      throw refused(refusal);
    }
    return answer;
  }

  private QueueException refused(JedisDataException refusal) {
    String message = String.valueOf(refusal.getMessage());
    String words =
        switch (message.split(" ", 2)[0]) {
          case "NOGROUP" ->
              "The queue %s is gone: it was removed, or Redis has lost it because it does not persist its data."
                  .formatted(address.text());
          case "OOM" ->
              "Redis has no memory left for the queue %s: raise its setting maxmemory, or have the minions empty queues first."
                  .formatted(address.text());
          case "WRONGTYPE" ->
              "The key of %s, or one beside it, holds something else than a queue. Choose another key."
                  .formatted(address.text());
          case "NOAUTH", "NOPERM", "WRONGPASS" -> denied(message);
          case "MISCONF" ->
              "Redis takes no changes, as it cannot save its data: %s Make room on its disk."
                  .formatted(message);
          default ->
              "Redis has refused a command for the queue %s: %s".formatted(address.text(), message);
        };
    return new QueueException(words, refusal);
  }

  private String denied(String message) {
    return ("Redis does not let %s use the queue %s: %s. Give user and password in the address,"
            + " redis://USER:PASSWORD@HOST/KEY, or in REDIS_USERNAME and REDIS_PASSWORD.")
        .formatted(
            address.password() == null ? "programs without a password" : "this user",
            address.text(),
            message);
  }

  // ---------------------------------------------------------------- connecting

  boolean isConnected() {
    return connection != null;
  }

  /**
   * Connects to the first host that serves.
   *
   * @throws BrokerLostException if none does now
   * @throws QueueException if that will not change by itself
   */
  void connect() throws BrokerLostException, QueueException {
    List<Host> hosts = address.broker().hosts();
    List<String> reasons = new ArrayList<>();
    @Nullable Throwable last = null;
    for (int i = 0; i < hosts.size(); i++) {
      Host host = hosts.get(nextHost);
      try {
        connect(new HostAndPort(host.name(), host.port()), true);
        return;
      } catch (BrokerLostException e) {
        reasons.add(host + ": " + e.getMessage());
        last = e;
        nextHost = (nextHost + 1) % hosts.size();
      }
    }
    throw new BrokerLostException(
        String.join("; ", reasons), last == null ? new IllegalStateException() : last);
  }

  private void connect(HostAndPort host, boolean follows)
      throws BrokerLostException, QueueException {
    disconnect();
    try {
      Sockets sockets = new Sockets(host, address.tls(), CONNECT_TIMEOUT_MILLIS, TIMEOUT_MILLIS);
      connection = new Connection(sockets, config());
    } catch (JedisAccessControlException e) {
      throw new QueueException(denied(String.valueOf(e.getMessage())), e);
    } catch (JedisConnectionException e) {
      throw new BrokerLostException(reason(e), e);
    } catch (JedisDataException e) {
      if (isForLater(e)) {
        throw new BrokerLostException(String.valueOf(e.getMessage()), e);
      }
      throw refused(e);
    }
    boolean ready = false;
    try {
      ensureVersion(Entry.text(ask(new Request(Command.INFO, bytes("server")))));
      load();
      // a command that changes nothing, but that only a primary with the slot would do
      var _ = ask(new Request(Command.HDEL, address.info(), bytes("none")));
      ready = true;
    } catch (BrokerLostException e) {
      if (follows && e.getCause() instanceof JedisMovedDataException moved) {
        connect(moved.getTargetNode(), false);
        ready = true;
      } else {
        throw e;
      }
    } finally {
      if (!ready) {
        disconnect();
      }
    }
  }

  private DefaultJedisClientConfig config() {
    DefaultJedisClientConfig.Builder builder =
        DefaultJedisClientConfig.builder()
            .resp2()
            .autoNegotiateProtocol(false)
            .connectionTimeoutMillis(CONNECT_TIMEOUT_MILLIS)
            .socketTimeoutMillis(TIMEOUT_MILLIS)
            .clientName("grain-minion")
            .database(address.db());
    if (address.password() != null) {
      builder.user(address.user()).password(address.password());
    }
    return builder.build();
  }

  private void ensureVersion(String info) throws QueueException {
    Matcher version = VERSION.matcher(info);
    if (version.find()) {
      int major = Integer.parseInt(version.group(1));
      int minor = Integer.parseInt(version.group(2));
      if (major < 6 || (major == 6 && minor < 2)) {
        throw new QueueException(
            "The queue %s needs Redis 6.2 or later, but the server is Redis %s.%s%s. Upgrade it."
                .formatted(address.text(), major, minor, version.group(3)));
      }
    }
  }

  private void load() throws BrokerLostException, QueueException {
    List<Request> requests = new ArrayList<>();
    for (Script each : Script.values()) {
      requests.add(new Request(Command.SCRIPT, bytes("LOAD"), bytes(each.source())));
    }
    for (Object answer : ask(requests)) {
      var _ = accepted(answer);
    }
  }

  /**
   * Connects, for a command that is not repeated.
   *
   * @throws QueueException if no host serves
   */
  static Server of(RedisAddress address) throws QueueException {
    Server server = new Server(address);
    try {
      server.connect();
    } catch (BrokerLostException e) {
      throw server.unreachable(e);
    }
    return server;
  }

  QueueException unreachable(BrokerLostException e) {
    return e.unreachable(BROKER, address.text(), address.tls() != null);
  }

  /** Returns in a few words why something with the connection has failed. */
  private static String reason(Throwable e) {
    Throwable deepest = e;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    String message = deepest.getMessage();
    return message == null
        ? deepest.getClass().getSimpleName()
        : message.endsWith(".") ? message.substring(0, message.length() - 1) : message;
  }

  private void disconnect() {
    Connection last = connection;
    connection = null;
    if (last != null) {
      try {
        last.close();
      } catch (JedisException _) {
        // it is gone already
      }
    }
  }

  @Override
  public void close() {
    disconnect();
  }

  static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  static byte[] bytes(long number) {
    return bytes(Long.toString(number));
  }
}
