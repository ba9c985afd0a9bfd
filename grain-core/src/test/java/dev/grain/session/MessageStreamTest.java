package dev.grain.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.grain.bytes.Bytes;
import dev.grain.message.AttemptEnd;
import dev.grain.message.Message;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MessageStreamTest {
  private static final int LIMIT = 8 << 20;

  @TempDir private Path folder;
  private MessageStream left;
  private MessageStream right;

  @BeforeEach
  void connect() throws IOException {
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(folder.resolve("s"));
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(address);
      left = new MessageStream(SocketChannel.open(address), LIMIT);
      right = new MessageStream(server.accept(), LIMIT);
    }
  }

  @AfterEach
  void close() throws IOException {
    left.close();
    right.close();
  }

  private static Message.Ended ended(int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) length);
    return new Message.Ended(length, 1, new AttemptEnd.Value(Bytes.of(bytes)), 0);
  }

  @Test
  void messages_smallAndLarge_arriveInOrder() throws Exception {
    CompletableFuture<Void> writing =
        CompletableFuture.runAsync(() -> {
          for (int length : new int[] {0, 5, 70_000, 1, 5_000_000, 2}) {
            write(left, ended(length));
          }
        });
    for (int length : new int[] {0, 5, 70_000, 1, 5_000_000, 2}) {
      assertThat(right.read()).isEqualTo(ended(length));
    }
    writing.get();
  }

  private static void write(MessageStream stream, Message message) {
    try {
      stream.write(message);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void reader_thatIsInterrupted_readsOn() throws Exception {
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Thread reader =
        Thread.ofPlatform()
            .start(() -> {
              Thread.currentThread().interrupt();
              try {
                interrupted.complete(
                    right.read() == null || Thread.currentThread().isInterrupted());
              } catch (IOException e) {
                interrupted.completeExceptionally(e);
              }
            });
    left.write(ended(3));
    assertThat(interrupted.get()).isFalse();
    reader.join();
  }

  @Test
  void writer_thatIsInterrupted_writesOn_andStaysInterrupted() throws Exception {
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Thread writer =
        Thread.ofPlatform()
            .start(() -> {
              Thread.currentThread().interrupt();
              write(left, ended(5_000_000));
              interrupted.complete(Thread.currentThread().isInterrupted());
            });
    assertThat(right.read()).isEqualTo(ended(5_000_000));
    assertThat(interrupted.get()).isTrue();
    writer.join();
    left.write(ended(1));
    assertThat(right.read()).isEqualTo(ended(1));
  }

  @Test
  void messages_goBothWaysAtATime() throws IOException {
    left.write(new Message.Stop(1, 2));
    right.write(new Message.Draining());
    assertThat(right.read()).isEqualTo(new Message.Stop(1, 2));
    assertThat(left.read()).isEqualTo(new Message.Draining());
  }

  @Test
  void reader_isToldOfTheEnd() throws IOException {
    left.write(ended(3));
    left.close();
    assertThat(right.read()).isEqualTo(ended(3));
    assertThat(right.read()).isNull();
  }

  @Test
  void readerThatWaits_isToldOfItsOwnClosing() throws Exception {
    CompletableFuture<String> ended = new CompletableFuture<>();
    Thread reader =
        Thread.ofPlatform()
            .start(() -> {
              try {
                ended.complete(String.valueOf(right.read()));
              } catch (IOException e) {
                ended.complete("null");
              }
            });
    while (reader.getState() != Thread.State.RUNNABLE) {
      Thread.onSpinWait();
    }
    right.close();
    assertThat(ended.get()).isEqualTo("null");
    reader.join();
  }

  @ParameterizedTest
  @ValueSource(longs = {LIMIT, Long.MAX_VALUE, -1, Long.MIN_VALUE})
  void valueThatClaimsToBeLonger_isAnErrorAtOnce(long left) throws IOException {
    try (SocketChannel peer = connectPeer()) {
      send(peer, new Frame.Chunk(1, 1, left, Bytes.of(new byte[] {1})));
      assertThatIOException().isThrownBy(right::read).withMessageContaining("A value of ");
    }
  }

  @Test
  void valuesWithoutAMessage_areAnError() throws IOException {
    try (SocketChannel peer = connectPeer()) {
      for (int value = 1; value <= 17; value++) {
        send(peer, new Frame.Chunk(value, value, 0, Bytes.of(new byte[] {1})));
      }
      assertThatIOException()
          .isThrownBy(right::read)
          .withMessage("17 values arrived without their messages.");
    }
  }

  /** Has the right side read what this test sends, which need not be sensible. */
  private SocketChannel connectPeer() throws IOException {
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(folder.resolve("peer"));
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(address);
      SocketChannel peer = SocketChannel.open(address);
      right.close();
      right = new MessageStream(server.accept(), LIMIT);
      return peer;
    }
  }

  private static void send(SocketChannel peer, Frame frame) throws IOException {
    ByteBuf encoded = new FrameCodec(256).encode(frame, UnpooledByteBufAllocator.DEFAULT);
    for (ByteBuffer each : encoded.nioBuffers()) {
      peer.write(each);
    }
    encoded.release();
  }

  @Test
  void valueAboveTheLimit_isAnError() throws Exception {
    CompletableFuture<Void> writing =
        CompletableFuture.runAsync(() -> {
          try {
            left.write(ended(LIMIT + 1));
          } catch (IOException e) {
            // the reader has closed
          }
        });
    assertThatIOException()
        .isThrownBy(right::read)
        .withMessage("A value of 8388609 bytes arrived; at most 8388608 are allowed.");
    right.close();
    writing.get();
  }
}
