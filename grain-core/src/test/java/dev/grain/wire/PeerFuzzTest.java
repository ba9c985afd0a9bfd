package dev.grain.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.grain.key.ClusterKey;
import dev.grain.key.Security;
import dev.grain.loop.ManualLoop;
import dev.grain.message.Message;
import dev.grain.session.Arrivals;
import dev.grain.session.Frame;
import dev.grain.session.GoldenFramesTest;
import dev.grain.session.Session;
import dev.grain.session.SessionLimits;
import dev.grain.session.WireException;
import dev.grain.wire.Connection.ConnectionHandler;
import dev.grain.wire.Connection.Down;
import dev.grain.wire.Hello.Role;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a peer sends on a channel, from its first byte on, leads to a connection or to the end of
 * one, and never to an error of this side: first bytes, TLS, greeting, frames, session.
 *
 * <p>The first byte of an input determines which side this is and how the rest is cut into pieces.
 */
final class PeerFuzzTest {
  private static final int TLS = 0x01;
  private static final int DIALING = 0x02;
  private static final int GREETED = 0x04;
  private static final int PIECES = 0x18;

  private static final ConnectionLimits LIMITS = ConnectionLimits.DEFAULT;
  private static final SessionLimits SMALL =
      new SessionLimits(16, 8, 1_000, 10_000, 4, 64, 1_000_000);
  private static final String CODEC = "kryo-5";

  static Stream<byte[]> talks() throws IOException {
    return GoldenFramesTest.goldenBytes()
        .flatMap(frame ->
            Stream.of(
                join(new byte[] {GREETED | 0x10}, frame),
                join(new byte[] {DIALING}, RawPeer.bytes(hello(Role.WORKER)), frame),
                join(new byte[] {0}, RawPeer.bytes(hello(Role.HEAD)), frame)));
  }

  @MethodSource("talks")
  @FuzzTest(maxDuration = "")
  void talk_ofAnything_isNoErrorOfThisSide(byte[] bytes) {
    if (bytes.length > 0) {
      Side side = new Side(bytes[0]);
      side.hear(Arrays.copyOfRange(bytes, 1, bytes.length));
      assertThat(side.down)
          .satisfiesAnyOf(
              down -> assertThat(down).isNull(),
              down -> assertThat(down.kind()).isNotEqualTo(Down.Kind.FAILED));
    }
  }

  private static byte[] join(byte[]... parts) {
    ByteBuf all = Unpooled.wrappedBuffer(parts);
    byte[] joined = new byte[all.readableBytes()];
    all.readBytes(joined);
    return joined;
  }

  private static Hello hello(Role role) {
    return Hello.of(role, "0.1.0", CODEC).withIntern(4).withSession("s");
  }

  /** Made once, as that takes long. */
  private static final class Key {
    static final Security SECURITY = make();

    private static Security make() {
      try {
        Path file = Files.createTempDirectory("grain").resolve("key");
        Security security = Security.tls(ClusterKey.create(file));
        Files.delete(file);
        Files.delete(file.getParent());
        return security;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** This side of the channel. */
  private static final class Side
      implements GreetingHandler.Greeted, ConnectionHandler, Session.Owner<Message> {
    private final int how;
    private final boolean dialing;
    private final ManualLoop loop = new ManualLoop();
    private final Session<Message, Message> session =
        new Session<>(loop, SMALL, new Arrivals(SMALL.value()), Message.class, this);
    private final EmbeddedChannel channel;
    @Nullable Down down;

    Side(int how) {
      this.how = how;
      this.dialing = (how & DIALING) != 0;
      this.channel =
          new EmbeddedChannel(
              new ChannelInitializer<Channel>() {
                @Override
                protected void initChannel(Channel created) {
                  install(created);
                }
              });
    }

    private void install(Channel created) {
      boolean tls = (how & TLS) != 0;
      SslHandler handler =
          !tls ? null : dialing ? Key.SECURITY.dialing() : Key.SECURITY.accepting();
      GreetingHandler.install(created, loop, LIMITS, handler, !dialing, "a peer", this);
    }

    void hear(byte[] bytes) {
      if ((how & GREETED) != 0) {
        write(RawPeer.bytes(hello(dialing ? Role.WORKER : Role.HEAD)));
      }
      int piece = Math.max(1, bytes.length >> ((how & PIECES) >> 2));
      for (int from = 0; from < bytes.length && channel.isOpen(); from += piece) {
        write(Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + piece)));
      }
      loop.pass(LIMITS.hello().toNanos());
      channel.runPendingTasks();
      channel.finishAndReleaseAll();
    }

    private void write(byte[] bytes) {
      ByteBuf buffer = Unpooled.wrappedBuffer(bytes);
      channel.writeInbound(buffer);
      loop.pass(1);
      channel.runPendingTasks();
      channel.releaseOutbound();
      assertThat(buffer.refCnt()).isLessThanOrEqualTo(1);
    }

    @Override
    public void proven(Channel opened) {
      if (dialing) {
        GreetingHandler.say(opened, hello(Role.HEAD));
      }
    }

    @Override
    public void greeted(Channel opened, Greeting greeted) throws WireException {
      Hello mine = hello(dialing ? Role.HEAD : Role.WORKER);
      if (greeted instanceof Hello peer && Compatibility.check(peer, mine) == null) {
        NettyConnection connection = new NettyConnection(opened, loop, LIMITS, mine, peer, this);
        GreetingHandler.finish(opened, connection);
      } else {
        throw new WireException("It says something else than a hello that fits.");
      }
    }

    @Override
    public void failed(Down why, boolean silent) {
      down(why);
    }

    @Override
    public void up(Connection connection, Hello peer) {
      session.attach(connection);
      session.send(new Message.Draining());
      session.flush();
    }

    @Override
    public void received(Frame frame) throws WireException {
      session.receive(frame);
    }

    @Override
    public void batchEnded() {
      session.batchEnded();
    }

    @Override
    public void writable() {
      session.onWritable();
    }

    @Override
    public void down(Down why) {
      assertThat(down).isNull();
      down = why;
    }

    @Override
    public void received(Message message) {
      session.send(message);
    }

    @Override
    public void refused(Message message, long length) {
      assertThat(length).isGreaterThan(SMALL.value());
    }

    @Override
    public void congestionEnded() {}
  }
}
