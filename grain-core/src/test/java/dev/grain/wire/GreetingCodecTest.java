package dev.grain.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.grain.bytes.Bytes;
import dev.grain.session.WireException;
import dev.grain.wire.Hello.Role;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;

/** The form of greetings never changes: other releases must be able to read them. */
final class GreetingCodecTest {
  private static final String MAGIC = "89475241494e0d0a";

  @Test
  void encode_ofHello_hasTheseBytesForEver() throws WireException {
    SequencedMap<String, Bytes> fields = new LinkedHashMap<>();
    fields.put("role", text("WORKER"));
    fields.put("java", text("25"));
    fields.put("offer", Bytes.of(new byte[] {1, 2, 3}));
    Hello hello = Hello.of(1, 2, 5, fields);

    assertThat(hex(hello))
        .isEqualTo(
            MAGIC
                + "00000037" // what follows
                + "00000001" // min version
                + "00000002" // max version
                + "0000000000000005" // features
                + "04"
                + "726f6c65"
                + "00000006"
                + "574f524b4552" // role = WORKER
                + "04"
                + "6a617661"
                + "00000002"
                + "3235" // java = 25
                + "05"
                + "6f66666572"
                + "00000003"
                + "010203"); // offer
  }

  @Test
  void encode_ofRefusal_hasTheseBytesForEver() {
    assertThat(hex(new Refusal(Refusal.Code.TLS, "No.")))
        .isEqualTo(
            MAGIC
                + "0000002d"
                + "00000002"
                + "00000002"
                + "0000000000000000"
                + "07"
                + "7265667573616c"
                + "00000003"
                + "4e6f2e" // refusal = No.
                + "06"
                + "726561736f6e"
                + "00000003"
                + "746c73"); // reason = tls
  }

  @Test
  void decode_ofHello_givesAllFields() throws WireException {
    Hello hello =
        Hello.of(Role.HEAD, "0.1.0", "kryo-5")
            .withHead("r1")
            .withSession("s1")
            .withIncarnation("i1")
            .withName("n1")
            .withOffer(Bytes.of(new byte[] {9}))
            .withListen(4242)
            .withIntern(4096)
            .withReceived(1L << 40)
            .withRemaining(3_600_000);

    assertThat(decode(bytes(hello)))
        .isInstanceOfSatisfying(
            Hello.class,
            read -> {
              assertThat(read.fields()).isEqualTo(hello.fields());
              assertThat(read.role()).isEqualTo(Role.HEAD);
              assertThat(read.head()).isEqualTo("r1");
              assertThat(read.session()).isEqualTo("s1");
              assertThat(read.incarnation()).isEqualTo("i1");
              assertThat(read.name()).isEqualTo("n1");
              assertThat(read.java()).isEqualTo(Runtime.version().feature());
              assertThat(read.release()).isEqualTo("0.1.0");
              assertThat(read.codec()).isEqualTo("kryo-5");
              assertThat(read.offer()).isEqualTo(Bytes.of(new byte[] {9}));
              assertThat(read.listen()).isEqualTo(4242);
              assertThat(read.intern()).isEqualTo(4096);
              assertThat(read.received()).isEqualTo(1L << 40);
              assertThat(read.remaining()).isEqualTo(3_600_000);
            });
  }

  @Test
  void decode_ofUnknownFieldsAndReasons_ignoresThem() throws WireException {
    String greeting =
        MAGIC
            + "00000028"
            + "00000001"
            + "00000009"
            + "ffffffffffffffff"
            + "06"
            + "667574757265"
            + "00000000" // future =
            + "04"
            + "726f6c65"
            + "00000004"
            + "48454144"; // role = HEAD
    assertThat(decode(greeting))
        .isInstanceOfSatisfying(
            Hello.class,
            read -> {
              assertThat(read.role()).isEqualTo(Role.HEAD);
              assertThat(read.maxVersion()).isEqualTo(9);
              assertThat(read.session()).isEmpty();
              assertThat(read.intern()).isZero();
            });
    String refusal = bytes(new Refusal(Refusal.Code.TLS, "No.")).replace("746c73", "787878");
    assertThat(decode(refusal)).isEqualTo(new Refusal(Refusal.Code.OTHER, "No."));
  }

  @Test
  void decode_ofEachStart_waitsForTheRest() throws WireException {
    String whole = bytes(Hello.of(Role.WORKER, "0.1.0", "kryo-5"));
    for (int end = 0; end < whole.length(); end += 2) {
      ByteBuf in = buffer(whole.substring(0, end));
      assertThat(GreetingCodec.decode(in)).isNull();
      assertThat(in.readableBytes()).isEqualTo(end / 2);
    }
    ByteBuf more = buffer(whole + "abcd");
    assertThat(GreetingCodec.decode(more)).isNotNull();
    assertThat(ByteBufUtil.hexDump(more)).isEqualTo("abcd");
  }

  @Test
  void decode_ofNonsense_saysWhatIsWrong() {
    String rest = "00000001" + "00000001" + "0000000000000000";
    assertMalformed("47455420", "first bytes");
    assertMalformed(MAGIC + "00010001", "65537 bytes");
    assertMalformed(MAGIC + "ffffffff", "-1 bytes");
    assertMalformed(MAGIC + "0000000f", "15 bytes");
    assertMalformed(MAGIC + "00000010" + rest, "names a role");
    assertMalformed(MAGIC + "00000012" + rest + "0561", "name of a field");
    assertMalformed(MAGIC + "00000014" + rest + "01610000", "length of the field a");
    assertMalformed(MAGIC + "00000016" + rest + "016100000001", "field a");
    assertMalformed(MAGIC + "00000016" + rest + "0161ffffffff", "field a");
    assertMalformed(
        MAGIC + "00000027" + rest + "04726f6c6500000004" + "48454144" + "046a61766100000001" + "78",
        "for the number java");
  }

  private static void assertMalformed(String bytes, String what) {
    assertThatExceptionOfType(WireException.class)
        .isThrownBy(() -> decode(bytes))
        .withMessageContaining(what);
  }

  @Test
  void encode_ofTooLargeHello_isRefused() {
    Hello large = Hello.of(Role.WORKER, "0.1.0", "kryo-5").withOffer(Bytes.of(new byte[65_000]));
    assertThat(bytes(large)).hasSizeGreaterThan(130_000);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> bytes(large.withName("x".repeat(600))))
        .withMessageContaining("65536 are allowed");
  }

  @Test
  void decode_ofRefusalWithControls_showsNone() throws WireException {
    String refusal = bytes(new Refusal(Refusal.Code.OTHER, "abc")).replace("616263", "611b0a");

    assertThat(decode(refusal)).isEqualTo(new Refusal(Refusal.Code.OTHER, "a??"));
  }

  private static Bytes text(String text) {
    return Bytes.of(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String hex(Greeting greeting) {
    return bytes(greeting);
  }

  private static String bytes(Greeting greeting) {
    ByteBuf buffer = GreetingCodec.encode(greeting, UnpooledByteBufAllocator.DEFAULT);
    try {
      return ByteBufUtil.hexDump(buffer);
    } finally {
      buffer.release();
    }
  }

  private static ByteBuf buffer(String hex) {
    return Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex));
  }

  private static Greeting decode(String hex) throws WireException {
    Greeting greeting = GreetingCodec.decode(buffer(hex));
    assertThat(greeting).isNotNull();
    return greeting;
  }
}
