package dev.grain.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.key.ClusterKey;
import dev.grain.key.Security;
import dev.grain.session.Frame;
import dev.grain.wire.Connection.Down;
import dev.grain.wire.Hello.Role;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong is reported on both sides, and nobody else is harmed. */
final class EndpointFailureTest {
  private static final Duration LONG = Duration.ofHours(1);
  private static final ConnectionLimits SHORT_HELLO =
      Endpoints.limits(Duration.ofMillis(300), LONG, LONG);

  @TempDir Path folder;

  private final Endpoints endpoints = new Endpoints();
  private final Recorder head = new Recorder();
  private final Recorder worker = new Recorder();

  @AfterEach
  void close() {
    endpoints.close();
    assertThat(head.misuse).isEmpty();
    assertThat(worker.misuse).isEmpty();
  }

  private Security security(boolean tls) throws IOException {
    return tls ? Endpoints.key(folder, "key") : Security.plainText();
  }

  private Address listen(Security security) throws IOException {
    return listen(endpoints.open(security));
  }

  private Address listen(Endpoint side) throws IOException {
    return side.listen(Endpoints.ANY, Endpoints.accepting(Endpoints.hello(Role.WORKER), worker))
        .address();
  }

  private Down dial(Security security, Address address) throws Exception {
    return dial(endpoints.open(security), address);
  }

  private Down dial(Endpoint side, Address address) throws Exception {
    side.dial(address, Endpoints.hello(Role.HEAD), head);
    Down down = head.awaitDown();
    assertThat(down.sentence()).contains(address.toString());
    assertThat(head.connection).isNotDone();
    return down;
  }

  private void assertOthersGoOn(Endpoint side, Security security, Address address)
      throws Exception {
    Recorder other = new Recorder();
    endpoints.open(security).dial(address, Endpoints.hello(Role.HEAD), other);
    other.awaitUp();
    assertThat(side.loop().inLoop()).isFalse();
  }

  // ---------------------------------------------------------------- addresses

  @Test
  void dial_whereNobodyListens_isRefusedConnection() throws Exception {
    Address free;
    try (ServerSocket server = RawPeer.listen(null)) {
      free = RawPeer.addressOf(server);
    }

    assertThat(dial(security(true), free))
        .isEqualTo(
            new Down(
                Down.Kind.REFUSED_CONNECTION,
                "Nothing listens at " + free + ". Is the process there running?"));
  }

  @Test
  void dial_ofUnknownName_isUnreachable() throws Exception {
    Down down = dial(security(true), new Address("nowhere.invalid", 4242));

    assertThat(down.kind()).isEqualTo(Down.Kind.UNREACHABLE);
    assertThat(down.sentence()).contains("name nowhere.invalid", "unknown");
  }

  @ParameterizedTest(name = "tls {0}")
  @ValueSource(booleans = {true, false})
  void dial_ofOtherServer_showsHowItBegins(boolean tls) throws Exception {
    try (ServerSocket server = RawPeer.listen(null)) {
      endpoints
          .open(security(tls))
          .dial(RawPeer.addressOf(server), Endpoints.hello(Role.HEAD), head);
      try (RawPeer ssh = new RawPeer(server.accept())) {
        ssh.send("SSH-2.0-OpenSSH_9.6\r\n".getBytes(StandardCharsets.US_ASCII));

        Down down = head.awaitDown();
        assertThat(down.kind()).isEqualTo(Down.Kind.NOT_GRAIN);
        assertThat(down.sentence())
            .isEqualTo(
                RawPeer.addressOf(server)
                    + " is not Grain: it begins with \"SSH-2.0-OpenSSH_9.6??\".");
        ssh.readToEnd();
      }
    }
  }

  @ParameterizedTest(name = "tls {0}")
  @ValueSource(booleans = {true, false})
  void dial_ofSilentServer_timesOut(boolean tls) throws Exception {
    try (ServerSocket server = RawPeer.listen(null)) {
      Down down = dial(endpoints.open(security(tls), SHORT_HELLO), RawPeer.addressOf(server));

      assertThat(down.kind()).isEqualTo(Down.Kind.TIMED_OUT);
      assertThat(down.sentence()).contains(tls ? "TLS handshake" : "send a greeting", "300 ms");
    }
  }

