package dev.grain.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.key.Security;
import dev.grain.loop.ManualLoop;
import dev.grain.wire.Connection.Down;
import dev.grain.wire.Hello.Role;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bytes that trickle in buy a peer no time: what it is about has to be whole in time. */
final class SlowGreetingTest {
  private static final long PAUSE = Duration.ofMillis(100).toNanos();
  private static final int BYTES_IN_TIME =
      (int) (ConnectionLimits.DEFAULT.hello().toNanos() / PAUSE);

  @TempDir private Path folder;

  private final ManualLoop loop = new ManualLoop();

  /** The accepting side of a greeting. */
  private static final class Silent implements GreetingHandler.Greeted {
    @Nullable Down down;

    @Override
    public void proven(Channel opened) {}

    @Override
    public void greeted(Channel opened, Greeting greeting) {
      throw new AssertionError("It was in time");
    }

    @Override
    public void failed(Down why, boolean silent) {
      down = why;
    }
  }

  /** Returns how many of the bytes are received, one each pause, before the channel is closed. */
  private int trickle(byte[] bytes, Security security, Silent side) {
    EmbeddedChannel channel =
        new EmbeddedChannel(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel created) {
                GreetingHandler.install(
                    created,
                    loop,
                    ConnectionLimits.DEFAULT,
                    security.accepting(),
                    true,
                    "a peer",
                    side);
              }
            });
    int heard = 0;
    while (channel.isOpen() && heard < bytes.length) {
      channel.writeInbound(Unpooled.wrappedBuffer(bytes, heard++, 1));
      loop.pass(PAUSE);
      channel.runPendingTasks();
    }
    channel.finishAndReleaseAll();
    return heard;
  }

  @Test
  void accept_ofAHelloByteByByte_isClosedInTime() {
    Silent side = new Silent();
    byte[] hello = RawPeer.bytes(Endpoints.hello(Role.HEAD));
    assertThat(hello).hasSizeGreaterThan(BYTES_IN_TIME);

    assertThat(trickle(hello, Security.plainText(), side)).isEqualTo(BYTES_IN_TIME);
    assertThat(side.down)
        .isEqualTo(new Down(Down.Kind.TIMED_OUT, "a peer did not send a greeting within 5000 ms."));
  }

  @Test
  void accept_ofATlsHandshakeByteByByte_isClosedInTime() throws IOException {
    Silent side = new Silent();
    byte[] handshake = new byte[1000];
    // a record of a handshake, as long as it may be, with a hello of a client
    System.arraycopy(new byte[] {0x16, 3, 1, 0x3f, 0, 1}, 0, handshake, 0, 6);

    assertThat(trickle(handshake, Endpoints.key(folder, "key"), side)).isEqualTo(BYTES_IN_TIME);
    assertThat(side.down)
        .isEqualTo(
            new Down(
                Down.Kind.TIMED_OUT, "a peer did not finish the TLS handshake within 5000 ms."));
  }
}
