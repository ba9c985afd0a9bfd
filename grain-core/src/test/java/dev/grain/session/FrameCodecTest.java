package dev.grain.session;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.grain.bytes.Bytes;
import dev.grain.message.CodeRef;
import dev.grain.message.Message;
import dev.grain.message.Order;
import dev.grain.message.Orders;
import dev.grain.message.Work;
import dev.grain.resource.internal.Demand;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Frames that are whole, cut off, unknown and wrong. */
final class FrameCodecTest {
  private static final int INTERN = 4;

  private final FrameCodec sender = new FrameCodec(INTERN);
  private final FrameCodec receiver = new FrameCodec(INTERN);

  @Test
  void decode_ofRandomFrames_givesWhatWasEncoded() throws WireException {
    for (int seed = 0; seed < 50; seed++) {
      RandomFrames frames = new RandomFrames(new SplittableRandom(seed));
      for (int i = 0; i < 40; i++) {
        Frame frame = frames.next();
        assertThat(receiver.decode(Unpooled.wrappedBuffer(encode(sender, frame)))).isEqualTo(frame);
      }
    }
  }

  @Test
  void decode_ofRepeatedSequences_findsThemInTheirSlots() throws WireException {
    int first = encodeAndDecode(run("a")).length;
    int known = encodeAndDecode(run("a")).length;

    encodeAndDecode(run("b"));
    encodeAndDecode(run("a"));
    encodeAndDecode(run("c"));
    int stillKnown = encodeAndDecode(run("a")).length;
    int givenWay = encodeAndDecode(run("b")).length;

    assertThat(known).isEqualTo(stillKnown).isLessThan(first);
    assertThat(givenWay).isGreaterThan(known);
  }

  @Test
  void decode_withoutSlots_givesWhatWasEncoded() throws WireException {
    Frame frame = new Frame.Messages(1, List.of(run("a"), run("a")));

    byte[] encoded = encode(new FrameCodec(0), frame);

    assertThat(new FrameCodec(0).decode(Unpooled.wrappedBuffer(encoded))).isEqualTo(frame);
  }

  @Test
  void encode_ofALargeChunk_doesNotCopyIt() {
    byte[] data = new byte[SessionLimits.MOST_CHUNK];
    ByteBuf encoded =
        sender.encode(
            new Frame.Chunk(1, 1, 1L << 40, Bytes.of(data)), UnpooledByteBufAllocator.DEFAULT);
    data[5] = 42;

    assertThat(encoded.getByte(encoded.writerIndex() - data.length + 5)).isEqualTo((byte) 42);
    encoded.release();
  }

  @Test
  void encode_ofALongText_cutsIt() throws WireException {
    Frame frame = new Frame.Goodbye("€".repeat(1_000_000));

    Frame decoded = receiver.decode(Unpooled.wrappedBuffer(encode(sender, frame)));

    assertThat(decoded).isEqualTo(new Frame.Goodbye("€".repeat(8 * 1024)));
  }

  @Test
  void encode_ofMoreThanAFrame_isRefused() {
    Frame frame = new Frame.Chunk(1, 1, 0, Bytes.of(new byte[FrameCodec.MOST_BYTES]));

    assertThatThrownBy(() -> encode(sender, frame))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("A frame of 1048580 bytes, where 1048576 may be");
  }

  @Test
  void decode_ofSeveralThatArriveByteByByte_givesEachWhenItIsWhole() throws WireException {
    RandomFrames random = new RandomFrames(new SplittableRandom(7));
    ByteBuf arrived = Unpooled.buffer();
    for (int i = 0; i < 30; i++) {
      Frame frame = random.next();
      byte[] encoded = encode(sender, frame);
      for (int end = 0; end < encoded.length - 1; end++) {
        arrived.writeByte(encoded[end]);
        assertThat(receiver.decode(arrived)).isNull();
      }
      arrived.writeByte(encoded[encoded.length - 1]);
      assertThat(receiver.decode(arrived)).isEqualTo(frame);
    }
    arrived.release();
  }

  @Test
  void decode_ofAPartOfALargeChunk_keepsNothingInTheBuffer() throws WireException {
    Frame chunk = new Frame.Chunk(1, 2, 3, Bytes.of(new byte[100_000]));
    byte[] encoded = encode(sender, chunk);
    ByteBuf first = Unpooled.wrappedBuffer(encoded, 0, 60_000);
    ByteBuf second = Unpooled.wrappedBuffer(encoded, 60_000, encoded.length - 60_000);

    assertThat(receiver.decode(first)).isNull();
    assertThat(first.isReadable()).isFalse();
    assertThat(receiver.decode(second)).isEqualTo(chunk);
  }