  @Test
  void dial_ofServerThatCloses_isClosed() throws Exception {
    try (ServerSocket server = RawPeer.listen(null)) {
      endpoints
          .open(security(false))
          .dial(RawPeer.addressOf(server), Endpoints.hello(Role.HEAD), head);
      try (RawPeer closing = new RawPeer(server.accept())) {
        closing.readGreeting();
      }

      assertThat(head.awaitDown().kind()).isEqualTo(Down.Kind.CLOSED);
    }
  }

  // ---------------------------------------------------------------- keys

  @Test
  void dial_withOtherKey_isSaidOnBothSides() throws Exception {
    Address address = listen(Endpoints.key(folder, "key"));

    Down down = dial(Endpoints.key(folder, "other"), address);

    assertThat(down.kind()).isEqualTo(Down.Kind.WRONG_KEY);
    assertThat(down.sentence()).contains("used a key (SHA256:", "Use the same key file");
    assertThat(endpoints.awaitWarning())
        .contains("a peer at /127.0.0.1", "does not accept the cluster key of this process");
    assertThat(worker.connection).isNotDone();
  }

  @Test
  void dial_withKeyThatOnlyThePeerRejects_isNeverUp() throws Exception {
    ClusterKey first = ClusterKey.create(folder.resolve("key"));
    Address address = listen(Security.tls(first));

    Down down = dial(Security.tls(ClusterKey.rotate(folder.resolve("key"))), address);

    assertThat(down.kind()).isEqualTo(Down.Kind.WRONG_KEY);
    assertThat(down.sentence()).contains("does not accept the cluster key of this process");
    assertThat(endpoints.awaitWarning()).contains("used a key (SHA256:");
    assertThat(worker.connection).isNotDone();
  }

  @Test
  void accept_ofPeerWithoutKey_isRefused() throws Exception {
    ClusterKey key = ClusterKey.create(folder.resolve("key"));
    Endpoint side = endpoints.open(Security.tls(key));
    Address address = listen(side);
    try (RawPeer keyless = RawPeer.dialWithoutKey(address, key)) {
      keyless.sayEvenIfClosed(Endpoints.hello(Role.HEAD));
      assertThat(keyless.readToEnd()).isEmpty();
    }

    assertThat(endpoints.awaitWarning()).contains("presented no cluster key");
    assertThat(worker.connection).isNotDone();
    assertOthersGoOn(side, Security.tls(key), address);
  }

  @Test
  void dial_inPlainText_ofTls_isSaidOnBothSides() throws Exception {
    Down down = dial(security(false), listen(security(true)));

    assertThat(down.kind()).isEqualTo(Down.Kind.PEER_SPEAKS_TLS);
    assertThat(down.sentence()).contains("requires TLS with the cluster key");
    assertThat(endpoints.awaitWarning()).contains("uses plain text");
  }

  @Test
  void dial_withTls_ofPlainText_isSaidOnBothSides() throws Exception {
    Down down = dial(security(true), listen(security(false)));

    assertThat(down.kind()).isEqualTo(Down.Kind.PEER_SPEAKS_PLAIN_TEXT);
    assertThat(down.sentence()).contains("uses plain text");
    assertThat(endpoints.awaitWarning()).contains("uses TLS");
  }

  // ---------------------------------------------------------------- hellos

  @Test
  void dial_ofHeadByHead_isSaidOnBothSides() throws Exception {
    Endpoint side = endpoints.open(security(true));
    Address address =
        side.listen(
                Endpoints.ANY,
                Endpoints.accepting(Endpoints.hello(Role.HEAD).withName("other"), worker))
            .address();

    Down down = dial(security(true), address);

    assertThat(down.kind()).isEqualTo(Down.Kind.REFUSED);
    assertThat(down.sentence())
        .contains("head HEAD connected to head other", "can connect only to workers");
    assertThat(worker.awaitDown().kind()).isEqualTo(Down.Kind.REFUSED);
    assertThat(worker.awaitDown().sentence()).contains("can connect only to");
  }

