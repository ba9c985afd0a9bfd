package dev.grain.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.grain.session.Allocation;
import dev.grain.session.WireException;
import dev.grain.wire.Hello.Role;
import io.netty.buffer.Unpooled;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes are a greeting or an error of the peer, and a greeting is read as it was written. */
final class GreetingFuzzTest {
  /** What one byte of a greeting becomes at most: a field with a name and no value has five. */
  private static final long OF_EACH_BYTE = 64;

  private static final long IN_ANY_CASE = 64 * 1024;

  static Stream<byte[]> valid() {
    return Stream.of(
            Hello.of(Role.HEAD, "0.1.0", "kryo-5")
                .withHead("r1")
                .withSession("s1")
                .withName("n1")
                .withIntern(4096),
            Hello.of(Role.WORKER, "0.1.0", "kryo-5")
                .withIncarnation("i1")
                .withOffer(Hello.bytes("offer"))
                .withListen(4242)
                .withReceived(17)
                .withStatus("2 jobs"),
            Hello.of(Role.PULSE, "0.1.0", "kryo-5").withSession("s1"),
            Hello.of(Role.INSPECTOR, "0.1.0", "kryo-5"),
            new Refusal(Refusal.Code.TLS, "No."))
        .map(RawPeer::bytes);
  }

  @MethodSource("valid")
  @FuzzTest(maxDuration = "")
  void decode_ofAnything_isAGreetingOrAnErrorOfThePeer(byte[] bytes) throws WireException {
    Greeting greeting =
        Allocation.assertAtMost(IN_ANY_CASE + OF_EACH_BYTE * bytes.length, () -> decode(bytes));

    if (greeting != null) {
      Greeting again = GreetingCodec.decode(Unpooled.wrappedBuffer(RawPeer.bytes(greeting)));
      assertThat(again).isNotNull().usingRecursiveComparison().isEqualTo(greeting);
    }
    if (greeting instanceof Hello hello) {
      assertThat(hello.describe()).isNotEmpty();
      assertThat(hello.java()).isNotNegative();
      assertThat(hello.intern()).isNotNegative();
      assertThat(hello.listen()).isNotNegative();
      assertThat(hello.received()).isNotNegative();
      Compatibility.check(hello, Hello.of(Role.WORKER, "0.1.0", "kryo-5"));
    }
  }

  private static @Nullable Greeting decode(byte[] bytes) {
    try {
      return GreetingCodec.decode(Unpooled.wrappedBuffer(bytes));
    } catch (WireException expected) {
      assertThat(expected.getMessage()).isNotEmpty();
      return null;
    }
  }
}
