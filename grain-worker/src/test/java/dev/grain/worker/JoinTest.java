package dev.grain.worker;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.grain.Grain;
import dev.grain.GrainExecutor;
import dev.grain.Job;
import dev.grain.NoWorkersException;
import dev.grain.RunOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How workers and runs find each other, and the errors where they do not. */
final class JoinTest {
  private static final Duration LONG = Duration.ofMinutes(2);
  private static final Duration SHORT = Duration.ofMillis(100);

  @TempDir private Path folder;
  private Cluster cluster;

  @BeforeEach
  void open() throws IOException {
    cluster = new Cluster(folder);
  }

  @AfterEach
  void close() {
    cluster.close();
  }

  private RunOptions listening(int port) {
    return cluster.options().listen("127.0.0.1", port);
  }

  private String refusal(RunOptions options) {
    NoWorkersException failure =
        catchThrowableOfType(NoWorkersException.class, () -> GrainExecutor.open(options).close());
    return String.valueOf(failure.getMessage());
  }

  private static String node() {
    return Grain.allocation().node();
  }

  @Test
  void workersThatDial_joinWhenTheyCome_andTheNextRunToo() throws Exception {
    int port = Ports.free();
    String head = "127.0.0.1:" + port;
    cluster.startDialing(head, "--name", "before");
    try (ExecutorService starter = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<GrainExecutor> opening =
          starter.submit(() -> GrainExecutor.open(listening(port).waitForWorkers(2, LONG)));
      cluster.startDialing(head, "--name", "after");
      try (GrainExecutor executor = opening.get()) {
        assertThat(executor.address()).hasValue(head);
        assertThat(executor.map(cpu(2), _ -> node(), IntStream.range(0, 20).boxed().toList()))
            .isSubsetOf("before", "after");
      }
    }
    try (GrainExecutor executor = GrainExecutor.open(listening(port).waitForWorkers(2, LONG))) {
      assertThat(executor.exec(cpu(1), JoinTest::node)).isIn("before", "after");
    }
  }

  @Test
  void nobodyComes_saysHowManyCame() {
    assertThat(refusal(listening(0).waitForWorkers(2, SHORT)))
        .isEqualTo("0 of the 2 workers that the run waits for joined within 100 ms.");
  }

  @Test
  void onceWorkers_endAfterTheirRun() throws Exception {
    WorkerProcess worker = cluster.start("--once", "--name", "listening");
    int port = Ports.free();
    WorkerProcess dialing =
        cluster.startDialing("127.0.0.1:" + port, "--once", "--name", "dialing");
    RunOptions options = listening(port).workers(worker.address()).waitForWorkers(2, LONG);
    try (GrainExecutor executor = GrainExecutor.open(options)) {
      assertThat(executor.exec(cpu(1), JoinTest::node)).isIn("listening", "dialing");
    }
    assertThat(worker.exitCode()).isZero();
    assertThat(dialing.exitCode()).isZero();
    cluster.assertNoComplaint();
  }

  @Test
  void workerCalledAsTheEmbeddedOne_isToldApartFromIt() throws IOException {
    WorkerProcess worker = cluster.start("--name", "local");
    try (GrainExecutor executor = GrainExecutor.open(cluster.over(worker))) {
      Job<String> job = executor.submit(cpu(1), JoinTest::node);
      assertThat(job.result()).isEqualTo("local");
      assertThat(job.worker()).contains("local (" + worker.address() + ")");
    }
  }

  @Test
  void deadAddress_isNamed() throws IOException {
    String address = "127.0.0.1:" + Ports.free();
    assertThat(refusal(cluster.options().workers(address)))
        .isEqualTo(
            "Nothing listens at "
                + address
                + ". Is the process there running? Start workers by grain-worker --port PORT, "
                + "or name no workers to run on this machine.");
  }

  @Test
  void oneDeadAddressOfTwo_isSkippedOnlyIfAllowed() throws IOException {
    WorkerProcess worker = cluster.start();
    RunOptions options = cluster.options().workers(worker.address(), "127.0.0.1:" + Ports.free());
    assertThat(refusal(options))
        .startsWith("Nothing listens at ")
        .endsWith("or start without the unreachable workers: RunOptions.skipUnreachable().");
    try (GrainExecutor executor = GrainExecutor.open(options.skipUnreachable())) {
      assertThat(executor.exec(cpu(1), JoinTest::node)).isEqualTo(worker.name());
    }
  }

  @Test
  void serverOfSomethingElse_isNamed() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
        ExecutorService answering = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> answer = answering.submit(() -> refuseRequest(server));
      String address = "127.0.0.1:" + server.getLocalPort();
      assertThat(refusal(cluster.options().workers(address)))
          .startsWith(address + " is not Grain: it begins with \"HTTP/1.1 400");
      answer.get();
    }
  }

  /** Answers the first bytes of a connection as a web server does. */
  private static @Nullable Void refuseRequest(ServerSocket server) throws IOException {
    try (Socket socket = server.accept()) {
      socket.getInputStream().read();
      socket
          .getOutputStream()
          .write("HTTP/1.1 400 Bad Request".getBytes(StandardCharsets.US_ASCII));
      socket.getInputStream().readAllBytes();
    }
    return null;
  }

  @Test
  void otherKey_isNamedOnBothSides() throws IOException {
    WorkerProcess worker = cluster.start();
    try (Cluster other = new Cluster(folder)) {
      assertThat(refusal(other.over(worker)))
          .contains(worker.address(), "Use the same key file on both.");
    }
    worker.awaitLog("Use the same key file on both.");
  }

  @Test
  void plainText_andTls_nameEachOther() throws IOException {
    WorkerProcess secure = cluster.start();
    WorkerProcess plain = cluster.startInsecure();
    assertThat(refusal(cluster.over(plain)))
        .contains(
            plain.address(), "Start both sides with the same cluster key, and neither as insecure");
    assertThat(refusal(cluster.over(secure).insecure()))
        .contains(secure.address(), "This process requires TLS with the cluster key");
    try (GrainExecutor executor = GrainExecutor.open(cluster.over(plain).insecure())) {
      assertThat(executor.exec(cpu(1), JoinTest::node)).isEqualTo(plain.name());
    }
  }
}