  @Test
  void dial_ofOtherRelease_isSaidOnBothSides() throws Exception {
    Endpoint side = endpoints.open(security(true));
    Hello newer = Hello.of(Role.WORKER, "0.2.0", Endpoints.CODEC);
    Address address = side.listen(Endpoints.ANY, Endpoints.accepting(newer, worker)).address();

    Down down = dial(security(true), address);

    assertThat(down.kind()).isEqualTo(Down.Kind.VERSION);
    assertThat(down.sentence()).contains("Grain 0.1.0 and Grain 0.2.0", "same minor release");
    assertThat(worker.awaitDown().kind()).isEqualTo(Down.Kind.VERSION);
    assertThat(worker.awaitDown().sentence()).contains("Grain 0.1.0 and Grain 0.2.0");
  }

  @Test
  void dial_ofWelcomeThatDoesNotFit_isVersion() throws Exception {
    try (ServerSocket server = RawPeer.listen(null)) {
      endpoints
          .open(security(false))
          .dial(RawPeer.addressOf(server), Endpoints.hello(Role.HEAD), head);
      try (RawPeer lenient = new RawPeer(server.accept())) {
        lenient.say(Hello.of(Role.WORKER, "0.2.0", Endpoints.CODEC));

        assertThat(head.awaitDown().kind()).isEqualTo(Down.Kind.VERSION);
      }
    }
  }

  @Test
  void dial_whenRefused_hasThePeersSentence() throws Exception {
    Endpoint side = endpoints.open(security(true));
    Address address =
        side.listen(
                Endpoints.ANY, (_, _) -> new Acceptor.Answer.Refuse("There is no room.\nReally."))
            .address();

    assertThat(dial(security(true), address))
        .isEqualTo(
            new Down(
                Down.Kind.REFUSED, address + " refuses the connection: There is no room.?Really."));
  }

  // ---------------------------------------------------------------- the port

