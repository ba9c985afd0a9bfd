package dev.grain.wire;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.GrainExecutor;
import dev.grain.RunOptions;
import dev.grain.bytes.Bytes;
import dev.grain.code.Codec;
import dev.grain.message.AttemptEnd;
import dev.grain.message.Message;
import dev.grain.resource.internal.Fractions;
import dev.grain.resource.internal.Offer;
import dev.grain.session.Frame;
import dev.grain.wire.Hello.Role;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** A worker that sends more than anybody wants, and reads nothing, harms no one beside it. */
final class HostileWorkerTest {
  private static final int IN_A_FRAME = 100;
  private static final int FRAMES = 2_000;
  private static final List<Integer> INPUTS = IntStream.range(0, 500).boxed().toList();

  @Test
  void endlessOutput_ofJobsThatItDoesNotHave_isDropped() {
    Bytes text = Bytes.of(new byte[1024]);
    flood(number -> new Message.Output(number, 1, text, false));
  }

  @Test
  void endlessRequestsForCode_withoutReadingTheAnswers_areHeldBack() {
    flood(number -> new Message.NeedCode(hash(number)));
  }

  @Test
  void endlessRequestsForLogins_withoutReadingTheAnswers_areHeldBack() {
    flood(number -> new Message.NeedLogin("run", Message.Service.GIT, "https://host/" + number));
  }

  @Test
  void endlessReports_ofJobsThatItDoesNotHave_areIgnored() {
    flood(number -> new Message.Started(number, 1, new Fractions((int) number, -1)));
    flood(number -> new Message.Ended(number, 1, new AttemptEnd.Value(hash(number)), number));
    flood(number -> new Message.Returned(number, (int) number));
    flood(number -> new Message.NotStopping(number, 1, true));
    flood(number -> new Message.Freed(number, 1, -number));
    flood(_ -> new Message.Draining());
  }

  @Test
  void endlessMessages_thatOnlyAHeadSends_endTheConnection() {
    flood(number -> new Message.TakeBack(number, 1));
  }

  private static Bytes hash(long number) {
    return Bytes.of(ByteBuffer.allocate(32).putLong(number).array());
  }

  /** Floods a head while it runs jobs on a worker that behaves well, on the same loop. */
  private static void flood(LongFunction<Message> message) {
    RunOptions options =
        RunOptions.defaults()
            .local(cpu(2))
            .listen("127.0.0.1", 0)
            .insecure()
            .progress(false)
            .echo(false);
    try (GrainExecutor grain = GrainExecutor.open(options);
        RawPeer hostile = join(Address.parse(grain.address().orElseThrow()))) {
      CompletableFuture<Void> flooding = CompletableFuture.runAsync(() -> send(hostile, message));

      for (int round = 0; round < 4; round++) {
        assertThat(grain.map(cpu(1), HostileWorkerTest::negative, INPUTS))
            .isEqualTo(INPUTS.stream().map(HostileWorkerTest::negative).toList());
      }
      flooding.join();
      assertThat(grain.submit(cpu(2), HostileWorkerTest::negative, 5).result()).isEqualTo(-5);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static int negative(int number) {
    return -number;
  }

  private static RawPeer join(Address head) throws Exception {
    RawPeer peer = RawPeer.dial(head, null);
    peer.say(
        Hello.of(Role.WORKER, Release.name(), Codec.FORMAT)
            .withIncarnation("hostile")
            .withName("hostile")
            .withOffer(Offer.EMPTY.encode())
            .withIntern(0));
    assertThat(peer.readGreeting()).isInstanceOf(Hello.class);
    return peer;
  }

  private static void send(RawPeer hostile, LongFunction<Message> message) {
    try {
      long next = 1;
      for (int frame = 0; frame < FRAMES; frame++) {
        hostile.send(
            new Frame.Messages(
                next, LongStream.range(next, next + IN_A_FRAME).mapToObj(message).toList()));
        next += IN_A_FRAME;
      }
    } catch (SocketException closed) {
      // by the head, which has had enough
    } catch (IOException e) {
      throw new CompletionException(e);
    }
  }
}