  @Test
  void decode_ofAFrameThatIsCutAtAnyByte_isAnErrorOrLess() {
    RandomFrames random = new RandomFrames(new SplittableRandom(8));
    for (int i = 0; i < 40; i++) {
      Frame frame = random.next();
      byte[] whole = encode(new FrameCodec(INTERN), frame);
      for (int end = Integer.BYTES + 1; end < Math.min(whole.length, 300); end++) {
        byte[] cut = Arrays.copyOf(whole, end);
        setLength(cut);
        assertThat(decodeAll(cut)).doesNotContain(frame);
      }
    }
  }

  @Test
  void decode_ofARunThatIsCutAtAnyByte_saysWhere() {
    byte[] whole = encode(sender, new Frame.Messages(1, List.of(run("name"))));
    for (int end = Integer.BYTES + 1; end < whole.length; end++) {
      byte[] cut = Arrays.copyOf(whole, end);
      setLength(cut);
      assertThatThrownBy(() -> receiver.decode(Unpooled.wrappedBuffer(cut)))
          .isInstanceOf(WireException.class)
          .hasMessageMatching("A frame of \\d+ bytes .*, at byte \\d+\\.");
    }
  }

  @Test
  void decode_ofAnUnknownOptionalFrame_skipsIt() throws WireException {
    byte[] known = encode(sender, new Frame.Ack(9));
    ByteBuf in =
        Unpooled.wrappedBuffer(bytes(0, 0, 0, 3, 0x80, 1, 2), bytes(0, 0, 0, 1, 0xff), known);

    assertThat(receiver.decode(in)).isEqualTo(new Frame.Ack(9));
    assertThat(in.isReadable()).isFalse();
  }

  @Test
  void decode_ofAnUnknownMandatoryFrame_isRefused() {
    assertRefused("A frame of 2 bytes has the unknown type 127, at byte 1.", 0, 0, 0, 2, 0x7f, 1);
    assertRefused("A frame of 1 bytes has the unknown type 0, at byte 1.", 0, 0, 0, 1, 0);
  }

  @Test
  void decode_ofALengthThatMayNotBe_isRefusedAtOnce() {
    assertRefused("A frame is said to have 0 bytes; it may have 1 to 1048576.", 0, 0, 0, 0);
    assertRefused("A frame is said to have 1048577 bytes; it may have 1 to 1048576.", 0, 16, 0, 1);
    assertRefused(
        "A frame is said to have 1195725856 bytes; it may have 1 to 1048576.", 'G', 'E', 'T', ' ');
    assertRefused(
        "A frame is said to have 4294967295 bytes; it may have 1 to 1048576.", 255, 255, 255, 255);
  }

  @Test
  void decode_ofWrongContents_saysWhatIsWrong() {
    assertRefused("A frame of 3 bytes continues after its end, at byte 2.", 0, 0, 0, 3, 4, 1, 0);
    assertRefused(
        "A frame of 3 bytes has a message of the unknown type 99, at byte 3.",
        0,
        0,
        0,
        3,
        1,
        1,
        99);
    assertRefused(
        "A frame of 3 bytes announces 5 bytes, but only 1 follow, at byte 2.",
        0,
        0,
        0,
        3,
        6,
        5,
        'x');
    assertRefused(
        "A frame of 12 bytes has a number of more than 64 bits, at byte 11.",
        0,
        0,
        0,
        12,
        4,
        255,
        255,
        255,
        255,
        255,
        255,
        255,
        255,
        255,
        2,
        0);
    assertRefused(
        "A frame of 8 bytes names slot 0, which is empty, at byte 8.",
        0,
        0,
        0,
        8,
        1,
        1,
        1,
        1,
        1,
        0,
        0,
        2);
    assertRefused(
        "A frame of 8 bytes names slot 4 of 4, at byte 8.", 0, 0, 0, 8, 1, 1, 1, 1, 1, 0, 0, 10);
    assertRefused(
        "A frame of 8 bytes has a job with work of the unknown kind 7, at byte 7.",
        0,
        0,
        0,
        8,
        1,
        1,
        1,
        1,
        1,
        0,
        7,
        2);
  }

  @Test
  void decode_ofAnOrderWithoutARequest_saysSo() {
    byte[] encoded = encode(sender, new Frame.Messages(1, List.of(run("name"))));
    int version = Integer.BYTES + 1 + 1 + 5 + 5 + 6 + 2;
    assertThat(encoded[version]).isEqualTo((byte) 1);
    encoded[version] = 9;

    assertThatThrownBy(() -> receiver.decode(Unpooled.wrappedBuffer(encoded)))
        .isInstanceOf(WireException.class)
        .hasMessageContaining("has a job with a request that is none (")
        .hasMessageContaining("version 9, known is 1");
  }

