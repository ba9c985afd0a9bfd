package dev.grain.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.key.ClusterKey;
import dev.grain.key.Security;
import dev.grain.session.Frame;
import dev.grain.wire.Connection.Down;
import dev.grain.wire.Hello.Role;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PulseTest {
  private static final String SESSION = "session";
  private static final Duration LONG = Duration.ofHours(1);

  /** Frequent signs of life, and no suspicion. */
  private static final ConnectionLimits FREQUENT =
      Endpoints.limits(LONG, Duration.ofMillis(10), LONG);

  /** Little patience with the silent. */
  private static final ConnectionLimits IMPATIENT =
      Endpoints.limits(LONG, Duration.ofMillis(50), Duration.ofSeconds(1));

  @TempDir Path folder;

  private final Endpoints endpoints = new Endpoints();
  private final Recorder recorder = new Recorder();
  private final CountDownLatch blocked = new CountDownLatch(1);

  @AfterEach
  void close() {
    unblock();
    endpoints.close();
    assertThat(recorder.misuse).isEmpty();
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .noneMatch(name -> name.startsWith("grain-"));
  }

  private ClusterKey key() throws IOException {
    return ClusterKey.loadOrCreate(folder.resolve("key"));
  }

  private static Hello headHello() {
    return Endpoints.hello(Role.HEAD).withSession(SESSION);
  }

  /** Keeps the main loop from doing anything, until the end of the test. */
  private void block(Endpoint endpoint) throws Exception {
    CompletableFuture<Void> begun = new CompletableFuture<>();
    endpoint
        .loop()
        .post(() -> {
          begun.complete(null);
          try {
            blocked.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    Recorder.await(begun);
  }

  /** Lets the main loop go on; sockets with TLS wait for its answer when they are closed. */
  private void unblock() {
    blocked.countDown();
  }

  @ParameterizedTest(name = "tls {0}")
  @ValueSource(booleans = {true, false})
  void dialingSide_whoseLoopIsBusy_givesSignsOfLife(boolean tls) throws Exception {
    ClusterKey key = tls ? key() : null;
    Endpoint side =
        endpoints.open(key == null ? Security.plainText() : Security.tls(key), FREQUENT);
    try (ServerSocket server = RawPeer.listen(key)) {
      side.dial(RawPeer.addressOf(server), headHello(), recorder);
      try (RawPeer main = new RawPeer(server.accept())) {
        assertThat(main.readGreeting()).isInstanceOf(Hello.class);
        main.say(Endpoints.hello(Role.WORKER));
        recorder.awaitUp();
        block(side);
        // the first try fails, and the next one comes with the next sign of life
        server.accept().close();
        try (RawPeer beside = new RawPeer(server.accept())) {
          assertThat(beside.readGreeting())
              .isInstanceOfSatisfying(
                  Hello.class,
                  hello -> {
                    assertThat(hello.role()).isEqualTo(Role.PULSE);
                    assertThat(hello.session()).isEqualTo(SESSION);
                  });
          beside.say(Endpoints.hello(Role.WORKER));
          for (int i = 0; i < 10; i++) {
            assertThat(beside.readFrame()).isEqualTo(new Frame.Heartbeat());
          }
          unblock();
        }
      }
    }
  }

  @ParameterizedTest(name = "tls {0}")
  @ValueSource(booleans = {true, false})
  void acceptingSide_whoseLoopIsBusy_givesSignsOfLife(boolean tls) throws Exception {
    ClusterKey key = tls ? key() : null;
    Endpoint side =
        endpoints.open(key == null ? Security.plainText() : Security.tls(key), FREQUENT);
    Address address =
        side.listen(Endpoints.ANY, Endpoints.accepting(Endpoints.hello(Role.WORKER), recorder))
            .address();
    try (RawPeer main = RawPeer.dial(address, key);
        RawPeer beside = RawPeer.dial(address, key)) {
      main.say(headHello());
      main.readGreeting();
      beside.say(headHello().asPulse());
      assertThat(beside.readGreeting()).isInstanceOf(Hello.class);
      assertThat(beside.readFrame()).isEqualTo(new Frame.Heartbeat());
      block(side);
      for (int i = 0; i < 10; i++) {
        assertThat(beside.readFrame()).isEqualTo(new Frame.Heartbeat());
        beside.send(new Frame.Heartbeat());
      }
      unblock();
    }
  }

  @Test
  void acceptingSide_ofPulseOfNoSession_refuses() throws Exception {
    Endpoint side = endpoints.open(Security.plainText(), FREQUENT);
    Address address =
        side.listen(Endpoints.ANY, Endpoints.accepting(Endpoints.hello(Role.WORKER), recorder))
            .address();
    try (RawPeer beside = RawPeer.dial(address, null)) {
      beside.say(headHello().asPulse());

      assertThat(beside.readGreeting())
          .isEqualTo(new Refusal(Refusal.Code.OTHER, "There is no such session here."));
    }
  }

  @Test
  void dialingSide_ofPeerThatVanishes_isDown() throws Exception {
    Endpoint side = endpoints.open(Security.plainText(), IMPATIENT);
    try (ServerSocket server = RawPeer.listen(null)) {
      side.dial(RawPeer.addressOf(server), headHello(), recorder);
      try (RawPeer main = new RawPeer(server.accept())) {
        main.readGreeting();
        main.say(Endpoints.hello(Role.WORKER));

        assertThat(recorder.awaitDown().kind()).isEqualTo(Down.Kind.SILENT);
        assertThat(recorder.awaitDown().sentence())
            .startsWith("worker WORKER at /" + RawPeer.addressOf(server))
            .contains("no heartbeat for 1000 ms");
        assertThat(main.readToEnd()).isEmpty();
      }
    }
  }

  @Test
  void acceptingSide_ofPeerThatVanishes_isDown_afterSignsOfLife() throws Exception {
    Endpoint side = endpoints.open(Security.plainText(), IMPATIENT);
    Address address =
        side.listen(Endpoints.ANY, Endpoints.accepting(Endpoints.hello(Role.WORKER), recorder))
            .address();
    try (RawPeer main = RawPeer.dial(address, null);
        RawPeer beside = RawPeer.dial(address, null)) {
      main.say(headHello());
      main.readGreeting();
      beside.say(headHello().asPulse());
      beside.readGreeting();
      // far longer than the patience, paced by the other side's signs of life
      for (int i = 0; i < 30; i++) {
        beside.readFrame();
        beside.send(new Frame.Heartbeat());
      }
      assertThat(recorder.down).isNotDone();

      assertThat(recorder.awaitDown().kind()).isEqualTo(Down.Kind.SILENT);
      // the connection beside goes with it
      beside.readToEnd();
      assertThat(main.readToEnd()).isEmpty();
    }
  }

  @Test
  void data_isASignOfLife() throws Exception {
    Endpoint side = endpoints.open(Security.plainText(), IMPATIENT);
    Address address =
        side.listen(Endpoints.ANY, Endpoints.accepting(Endpoints.hello(Role.WORKER), recorder))
            .address();
    try (RawPeer main = RawPeer.dial(address, null);
        RawPeer beside = RawPeer.dial(address, null)) {
      main.say(headHello());
      main.readGreeting();
      beside.say(headHello().asPulse());
      beside.readGreeting();
      for (int i = 0; i < 30; i++) {
        beside.readFrame();
        main.send(new Frame.Ack(i));
      }
      assertThat(recorder.down).isNotDone();

      assertThat(recorder.awaitDown().kind()).isEqualTo(Down.Kind.SILENT);
      assertThat(recorder.frames).hasSize(30);
    }
  }
}
