package dev.grain.kafka;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.tools.attach.VirtualMachine;
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
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;

/**
 * A broker of Kafka in a process of its own, on free ports of this machine. One serves all tests of
 * a JVM, and is killed at its end.
 */
public final class KafkaServer implements Broker {
  /** A user of the second address, whose password is the same word. */
  static final String USER = "alice";

  private static @Nullable KafkaServer shared;

  private static final long PAUSE_NANOS = 20_000_000;

  private final String classPath;
  private final Path folder;
  private final int port;
  private final int loginPort;

  // set by the thread of the tests, read by the hook at the end
  private volatile @Nullable Process process;

  private KafkaServer(String classPath, Path folder, int port, int loginPort) {
    this.classPath = classPath;
    this.folder = folder;
    this.port = port;
    this.loginPort = loginPort;
  }

  /** Returns the broker of this JVM, which is of the release that Grain is built with. */
  static KafkaServer shared() throws Exception {
    return shared(Path.of("..", "kafka-broker", "target", "classpath.txt"));
  }

  /**
   * Returns the broker of this JVM; see {@link #shared()}.
   *
   * @param classPath the file with its class path
   */
  public static synchronized KafkaServer shared(Path classPath) throws Exception {
    if (shared == null) {
      assumeTrue(
          Files.exists(classPath),
          "There is no broker of Kafka: build the module extensions/kafka-broker before.");
      List<Integer> ports = freePorts(3);
      KafkaServer server =
          new KafkaServer(
              Files.readString(classPath).strip(),
              Files.createTempDirectory("grain-kafka-"),
              ports.get(0),
              ports.get(1));
      Runtime.getRuntime().addShutdownHook(new Thread(server::remove, "grain-kafka-remove"));
      server.configure(ports.get(2));
      server.start();
      shared = server;
    }
    return shared;
  }

  private static List<Integer> freePorts(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      }
      return sockets.stream().map(ServerSocket::getLocalPort).toList();
    } finally {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
  }

  /** Returns host and port. */
  public String address() {
    return "127.0.0.1:" + port;
  }

  /** Returns host and port where users log in. */
  String loginAddress() {
    return "127.0.0.1:" + loginPort;
  }

  private void configure(int controller) throws Exception {
    List<String> lines =
        List.of(
            "process.roles=broker,controller",
            "node.id=1",
            "controller.quorum.voters=1@127.0.0.1:" + controller,
            "listeners=PLAINTEXT://127.0.0.1:%s,LOGIN://127.0.0.1:%s,CONTROLLER://127.0.0.1:%s"
                .formatted(port, loginPort, controller),
            "advertised.listeners=PLAINTEXT://127.0.0.1:%s,LOGIN://127.0.0.1:%s"
                .formatted(port, loginPort),
            "controller.listener.names=CONTROLLER",
            "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,LOGIN:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT",
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
            "group.share.min.record.lock.duration.ms=1000",
            "sasl.enabled.mechanisms=PLAIN",
            "listener.name.login.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_%s=\"%s\";"
                .formatted(USER, USER));
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

  /** Returns how many requests of a kind the broker has answered since it was started. */
  @SuppressWarnings("BanJNDI") // the broker is of this JVM
  long requests(String kind) throws Exception {
    Process running = process;
    if (running == null) {
      throw new IllegalStateException("The broker does not run");
    }
    VirtualMachine machine = VirtualMachine.attach(String.valueOf(running.pid()));
    JMXServiceURL beans;
    try {
      beans = new JMXServiceURL(machine.startLocalManagementAgent());
    } finally {
      machine.detach();
    }
    try (JMXConnector connector = JMXConnectorFactory.connect(beans)) {
      MBeanServerConnection broker = connector.getMBeanServerConnection();
      long count = 0;
      for (ObjectName each :
          broker.queryNames(
              new ObjectName(
                  "kafka.network:type=RequestMetrics,name=RequestsPerSec,request=%s,*"
                      .formatted(kind)),
              null)) {
        count += (long) broker.getAttribute(each, "Count");
      }
      return count;
    }
  }

  private void remove() {
    Process running = process;
    if (running != null) {
      running.destroyForcibly().onExit().join();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
