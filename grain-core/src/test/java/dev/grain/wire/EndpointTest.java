package dev.grain.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.grain.bytes.Bytes;
import dev.grain.key.ClusterKey;
import dev.grain.key.Security;
import dev.grain.session.Frame;
import dev.grain.wire.Connection.Down;
import dev.grain.wire.Endpoint.Listening;
import dev.grain.wire.Hello.Role;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EndpointTest {
  @TempDir Path folder;

  private final Endpoints endpoints = new Endpoints();
  private final Recorder head = new Recorder();
  private final Recorder worker = new Recorder();

  @AfterEach
  void close() {
    endpoints.close();
    assertThat(head.misuse).isEmpty();
    assertThat(worker.misuse).isEmpty();
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .noneMatch(name -> name.startsWith("grain-") || name.startsWith("globalEventExecutor"));
  }

  private Security security(boolean tls) throws IOException {
    return tls ? Endpoints.key(folder, "key") : Security.plainText();
  }

  @ParameterizedTest(name = "tls {0}")
  @ValueSource(booleans = {true, false})
  void dial_ofListeningWorker_carriesFramesBothWays(boolean tls) throws Exception {
    Endpoint workerSide = endpoints.open(security(tls));
    Endpoint headSide = endpoints.open(security(tls));
    Hello workers = Endpoints.hello(Role.WORKER).withOffer(Bytes.of(new byte[] {7}));
    Listening listening = workerSide.listen(Endpoints.ANY, Endpoints.accepting(workers, worker));
    headSide.dial(listening.address(), Endpoints.hello(Role.HEAD).withSession("s"), head);

    Connection atHead = head.awaitUp();
    Connection atWorker = worker.awaitUp();
    assertThat(head.peer.get().offer()).isEqualTo(Bytes.of(new byte[] {7}));
    assertThat(worker.peer.get().role()).isEqualTo(Role.HEAD);
    headSide
        .loop()
        .post(() -> {
          for (int i = 0; i < 1000; i++) {
            atHead.write(new Frame.Ack(i));
          }
          atHead.flush();
        });
    for (int i = 0; i < 1000; i++) {
      assertThat(worker.awaitFrame()).isEqualTo(new Frame.Ack(i));
    }
    workerSide.loop().post(() -> send(atWorker, new Frame.Goodbye("done")));
    assertThat(head.awaitFrame()).isEqualTo(new Frame.Goodbye("done"));
    assertThat(head.awaitDown())
        .isEqualTo(
            new Down(
                Down.Kind.GOODBYE, "worker WORKER at /" + listening.address() + " has left: done"));
    assertThat(worker.awaitDown().kind()).isEqualTo(Down.Kind.CLOSED);
    assertThat(endpoints.warnings).isEmpty();
  }

  private static void send(Connection connection, Frame frame) {
    connection.write(frame);
    connection.flush();
  }

  @Test
  void close_byThisSide_sendsWhatWasWritten_andTellsOnlyTheOther() throws Exception {
    Endpoint side = endpoints.open(security(true));
    Listening listening =
        side.listen(Endpoints.ANY, Endpoints.accepting(Endpoints.hello(Role.WORKER), worker));
    side.dial(listening.address(), Endpoints.hello(Role.HEAD), head);
    Connection atHead = head.awaitUp();
    worker.awaitUp();

    side.loop()
        .post(() -> {
          atHead.write(new Frame.Ack(1));
          atHead.close();
          atHead.write(new Frame.Ack(2));
          atHead.close();
        });

    assertThat(worker.awaitDown().kind()).isEqualTo(Down.Kind.CLOSED);
    assertThat(worker.frames).containsExactly(new Frame.Ack(1));
    assertThat(head.down).isNotDone();
  }

  @Test
  void dial_byWorkerOfListeningHead_isTheSame() throws Exception {
    Endpoint side = endpoints.open(security(true));
    Listening listening =
        side.listen(
            Endpoints.ANY,
            Endpoints.accepting(Endpoints.hello(Role.HEAD).withSession("of head"), head));
    side.dial(listening.address(), Endpoints.hello(Role.WORKER), worker);

    assertThat(worker.awaitUp().session()).isEqualTo("of head");
    assertThat(head.awaitUp().session()).isEqualTo("of head");
  }

  @Test
  void dial_byName_triesAllItsAddresses() throws Exception {
    Endpoint side = endpoints.open(security(true));
    Listening listening =
        side.listen(Endpoints.ANY, Endpoints.accepting(Endpoints.hello(Role.WORKER), worker));
    side.dial(
        new Address("localhost", listening.address().port()), Endpoints.hello(Role.HEAD), head);

    assertThat(head.awaitUp().peer().role()).isEqualTo(Role.WORKER);
  }

  @Test
  void dial_withOlderKey_isAccepted_afterRotation() throws Exception {
    Path file = folder.resolve("key");
    Security old = Security.tls(ClusterKey.create(file));
    ClusterKey rotated = ClusterKey.rotate(file);
    Endpoint workerSide = endpoints.open(Security.tls(rotated));
    Endpoint headSide = endpoints.open(Security.tls(ClusterKey.load(file)));
    Listening listening =
        workerSide.listen(Endpoints.ANY, Endpoints.accepting(Endpoints.hello(Role.WORKER), worker));
    headSide.dial(listening.address(), Endpoints.hello(Role.HEAD), head);
    head.awaitUp();

    // the new key is offered, which a process with the old file does not know
    Recorder late = new Recorder();
    endpoints.open(old).dial(listening.address(), Endpoints.hello(Role.HEAD), late);
    assertThat(late.awaitDown().kind()).isEqualTo(Down.Kind.WRONG_KEY);
  }

  @Test
  void dial_whenCancelled_tellsNothing() throws Exception {
    Endpoint side = endpoints.open(security(true));
    CompletableFuture<Hello> asked = new CompletableFuture<>();
    Listening listening =
        side.listen(
            Endpoints.ANY,
            (peer, _) -> {
              asked.complete(peer);
              return new Acceptor.Answer.Accept(Endpoints.hello(Role.WORKER), worker);
            });
    side.loop()
        .post(() -> side.dial(listening.address(), Endpoints.hello(Role.HEAD), head).cancel());
    Recorder second = new Recorder();
    side.dial(listening.address(), Endpoints.hello(Role.HEAD).withName("second"), second);

    second.awaitUp();
    assertThat(asked.get().name()).isEqualTo("second");
    assertThat(head.connection).isNotDone();
    assertThat(head.down).isNotDone();
  }

  @Test
  void listen_onPortInUse_saysSo() throws Exception {
    Endpoint side = endpoints.open(security(true));
    Acceptor acceptor = Endpoints.accepting(Endpoints.hello(Role.WORKER), worker);
    Address taken = side.listen(Endpoints.ANY, acceptor).address();

    assertThatIOException()
        .isThrownBy(() -> side.listen(taken, acceptor))
        .withMessageStartingWith("Cannot listen on " + taken + ": ")
        .withMessageContaining("Another program may have the port");
    assertThatIOException()
        .isThrownBy(() -> side.listen(new Address("nowhere.invalid", 0), acceptor))
        .withMessageContaining("nowhere.invalid is unknown");
  }

  @Test
  void listening_whenClosed_keepsConnections_andRefusesNewOnes() throws Exception {
    Endpoint side = endpoints.open(security(true));
    Listening listening =
        side.listen(Endpoints.ANY, Endpoints.accepting(Endpoints.hello(Role.WORKER), worker));
    Address address = listening.address();
    side.dial(address, Endpoints.hello(Role.HEAD), head);
    Connection atHead = head.awaitUp();
    listening.close();

    // who dials at the same moment may still get into the queue of the port, and is cut off
    Down.Kind kind;
    do {
      Recorder late = new Recorder();
      side.dial(address, Endpoints.hello(Role.HEAD), late);
      kind = late.awaitDown().kind();
    } while (kind != Down.Kind.REFUSED_CONNECTION);
    side.loop().post(() -> send(atHead, new Frame.Ack(3)));
    assertThat(worker.awaitFrame()).isEqualTo(new Frame.Ack(3));
  }

  @Test
  void write_toSlowReader_stopsBeingWritable_andGoesOnLater() throws Exception {
    Endpoint workerSide = endpoints.open(security(true));
    Endpoint headSide = endpoints.open(security(true));
    Listening listening =
        workerSide.listen(Endpoints.ANY, Endpoints.accepting(Endpoints.hello(Role.WORKER), worker));
    headSide.dial(listening.address(), Endpoints.hello(Role.HEAD), head);
    Connection atHead = head.awaitUp();
    worker.awaitUp();
    CompletableFuture<Void> paused = new CompletableFuture<>();
    CompletableFuture<Void> resumed = new CompletableFuture<>();
    // a loop that is busy does not read
    workerSide
        .loop()
        .post(() -> {
          paused.complete(null);
          resumed.join();
        });
    Recorder.await(paused);
    CompletableFuture<Integer> sent = new CompletableFuture<>();
    headSide.loop().post(() -> sent.complete(writeWhileWritable(atHead)));
    int chunks = Recorder.await(sent);

    // what the sockets of both sides hold, and the high water mark
    assertThat(chunks).isBetween(4, 1000);
    assertThat(worker.frames).hasSizeLessThanOrEqualTo(chunks);
    assertThat(head.writable).isEmpty();
    resumed.complete(null);
    for (int i = 0; i < chunks; i++) {
      assertThat(worker.awaitFrame()).isInstanceOf(Frame.Chunk.class);
    }
    assertThat(head.writable.take()).isTrue();
  }

  private static int writeWhileWritable(Connection connection) {
    Bytes data = Bytes.of(new byte[200_000]);
    int chunks = 0;
    while (connection.isWritable() && chunks < 10_000) {
      connection.write(new Frame.Chunk(++chunks, 1, 0, data));
      connection.flush();
    }
    return chunks;
  }

  @Test
  void close_ofEndpoint_endsItsConnections() throws Exception {
    Endpoint workerSide = endpoints.open(security(true));
    Endpoint headSide = endpoints.open(security(true));
    Listening listening =
        workerSide.listen(Endpoints.ANY, Endpoints.accepting(Endpoints.hello(Role.WORKER), worker));
    headSide.dial(listening.address(), Endpoints.hello(Role.HEAD).withSession("s"), head);
    head.awaitUp();
    worker.awaitUp();

    headSide.close();
    assertThat(worker.awaitDown().kind()).isEqualTo(Down.Kind.CLOSED);
  }
}
