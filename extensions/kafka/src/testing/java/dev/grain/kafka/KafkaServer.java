package dev.grain.kafka;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.grain.minion.testing.BrokerConformance.Broker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;

/** A broker of Kafka in a process of its own, on free ports of this machine. */
public final class KafkaServer implements Broker, AutoCloseable {
  private static final long PAUSE_NANOS = 20_000_000;

  private final String classPath;
  private final Path folder;
  private final int port;

  // only accessed by the thread of the tests, and by the hook at the end
  private volatile @Nullable Process process;

  private KafkaServer(String classPath, Path folder, int port) {
    this.classPath = classPath;
    this.folder = folder;
    this.port = port;
  }

  /** Starts one with the given class path file, if that is there. */
  public static KafkaServer startNew(Path classPathFile, Map<String, String> settings) throws Exception {
    assumeTrue(
        Files.exists(classPathFile),
        "There is no broker of Kafka: build the module extensions/kafka-broker before.");
    Path folder = Files.createTempDirectory("grain-kafka-");
    List<Integer> ports = freePorts();
    KafkaServer server =
        new KafkaServer(Files.readString(classPathFile).strip(), folder, ports.getFirst());
    Runtime.getRuntime().addShutdownHook(new Thread(server::kill, "grain-kafka-kill"));
    server.configure(ports.get(1), settings);
    server.start();
    return server;
  }

  /** Starts that of the release that Grain is built with. */
  public static KafkaServer startNew() throws Exception {
    return startNew(Path.of("..", "kafka-broker", "target", "classpath.txt"), Map.of());
  }

  private static List<Integer> freePorts() throws IOException {
    try (ServerSocket one = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return List.of(one.getLocalPort(), other.getLocalPort());
    }
  }

  /** Returns host and port. */
  public String address() {
    return "127.0.0.1:" + port;
  }

  private void configure(int controller, Map<String, String> settings) throws Exception {
    List<String> lines =
        new ArrayList<>(
            List.of(
                "process.roles=broker,controller",
                "node.id=1",
                "controller.quorum.voters=1@127.0.0.1:" + controller,
                "listeners=PLAINTEXT://127.0.0.1:%s,CONTROLLER://127.0.0.1:%s"
                    .formatted(port, controller),
                "advertised.listeners=PLAINTEXT://127.0.0.1:" + port,
                "controller.listener.names=CONTROLLER",
                "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
                "inter.broker.listener.name=PLAINTEXT",
                "log.dirs=" + folder.resolve("data"),
                "auto.create.topics.enable=false",
                "offsets.topic.replication.factor=1",
                "offsets.topic.num.partitions=1",
                "share.coordinator.state.topic.replication.factor=1",
                "share.coordinator.state.topic.min.isr=1",
                "share.coordinator.state.topic.num.partitions=1",
                "transaction.state.log.replication.factor=1",
                "transaction.state.log.min.isr=1",
                "group.share.min.record.lock.duration.ms=1000"));
    settings.forEach((name, value) -> lines.add(name + "=" + value));
    Files.write(folder.resolve("server.properties"), lines);
    Files.writeString(
        folder.resolve("log4j2.properties"),
        """
        rootLogger.level=warn
        rootLogger.appenderRef.out.ref=out
        appender.out.type=Console
        appender.out.name=out
        appender.out.layout.type=PatternLayout
        appender.out.layout.pattern=%d %p %c %m%n
        """);
    Process format =
        java(
            "kafka.tools.StorageTool",
            "format",
            "-t",
            "AAAAAAAAAAAAAAAAAAAAAQ",
            "-c",
            folder.resolve("server.properties").toString());
    if (format.waitFor() != 0) {
      throw new IllegalStateException("The broker cannot be prepared:\n" + output());
    }
  }

  private Process java(String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-Dlog4j2.configurationFile=" + folder.resolve("log4j2.properties"),
                "-cp",
                classPath));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("output").toFile()));
    Process started = builder.start();
    started.getOutputStream().close();
    return started;
  }

  private String output() throws IOException {
    return new String(Files.readAllBytes(folder.resolve("output")), StandardCharsets.UTF_8);
  }

  @Override
  public void start() throws Exception {
    Process started = java("kafka.Kafka", folder.resolve("server.properties").toString());
    process = started;
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", address()))) {
      while (!answers(admin)) {
        if (!started.isAlive()) {
          throw new IllegalStateException("The broker has ended:\n" + output());
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  private static boolean answers(Admin admin) throws InterruptedException {
    try {
      return !admin.describeCluster().nodes().get().isEmpty();
    } catch (ExecutionException e) {
      return false;
    }
  }

  @Override
  public void stop() throws Exception {
    Process running = process;
    if (running != null) {
      running.destroy();
      running.waitFor();
    }
  }

  private void kill() {
    Process running = process;
    if (running != null) {
      running.destroyForcibly().onExit().join();
    }
  }

  @Override
  public void close() {
    kill();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
