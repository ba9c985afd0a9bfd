package dev.grain.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.node.prepare.Logins;
import dev.grain.node.prepare.PreparationException;
import dev.grain.node.prepare.Progress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that accept connections and then say nothing. */
final class GitPatienceTest {
  private static final Duration LONG = Duration.ofDays(1);

  @TempDir private Path scratch;
  private ServerSocket server;
  private Thread accepting;
  // set by the test, read by the accepting thread
  private volatile boolean cut;
  private final CountDownLatch accepted = new CountDownLatch(1);
  private final List<Socket> connections = new CopyOnWriteArrayList<>();

  @BeforeEach
  void listen() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    accepting =
        Thread.ofVirtual()
            .start(() -> {
              try {
                while (true) {
                  Socket connection = server.accept();
                  if (cut) {
                    connection.close();
                  }
                  connections.add(connection);
                  accepted.countDown();
                }
              } catch (IOException closed) {
                // the test is over
              }
            });
  }

  @AfterEach
  void close() throws Exception {
    server.close();
    accepting.join();
    for (Socket each : connections) {
      each.close();
    }
  }

  private String url(String scheme) {
    return "%s://127.0.0.1:%s/repository".formatted(scheme, server.getLocalPort());
  }

  private GitSettings settings(Duration patience) {
    return new GitSettings(patience, scratch.resolve("home"), null);
  }

  @ParameterizedTest
  @ValueSource(strings = {"http", "https", "git", "ssh"})
  void server_thatSaysNothing_hasATimeLimit(String scheme) {
    assertThatThrownBy(() ->
            GitRefs.resolve(url(scheme), "main", Logins.NONE, settings(Duration.ofSeconds(1))))
        .isInstanceOfSatisfying(
            PreparationException.class, e -> assertThat(e.isOfThisNode()).isTrue())
        .hasMessageContainingAll(url(scheme), "sent nothing for 1 s");
  }

  @ParameterizedTest
  @ValueSource(strings = {"http", "https", "git", "ssh"})
  void interrupt_endsTheWaiting_andLeavesNothing(String scheme) throws Exception {
    GitCheckouts checkouts = new GitCheckouts(scratch.resolve("cache"), 1L << 40, settings(LONG));
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread preparing =
        Thread.ofPlatform()
            .start(() -> {
              try {
                checkouts.prepare(
                    new GitSource(url(scheme), "0".repeat(40), ""), Logins.NONE, Progress.NONE);
              } catch (PreparationException | InterruptedException | RuntimeException e) {
                thrown.set(e);
              }
            });
    accepted.await();
    preparing.interrupt();
    preparing.join();
    assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    try (Stream<Path> files = Files.walk(scratch.resolve("cache"))) {
      assertThat(files.filter(each -> each.endsWith("content"))).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"http", "https", "git", "ssh"})
  void connection_thatIsCut_isSaid(String scheme) throws Exception {
    cut = true;
    assertThatThrownBy(() ->
            GitRefs.resolve(url(scheme), "main", Logins.NONE, settings(Duration.ofSeconds(20))))
        .isInstanceOf(PreparationException.class)
        .hasMessageContaining(url(scheme));
  }
}