  @Test
  void decode_ofEqualSpecs_givesTheSameObjects() throws WireException {
    Order.Spec spec =
        new Order.Spec(
            "name",
            Demand.of(cpu(2)),
            new Order.Limits(5, 7),
            new Work.Call(Bytes.utf8("function"), true),
            new Order.Setting(new CodeRef.Bundle(Bytes.utf8("hash"))));
    Order.Spec other =
        new Order.Spec(
            "other", Demand.of(cpu(2)), Order.Limits.NONE, spec.work(), Order.Setting.OWN);
    FrameCodec to = new FrameCodec(16);
    FrameCodec from = new FrameCodec(16);
    List<Order.Spec> decoded = new ArrayList<>();
    for (Order.Spec each : List.of(spec, spec, other)) {
      Frame frame = new Frame.Messages(1, List.of(Orders.of(1, 1, false, each, Bytes.empty())));
      if (from.decode(Unpooled.wrappedBuffer(encode(to, frame))) instanceof Frame.Messages got) {
        decoded.add(((Order) got.messages().getFirst()).spec());
      }
    }
    assertThat(decoded).containsExactly(spec, spec, other);
    assertThat(decoded.get(1)).isSameAs(decoded.get(0));
    assertThat(decoded.get(2).demand()).isSameAs(decoded.get(0).demand());
  }

  @Test
  void decode_ofGarbage_throwsNothingElse_andTakesLittleMemory() {
    SplittableRandom random = new SplittableRandom(9);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (int i = 0; i < 5_000; i++) {
      byte[] garbage = new byte[5 + random.nextInt(300)];
      random.nextBytes(garbage);
      setLength(garbage);
      garbage[4] = (byte) random.nextInt(8);
      long before = threads.getCurrentThreadAllocatedBytes();
      decodeAll(garbage);
      assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(100_000);
    }
  }

  @Test
  void decode_ofFramesWithChangedBytes_throwsNothingElse() {
    SplittableRandom random = new SplittableRandom(10);
    RandomFrames frames = new RandomFrames(random);
    for (int i = 0; i < 3_000; i++) {
      byte[] encoded = encode(new FrameCodec(INTERN), frames.next());
      for (int changes = random.nextInt(4); changes >= 0; changes--) {
        encoded[random.nextInt(encoded.length)] = (byte) random.nextInt();
      }
      decodeAll(encoded);
    }
  }

  @Test
  void decode_ofASequenceThatIsTooLongToBeKept_isRefused() {
    byte[] name = new byte[Interned.LONGEST + 1];
    Message run = run(new String(name, StandardCharsets.US_ASCII));
    byte[] encoded = encode(sender, new Frame.Messages(1, List.of(run)));
    int afterTypeNumberAndRun = Integer.BYTES + 1 + 1 + 5 + 5;
    assertThat(encoded[afterTypeNumberAndRun]).isZero();
    encoded[afterTypeNumberAndRun] = 1;

    assertThatThrownBy(() -> receiver.decode(Unpooled.wrappedBuffer(encoded)))
        .isInstanceOf(WireException.class)
        .hasMessageContaining("has 1025 bytes to be kept; at most 1024 are");
  }

  private byte[] encodeAndDecode(Message message) throws WireException {
    Frame frame = new Frame.Messages(1, List.of(message));
    byte[] encoded = encode(sender, frame);
    assertThat(receiver.decode(Unpooled.wrappedBuffer(encoded))).isEqualTo(frame);
    return encoded;
  }

  private static Message run(String name) {
    Order.Spec spec =
        new Order.Spec(
            name,
            Demand.of(cpu(1)),
            Order.Limits.ofTime(5),
            new Work.Call(Bytes.empty(), false),
            Order.Setting.OWN);
    return Orders.of(1, 1, false, spec, Bytes.of(new byte[] {1, 2}));
  }

  private void assertRefused(String message, int... bytes) {
    assertThatThrownBy(() -> receiver.decode(Unpooled.wrappedBuffer(bytes(bytes))))
        .isInstanceOf(WireException.class)
        .hasMessage(message);
  }

  private static List<Frame> decodeAll(byte[] bytes) {
    List<Frame> frames = new ArrayList<>();
    FrameCodec codec = new FrameCodec(INTERN);
    ByteBuf in = Unpooled.wrappedBuffer(bytes);
    try {
      for (Frame frame = codec.decode(in); frame != null; frame = codec.decode(in)) {
        frames.add(frame);
      }
    } catch (WireException expected) {
      assertThat(expected).hasMessageEndingWith(".");
    }
    return frames;
  }

  private static byte[] encode(FrameCodec codec, Frame frame) {
    ByteBuf encoded = codec.encode(frame, UnpooledByteBufAllocator.DEFAULT);
    byte[] bytes = new byte[encoded.readableBytes()];
    encoded.readBytes(bytes);
    encoded.release();
    return bytes;
  }

  private static void setLength(byte[] frame) {
    int length = frame.length - Integer.BYTES;
    frame[0] = 0;
    frame[1] = 0;
    frame[2] = (byte) (length >>> 8);
    frame[3] = (byte) length;
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }
}
