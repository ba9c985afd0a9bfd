package dev.grain.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.grain.message.AttemptEnd;
import dev.grain.message.Message;
import dev.grain.message.Order;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any bytes are frames or an error of the peer, take memory in proportion, and what they are read
 * as can be written and read again.
 */
final class FrameFuzzTest {
  /** Few, so that made up numbers of slots are there, and given to others. */
  private static final int INTERN = 5;

  /** What one byte of a frame becomes at most: a message without components, and its place. */
  private static final long OF_EACH_BYTE = 64;

  /** A chunk has room for all its bytes before they are there; a codec has its buffers. */
  private static final long IN_ANY_CASE = FrameCodec.MOST_BYTES + 64 * 1024;

  static Stream<byte[]> golden() throws IOException {
    return GoldenFramesTest.goldenBytes();
  }

  @MethodSource("golden")
  @FuzzTest(maxDuration = "")
  void decode_ofAnything_isFramesOrAnErrorOfThePeer(byte[] bytes) {
    List<Frame> frames =
        Allocation.assertAtMost(IN_ANY_CASE + OF_EACH_BYTE * bytes.length, () -> decode(bytes));

    if (frames.stream().mapToLong(FrameFuzzTest::size).sum() < FrameCodec.MOST_BYTES) {
      List<Frame> normal = decode(encode(frames));
      assertThat(normal).hasSameSizeAs(frames);
      assertThat(decode(encode(normal))).isEqualTo(normal);
      if (frames.stream().noneMatch(FrameFuzzTest::isCut)) {
        assertThat(normal).isEqualTo(frames);
      }
    }
  }

  private static List<Frame> decode(byte[] bytes) {
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

  private static byte[] encode(List<Frame> frames) {
    FrameCodec codec = new FrameCodec(INTERN);
    ByteBuf all = Unpooled.buffer();
    for (Frame frame : frames) {
      ByteBuf encoded = codec.encode(frame, UnpooledByteBufAllocator.DEFAULT);
      all.writeBytes(encoded);
      encoded.release();
    }
    byte[] bytes = new byte[all.readableBytes()];
    all.readBytes(bytes);
    all.release();
    return bytes;
  }

  /** Returns a number of bytes that the encoded frame does not exceed. */
  private static long size(Frame frame) {
    return 64
        + switch (frame) {
          case Frame.Messages(_, List<? extends Message> messages) ->
              messages.stream().mapToLong(MessageFields::size).sum();
          case Frame.Chunk chunk -> chunk.data().length();
          case Frame.Large(_, Message message, List<Frame.Part> parts) ->
              MessageFields.size(message) + 16L * parts.size();
          case Frame.Goodbye(String reason) -> MessageCodec.mostBytes(reason);
          case Frame.Ack _, Frame.TooLarge _, Frame.Hold _, Frame.GoOn _, Frame.Heartbeat _ -> 0;
        };
  }

  /** Returns whether a text is longer than what is sent of one. */
  private static boolean isCut(Frame frame) {
    return switch (frame) {
      case Frame.Messages(_, List<? extends Message> messages) ->
          messages.stream().anyMatch(FrameFuzzTest::isCut);
      case Frame.Large(_, Message message, _) -> isCut(message);
      case Frame.Goodbye(String reason) -> isCut(reason);
      case Frame.Chunk _,
          Frame.Ack _,
          Frame.TooLarge _,
          Frame.Hold _,
          Frame.GoOn _,
          Frame.Heartbeat _ ->
          false;
    };
  }

  private static boolean isCut(Message message) {
    return switch (message) {
      case Order order -> isCut(order.run()) || isCut(order.spec().name());
      case Message.RunOver(String run) -> isCut(run);
      case Message.CodeMissing missing -> isCut(missing.reason());
      case Message.Ended(_, _, AttemptEnd.NotStarted(String reason), _) -> isCut(reason);
      default -> false;
    };
  }

  private static boolean isCut(String text) {
    return !MessageCodec.cut(text).equals(text);
  }
}
