package dev.grain.benchmarks.bare;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.ssl.SslContext;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** How both ends set their sockets up. */
final class Sockets {
  private Sockets() {}

  /** Starts the one loop of an end. */
  static EventLoopGroup loop(String threadName) {
    return new MultiThreadIoEventLoopGroup(
        1, Thread.ofPlatform().daemon().name(threadName).factory(), NioIoHandler.newFactory());
  }

  /** Returns what gives a new channel TLS, if there is a context for it, and its wire. */
  static ChannelInitializer<Channel> wired(
      @Nullable SslContext tls, Function<Channel, Wire> wires) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        channel.config().setOption(ChannelOption.TCP_NODELAY, true);
        if (tls != null) {
          channel.pipeline().addLast(tls.newHandler(channel.alloc()));
        }
        channel.pipeline().addLast(wires.apply(channel));
      }
    };
  }
}
