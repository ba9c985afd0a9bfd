package dev.grain.redis;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.grain.minion.testing.BrokerConformance.Broker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Connection;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisException;

/** A server of Redis in a process of its own, whose data are in a folder. */
public final class RedisServer implements Broker, AutoCloseable {
  private final Path folder;
  private final int port;
  private final List<String> options;
  private @Nullable Process process;

  private RedisServer(Path folder, int port, List<String> options) {
    this.folder = folder;
    this.port = port;
    this.options = options;
  }

  /** Starts one that keeps each change; the test is skipped if there is no Redis. */
  public static RedisServer start(Path folder, String... options) throws Exception {
    assumeTrue(isInstalled(), "Redis is not installed: apt-get install redis-server");
    RedisServer server = new RedisServer(folder, freePort(), List.of(options));
    server.start();
    return server;
  }

  private static boolean isInstalled() {
    return List.of(System.getenv("PATH").split(":")).stream()
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "redis-server")));
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  public int port() {
    return port;
  }

  @Override
  public void start() throws Exception {
    List<String> command = new ArrayList<>(List.of("redis-server"));
    command.addAll(List.of("--bind", "127.0.0.1", "--port", Integer.toString(port)));
    command.addAll(List.of("--dir", folder.toString(), "--save", ""));
    command.addAll(List.of("--appendonly", "yes", "--appendfsync", "always"));
    command.addAll(options);
    Process started =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("redis.log").toFile())
            .start();
    process = started;
    while (!answers()) {
      if (started.waitFor(20, TimeUnit.MILLISECONDS)) {
        throw new AssertionError(Files.readString(folder.resolve("redis.log")));
      }
    }
  }

  private boolean answers() {
    try {
      String pong = ask("PING");
      return pong.equals("PONG") || pong.startsWith("NOAUTH");
    } catch (JedisException e) {
      return String.valueOf(e.getMessage()).startsWith("NOAUTH");
    }
  }

  /** Gives the server a command, and returns what it answers. */
  String ask(String command, String... words) {
    try (Connection connection = new Connection("127.0.0.1", port)) {
      connection.sendCommand(Command.valueOf(command), words);
      Object answer = connection.getOne();
      return answer instanceof byte[] bytes ? Entry.text(bytes) : String.valueOf(answer);
    }
  }

  /** Kills it. */
  @Override
  public void stop() {
    Process running = process;
    if (running != null) {
      running.destroyForcibly().onExit().join();
    }
  }

  @Override
  public void close() {
    stop();
  }
}
