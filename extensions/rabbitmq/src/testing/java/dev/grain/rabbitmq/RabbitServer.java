package dev.grain.rabbitmq;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import dev.grain.minion.testing.BrokerConformance.Broker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A broker of RabbitMQ in processes of its own, whose data are in a folder. Its Erlang has a port
 * mapper of its own as well, which ends with it.
 */
public final class RabbitServer implements Broker, AutoCloseable {
  private static final Path HOME = Path.of("/usr/lib/rabbitmq");

  private final Path folder;
  private final int port;
  private final int nodePort;
  private final int mapperPort;
  private final String settings;
  private @Nullable Process process;
  private @Nullable Process mapper;

  private RabbitServer(Path folder, String settings) throws IOException {
    this.folder = folder;
    this.settings = settings;
    this.port = freePort();
    this.nodePort = freePort();
    this.mapperPort = freePort();
  }

  /**
   * Starts one; the test is skipped if there is no RabbitMQ.
   *
   * @param settings lines of the broker's configuration
   */
  public static RabbitServer start(Path folder, String... settings) throws Exception {
    assumeTrue(
        Files.isExecutable(HOME.resolve("bin/rabbitmq-server")),
        "RabbitMQ is not installed: apt-get install rabbitmq-server");
    RabbitServer server = new RabbitServer(folder, String.join("\n", settings));
    boolean started = false;
    try {
      server.start();
      started = true;
    } finally {
      if (!started) {
        server.close();
      }
    }
    return server;
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  public int port() {
    return port;
  }

  private ProcessBuilder builder(List<String> command) {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(folder.resolve("rabbitmq.log").toFile()));
    String place = folder.toString();
    builder
        .environment()
        .putAll(
            Map.ofEntries(
                Map.entry("HOME", place),
                Map.entry("RABBITMQ_NODENAME", "grain" + port + "@localhost"),
                Map.entry("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1"),
                Map.entry("RABBITMQ_NODE_PORT", Integer.toString(port)),
                Map.entry("RABBITMQ_DIST_PORT", Integer.toString(nodePort)),
                Map.entry(
                    "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
                    "-kernel inet_dist_use_interface {127,0,0,1}"),
                Map.entry("RABBITMQ_MNESIA_BASE", place),
                Map.entry("RABBITMQ_LOG_BASE", place),
                Map.entry("RABBITMQ_CONFIG_FILE", folder.resolve("rabbitmq.conf").toString()),
                Map.entry("RABBITMQ_ENABLED_PLUGINS_FILE", folder.resolve("plugins").toString()),
                Map.entry("RABBITMQ_PID_FILE", folder.resolve("pid").toString()),
                Map.entry("ERL_EPMD_ADDRESS", "127.0.0.1"),
                Map.entry("ERL_EPMD_PORT", Integer.toString(mapperPort))));
    return builder;
  }

  @Override
  public void start() throws Exception {
    Files.writeString(folder.resolve("plugins"), "[].");
    Files.writeString(folder.resolve("rabbitmq.conf"), settings + "\n");
    if (mapper == null) {
      mapper = builder(List.of("epmd")).start();
    }
    List<String> command = new ArrayList<>(List.of("setsid", "--wait"));
    command.add(HOME.resolve("bin/rabbitmq-server").toString());
    Process started = builder(command).start();
    process = started;
    while (!answers()) {
      if (started.waitFor(50, TimeUnit.MILLISECONDS)) {
        throw new AssertionError(Files.readString(folder.resolve("rabbitmq.log")));
      }
    }
  }

  private boolean answers() {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost("127.0.0.1");
    factory.setPort(port);
    factory.setAutomaticRecoveryEnabled(false);
    try (Connection connection = factory.newConnection()) {
      return connection.isOpen();
    } catch (IOException | TimeoutException e) {
      return false;
    }
  }

  /** Kills it with all processes that it has started, but the port mapper. */
  @Override
  public void stop() {
    Process running = process;
    if (running != null) {
      List<ProcessHandle> all = new ArrayList<>(running.descendants().toList());
      all.add(running.toHandle());
      all.forEach(ProcessHandle::destroyForcibly);
      all.forEach(each -> each.onExit().join());
    }
  }

  @Override
  public void close() {
    stop();
    Process last = mapper;
    if (last != null) {
      last.destroyForcibly().onExit().join();
    }
  }
}
