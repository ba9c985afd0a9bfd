package dev.grain.wire;

import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundInvoker;
import io.netty.channel.WriteBufferWaterMark;

/** How every socket is set up and closed. */
final class Sockets {
  private Sockets() {}

  static void configure(Channel channel, ConnectionLimits limits) {
    ChannelConfig config = channel.config();
    config.setOption(ChannelOption.TCP_NODELAY, true);
    config.setOption(ChannelOption.SO_KEEPALIVE, true);
    config.setWriteBufferWaterMark(new WriteBufferWaterMark(limits.lowWater(), limits.highWater()));
  }

  /** Closes a channel, later; that always works in the end, so nobody waits for it. */
  @SuppressWarnings("FutureReturnValueIgnored")
  static void close(ChannelOutboundInvoker channel) {
    channel.close();
  }

  /**
   * Closes a channel without a farewell of TLS, which could wait for the peer. What TLS is about to
   * send goes first.
   */
  static void abort(Channel channel) {
    channel
        .eventLoop()
        .execute(() -> {
          ChannelHandlerContext lowest = channel.pipeline().firstContext();
          if (lowest != null) {
            close(lowest);
          }
        });
  }
}
