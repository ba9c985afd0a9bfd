package dev.grain.google;

import static org.junit.jupiter.api.Assumptions.abort;

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
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/** The emulator of Pub/Sub that Google gives, on a free port of this machine. */
public final class Emulator implements AutoCloseable {
  private static final long PAUSE_NANOS = 20_000_000;
  private static final List<String> FOLDERS =
      List.of(
          "/usr/lib/google-cloud-sdk",
          "/usr/share/google-cloud-sdk",
          "/opt/google-cloud-sdk",
          System.getProperty("user.home") + "/google-cloud-sdk");

  private final Process process;
  private final Path log;
  private final int port;

  private Emulator(Path jar) throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    log = Files.createTempFile("grain-pubsub-", ".log");
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "--sun-misc-unsafe-memory-access=allow",
                "-jar",
                jar.toString(),
                "--host=127.0.0.1",
                "--port=" + port)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
  }

  /** Starts an emulator that the tests of this JVM share; skips them if there is none here. */
  static final class Shared implements BeforeAllCallback {
    private static @Nullable Emulator emulator;

    /** Returns it; it runs. */
    static Emulator get() {
      if (emulator == null) {
        throw new IllegalStateException("not started");
      }
      return emulator;
    }

    @Override
    public void beforeAll(ExtensionContext context) {
      Path jar = jar();
      emulator =
          context
              .getRoot()
              .getStore(Namespace.create(Emulator.class))
              .getOrComputeIfAbsent(
                  Emulator.class,
                  _ -> {
                    try {
                      return start(jar);
                    } catch (IOException | InterruptedException e) {
                      throw new IllegalStateException(e);
                    }
                  },
                  Emulator.class);
    }
  }

  /** Starts one; what wants it is skipped if there is none here. */
  public static Emulator start() throws IOException, InterruptedException {
    return start(jar());
  }

  private static Emulator start(Path jar) throws IOException, InterruptedException {
    Emulator started = new Emulator(jar);
    started.await();
    return started;
  }

  private static Path jar() {
    String named = System.getenv("PUBSUB_EMULATOR_JAR");
    Optional<Path> jar =
        named == null
            ? FOLDERS.stream().flatMap(Emulator::jars).findFirst()
            : Optional.of(Path.of(named));
    return jar.orElseGet(() ->
        abort(
            "needs the emulator of Pub/Sub: install google-cloud-cli-pubsub-emulator, or set"
                + " PUBSUB_EMULATOR_JAR to its jar"));
  }

  private static Stream<Path> jars(String sdk) {
    Path folder = Path.of(sdk, "platform/pubsub-emulator/lib");
    if (!Files.isDirectory(folder)) {
      return Stream.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().matches("cloud-pubsub-emulator-.*\\.jar"))
          .toList()
          .stream();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void await() throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + host()))
            .timeout(Duration.ofSeconds(10))
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      while (!answers(client, request)) {
        if (!process.isAlive()) {
          throw new IllegalStateException("The emulator has ended:\n" + Files.readString(log));
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  private static boolean answers(HttpClient client, HttpRequest request)
      throws InterruptedException {
    try {
      return client.send(request, BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  public String host() {
    return "127.0.0.1:" + port;
  }

  @Override
  public void close() throws IOException {
    var _ = process.destroyForcibly().onExit().join();
    Files.delete(log);
  }
}
