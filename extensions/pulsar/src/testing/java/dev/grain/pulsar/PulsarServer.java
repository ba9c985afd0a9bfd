package dev.grain.pulsar;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/** A server of Pulsar on free ports of this machine. For one thread. */
public final class PulsarServer implements AutoCloseable {
  private static final long PAUSE_NANOS = 20_000_000;
  private static final List<String> OPTIONS =
      List.of(
          "-Xms256m",
          "-Xmx768m",
          "-XX:MaxDirectMemorySize=512m",
          "-XX:TieredStopAtLevel=1",
          "-Djava.net.preferIPv4Stack=true",
          "--sun-misc-unsafe-memory-access=allow",
          "--enable-native-access=ALL-UNNAMED",
          "--add-opens=java.base/java.io=ALL-UNNAMED",
          "--add-opens=java.base/java.nio=ALL-UNNAMED",
          "--add-opens=java.base/java.util.zip=ALL-UNNAMED",
          "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
          "--add-opens=java.base/jdk.internal.platform=ALL-UNNAMED",
          "--add-opens=java.management/sun.management=ALL-UNNAMED",
          "--add-opens=jdk.management/com.sun.management.internal=ALL-UNNAMED",
          "-Dio.netty.tryReflectionSetAccessible=true",
          "-Dbookkeeper.metadata.bookie.drivers=org.apache.pulsar.metadata.bookkeeper.PulsarMetadataBookieDriver",
          "-Dbookkeeper.metadata.client.drivers=org.apache.pulsar.metadata.bookkeeper.PulsarMetadataClientDriver",
          "-Dlog4j2.is.webapp=false",
          "-Dlog4j.configurationFile=log4j2.yaml",
          "-Dlog4j.shutdownHookEnabled=false",
          "-Dpulsar.log.root.level=warn",
          "-Dpulsar.log.level=warn",
          "-Dpulsar.log.appender=Console",
          "-Dpulsar.routing.appender.default=Console");

  private final Path installation = Path.of(System.getProperty("pulsar.server"));
  private final Path folder;
  private final Map<String, String> settings;
  private final int brokerPort;
  private final int webPort;
  private final int bookiePort;
  private @Nullable Process process;

  /**
   * Makes one that does not run.
   *
   * @param settings of its file, beside those for places and ports
   */
  public PulsarServer(Map<String, String> settings) throws IOException {
    this.folder = Files.createTempDirectory("grain-pulsar-");
    this.settings = settings;
    try (ServerSocket broker = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ServerSocket web = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ServerSocket bookie = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      brokerPort = broker.getLocalPort();
      webPort = web.getLocalPort();
      bookiePort = bookie.getLocalPort();
    }
  }

  /** Starts a server that the tests of this JVM share. */
  static final class Shared implements BeforeAllCallback {
    private static @Nullable PulsarServer server;

    /** Returns it; it runs. */
    static PulsarServer get() {
      if (server == null) {
        throw new IllegalStateException("not started");
      }
      return server;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
      server =
          context
              .getRoot()
              .getStore(Namespace.create(PulsarServer.class))
              .getOrComputeIfAbsent(
                  PulsarServer.class,
                  _ -> {
                    try {
                      PulsarServer started = new PulsarServer(Map.of());
                      started.start();
                      return started;
                    } catch (IOException | InterruptedException e) {
                      throw new IllegalStateException(e);
                    }
                  },
                  PulsarServer.class);
    }
  }

  /** Starts it, with what it had before, and returns when it serves. */
  public void start() throws IOException, InterruptedException {
    Path configuration = folder.resolve("standalone.conf");
    Files.write(configuration, configuration());
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(OPTIONS);
    words.addAll(
        List.of(
            "-Dpulsar.log.dir=" + folder.resolve("logs"),
            "-cp",
            "conf:lib/*",
            "org.apache.pulsar.PulsarStandaloneStarter",
            "-c",
            configuration.toString(),
            "-nfw",
            "-nss",
            "--metadata-dir",
            folder.resolve("metadata").toString(),
            "--bookkeeper-dir",
            folder.resolve("bookkeeper").toString(),
            "--bookkeeper-port",
            Integer.toString(bookiePort)));
    Path log = folder.resolve("log");
    Process started =
        new ProcessBuilder(words)
            .directory(installation.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    process = started;
    try (HttpClient client =
        HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build()) {
      while (!isReady(client)) {
        if (!started.isAlive()) {
          throw new IllegalStateException("Pulsar has ended:\n" + Files.readString(log));
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  private List<String> configuration() throws IOException {
    List<String> lines =
        new ArrayList<>(Files.readAllLines(installation.resolve("conf/standalone.conf")));
    // the last counts
    lines.add("bindAddress=127.0.0.1");
    lines.add("advertisedAddress=127.0.0.1");
    lines.add("brokerServicePort=" + brokerPort);
    lines.add("webServicePort=" + webPort);
    settings.forEach((name, value) -> lines.add(name + "=" + value));
    return lines;
  }

  private boolean isReady(HttpClient client) throws InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(admin() + "/admin/v2/brokers/health"))
            .timeout(Duration.ofSeconds(30));
    String who = settings.get("brokerClientAuthenticationParameters");
    if (who != null) {
      request.header("Authorization", "Bearer " + who.replace("token:", ""));
    }
    return status(client, request) == 200;
  }

  private static int status(HttpClient client, HttpRequest.Builder request)
      throws InterruptedException {
    try {
      return client.send(request.build(), BodyHandlers.discarding()).statusCode();
    } catch (IOException e) {
      return 0;
    }
  }

  /** Kills it. */
  void stop() {
    if (process != null) {
      var _ = process.destroyForcibly().onExit().join();
    }
  }

  public String service() {
    return "pulsar://127.0.0.1:" + brokerPort;
  }

  public String admin() {
    return "http://127.0.0.1:" + webPort;
  }

  @Override
  public void close() throws IOException {
    stop();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