  @ParameterizedTest(name = "tls {0}")
  @ValueSource(booleans = {true, false})
  void accept_ofGarbage_closesAtOnce(boolean tls) throws Exception {
    Endpoint side = endpoints.open(security(tls));
    Address address = listen(side);
    try (RawPeer garbage = RawPeer.dial(address, null)) {
      garbage.send("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(garbage.readToEnd()).isEmpty();
    }

    assertThat(endpoints.awaitWarning()).contains("is not Grain: it begins with \"GET / HTTP/1.1");
    assertOthersGoOn(side, security(tls), address);
  }

  @ParameterizedTest(name = "tls {0}")
  @ValueSource(booleans = {true, false})
  void accept_ofSilence_isClosedInTime(boolean tls) throws Exception {
    Endpoint side = endpoints.open(security(tls), SHORT_HELLO);
    Address address = listen(side);
    try (RawPeer silent = RawPeer.dial(address, null)) {
      silent.readToEnd();
    }

    assertThat(endpoints.awaitWarning()).contains("within 300 ms");
  }

  @ParameterizedTest(name = "tls {0}")
  @ValueSource(booleans = {true, false})
  void accept_ofHalfAHello_isClosedInTime(boolean tls) throws Exception {
    ClusterKey key = tls ? ClusterKey.create(folder.resolve("key")) : null;
    // long enough for a handshake
    Endpoint side =
        endpoints.open(security(tls), Endpoints.limits(Duration.ofSeconds(3), LONG, LONG));
    Address address = listen(side);
    byte[] hello = RawPeer.bytes(Endpoints.hello(Role.HEAD));
    try (RawPeer half = RawPeer.dial(address, key)) {
      half.send(Arrays.copyOf(hello, hello.length - 1));
      assertThat(half.readToEnd()).isEmpty();
    }

    assertThat(endpoints.awaitWarning()).contains("did not send a greeting within 3000 ms");
    assertOthersGoOn(side, security(tls), address);
  }

  @Test
  void accept_ofHalfAHelloAndTheEnd_isLogged_butNotOfALook() throws Exception {
    Endpoint side = endpoints.open(security(false));
    Address address = listen(side);
    try (RawPeer looking = RawPeer.dial(address, null)) {
      looking.endOutput();
      assertThat(looking.readToEnd()).isEmpty();
    }
    try (RawPeer half = RawPeer.dial(address, null)) {
      half.send(Arrays.copyOf(RawPeer.bytes(Endpoints.hello(Role.HEAD)), 50));
      half.endOutput();
      assertThat(half.readToEnd()).isEmpty();
    }

    assertThat(endpoints.awaitWarning())
        .contains("closed the connection instead of sending a greeting");
    assertThat(endpoints.warnings).isEmpty();
  }

  @ParameterizedTest(name = "tls {0}")
  @ValueSource(booleans = {true, false})
  void accept_ofOversizedLength_closesAtOnce(boolean tls) throws Exception {
    ClusterKey key = tls ? ClusterKey.create(folder.resolve("key")) : null;
    Endpoint side = endpoints.open(security(tls), Endpoints.limits(LONG, LONG, LONG));
    Address address = listen(side);
    byte[] hello = RawPeer.bytes(Endpoints.hello(Role.HEAD));
    hello[8] = 0x7f;
    try (RawPeer oversized = RawPeer.dial(address, key)) {
      oversized.send(hello);
      assertThat(oversized.readToEnd()).isEmpty();
    }

    assertThat(endpoints.awaitWarning()).contains("cannot be read: The length of the hello is 21");
    assertOthersGoOn(side, security(tls), address);
  }

  /** Those of the flood send nothing, or start a TLS handshake and go no further. */
  @ParameterizedTest
  @ValueSource(strings = {"", "160301020001"})
  void accept_ofFlood_letsOldestGiveWay(String beginning) throws Exception {
    ConnectionLimits few = new ConnectionLimits(LONG, LONG, LONG, 4, 1024, 1024);
    Endpoint side = endpoints.open(security(true), few);
    Address address = listen(side);
    List<RawPeer> flood = new ArrayList<>();
    try {
      for (int i = 0; i < 20; i++) {
        RawPeer peer = RawPeer.dial(address, null);
        flood.add(peer);
        peer.send(HexFormat.of().parseHex(beginning));
      }
      // 16 have given way to the last 4, and one of those gives way to this one
      assertOthersGoOn(side, security(true), address);
      for (RawPeer silent : flood.subList(0, 17)) {
        silent.readToEnd();
      }
      assertThat(endpoints.awaitWarning())
          .contains("make room for a newer connection", "4 may be greeting at the same time");
    } finally {
      for (RawPeer peer : flood) {
        peer.close();
      }
    }
  }

  @Test
  void receive_ofNoFrame_isMalformed() throws Exception {
    Endpoint side = endpoints.open(security(false));
    try (RawPeer malformed = RawPeer.dial(listen(side), null)) {
      malformed.say(Endpoints.hello(Role.HEAD));
      assertThat(malformed.readGreeting()).isInstanceOf(Hello.class);
      worker.awaitUp();
      malformed.send(new byte[] {0x7f, -1, -1, -1});

      assertThat(worker.awaitDown().kind()).isEqualTo(Down.Kind.MALFORMED);
      assertThat(worker.awaitDown().sentence()).startsWith("head HEAD at /127.0.0.1:");
      assertThat(malformed.readToEnd()).isEmpty();
    }
  }

  @Test
  void receive_ofFramesWithTheHello_waitsForNothing() throws Exception {
    Endpoint side = endpoints.open(security(false));
    try (RawPeer eager = RawPeer.dial(listen(side), null)) {
      byte[] hello = RawPeer.bytes(Endpoints.hello(Role.HEAD));
      byte[] all = Arrays.copyOf(hello, hello.length + 5);
      all[hello.length + 3] = 1;
      all[hello.length + 4] = 7;
      eager.send(all);

      assertThat(worker.awaitFrame()).isEqualTo(new Frame.Heartbeat());
    }
  }
}
