package dev.grain.benchmarks.bare;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The end that runs the jobs. */
public final class BareWorker implements AutoCloseable {
  private final EventLoopGroup loop = Sockets.loop("bare-worker");
  private final List<Function<Object, Object>> functions;
  private final Channel channel;

  private BareWorker(List<Function<Object, Object>> functions, @Nullable SslContext tls) {
    this.functions = List.copyOf(functions);
    this.channel =
        new ServerBootstrap()
            .group(loop)
            .channel(NioServerSocketChannel.class)
            .childHandler(Sockets.wired(tls, Incoming::new))
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .syncUninterruptibly()
            .channel();
  }

  /**
   * Starts one that listens on the loopback.
   *
   * @param functions those that jobs can name, by their place
   * @param tls null for plain text
   */
  public static BareWorker start(List<Function<Object, Object>> functions, @Nullable BareTls tls)
      throws IOException {
    return new BareWorker(functions, tls == null ? null : tls.accepting());
  }

  /** Returns where it listens. */
  public int port() {
    return ((InetSocketAddress) channel.localAddress()).getPort();
  }

  @Override
  public void close() {
    loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }

  /** The jobs of one connection. */
  private final class Incoming extends Wire {
    Incoming(Channel channel) {
      super(channel);
    }

    @Override
    void receive(int id, byte[] buffer, int from, int to) {
      Thread.startVirtualThread(new Call(this, id, Arrays.copyOfRange(buffer, from, to)));
    }

    @Override
    void ended() {
      // jobs that run have nobody left to report to
    }
  }

  /** One job: its call first, and then its result. */
  private final class Call implements Runnable, Sendable {
    private final Wire wire;
    private final int id;
    // set by the job's thread before it hands this over
    private byte[] bytes;

    Call(Wire wire, int id, byte[] bytes) {
      this.wire = wire;
      this.id = id;
      this.bytes = bytes;
    }

    @Override
    public void run() {
      Codec codec = Codec.take();
      Object argument = codec.decode(bytes, 1, bytes.length);
      bytes = codec.encode(functions.get(bytes[0]).apply(argument));
      codec.give();
      wire.add(this);
    }

    @Override
    public int id() {
      return id;
    }

    @Override
    public byte[] bytes() {
      return bytes;
    }
  }
}
