package dev.grain.wire;

import dev.grain.loop.Loop;
import dev.grain.session.WireException;
import dev.grain.wire.Connection.Down;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One side of the greeting on a new channel, from its first byte to its first frame or its end,
 * within the time for it. Used on the channel's loop.
 */
final class GreetingHandler extends ChannelInboundHandlerAdapter {
  private static final System.Logger LOG = System.getLogger(GreetingHandler.class.getName());

  private final Loop loop;
  private final ConnectionLimits limits;
  private final boolean tls;
  private final String peer;
  private final Greeted side;

  private Loop.@Nullable Timer timer;
  private boolean proven;
  private boolean heardAnything;
  private boolean over;

  private GreetingHandler(
      Loop loop, ConnectionLimits limits, boolean tls, String peer, Greeted side) {
    this.loop = loop;
    this.limits = limits;
    this.tls = tls;
    this.peer = peer;
    this.side = side;
  }

  /** What is done on one of the two sides. */
  interface Greeted {
    /** The peer's key is proven, if there are keys. */
    void proven(Channel channel);

    /**
     * The peer's greeting has arrived; the last call.
     *
     * @throws WireException if it must not send this
     */
    void greeted(Channel channel, Greeting greeting) throws WireException;

    /**
     * There will be no connection; the last call. The channel is closed by the caller.
     *
     * @param why the reason
     * @param silent whether the peer has sent nothing at all
     */
    void failed(Down why, boolean silent);
  }

  /**
   * Prepares a new channel.
   *
   * @param handler TLS, or null for plain text
   * @param accepting whether the peer has dialed
   * @param peer who is there, for people
   */
  static GreetingHandler install(
      Channel channel,
      Loop loop,
      ConnectionLimits limits,
      @Nullable SslHandler handler,
      boolean accepting,
      String peer,
      Greeted side) {
    ChannelPipeline pipeline = channel.pipeline();
    pipeline.addLast(new FirstBytes(handler != null, accepting));
    if (handler != null) {
      pipeline.addLast(handler);
    }
    GreetingHandler greeting = new GreetingHandler(loop, limits, handler != null, peer, side);
    pipeline.addLast(new Decoder(), greeting);
    return greeting;
  }

  /** Reads the one greeting. */
  private static final class Decoder extends ByteToMessageDecoder {
    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out)
        throws WireException {
      Greeting greeting = GreetingCodec.decode(in);
      if (greeting != null) {
        out.add(greeting);
      }
    }
  }

  /**
   * Says a greeting.
   *
   * @param then what to do when it is sent
   */
  static void say(Channel channel, Greeting greeting, ChannelFutureListener... then) {
    channel.writeAndFlush(GreetingCodec.encode(greeting, channel.alloc())).addListeners(then);
  }

  /** Says a refusal and closes the channel. */
  static void refuse(Channel channel, Refusal refusal) {
    say(channel, refusal, ChannelFutureListener.CLOSE);
  }

  /** Lets frames follow the greeting; bytes that have come with it are handed on. */
  static void finish(Channel channel, NettyConnection connection) {
    FrameHandler.install(channel.pipeline(), connection);
    connection.handler().up(connection, connection.peer());
    leave(channel);
  }

  /** Takes what belongs to the greeting out of the channel. */
  static void leave(Channel channel) {
    channel.pipeline().remove(GreetingHandler.class);
    channel.pipeline().remove(Decoder.class);
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    timer = loop.schedule(limits.hello().toNanos(), () -> timeOut(context));
    if (!tls) {
      prove(context);
    }
    context.fireChannelActive();
  }

  private void prove(ChannelHandlerContext context) {
    proven = true;
    side.proven(context.channel());
  }

  private void timeOut(ChannelHandlerContext context) {
    fail(
        context.channel(),
        new Down(
            Down.Kind.TIMED_OUT,
            peer
                + (proven ? " did not send a greeting" : " did not finish the TLS handshake")
                + " within "
                + limits.hello().toMillis()
                + " ms."));
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    switch (event) {
      case SslHandshakeCompletionEvent handshake when handshake.isSuccess() -> prove(context);
      case SslHandshakeCompletionEvent handshake -> exceptionCaught(context, handshake.cause());
      case FirstBytes.Mismatch(Down.Kind kind, String shown) -> mismatch(kind, shown);
      default -> context.fireUserEventTriggered(event);
    }
  }

  private void mismatch(Down.Kind kind, String shown) {
    String sentence =
        switch (kind) {
          case PEER_SPEAKS_TLS ->
              " uses TLS, but this process runs without it. Start both sides with the "
                  + "cluster key, or both as insecure.";
          case PEER_SPEAKS_PLAIN_TEXT ->
              " uses plain text, but this process requires TLS. Start both sides with the "
                  + "same cluster key, and neither as insecure.";
          default -> " is not Grain: it begins with \"" + Printable.printable(shown) + "\".";
        };
    end(new Down(kind, peer + sentence));
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws WireException {
    if (!over) {
      stop();
      side.greeted(context.channel(), (Greeting) message);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    heardAnything = true;
    context.fireChannelReadComplete();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    end(new Down(Down.Kind.CLOSED, peer + " closed the connection instead of sending a greeting."));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    fail(context.channel(), explain(cause));
  }

  private Down explain(Throwable cause) {
    WireException malformed = Causes.find(cause, WireException.class);
    if (malformed != null) {
      return new Down(
          Down.Kind.MALFORMED,
          peer + " sent a greeting that cannot be read: " + malformed.getMessage());
    }
    Down tls = Causes.ofTls(cause, peer);
    if (tls != null) {
      return tls;
    }
    if (cause instanceof IOException) {
      return new Down(
          Down.Kind.CLOSED,
          "The connection to " + peer + " broke before the greeting: " + cause.getMessage());
    }
    LOG.log(System.Logger.Level.ERROR, "An error while greeting " + peer, cause);
    return new Down(
        Down.Kind.FAILED,
        "An error in this process ended the connection to " + peer + ": " + cause);
  }

  /** Ends the greeting on a channel without a connection. */
  void fail(Channel channel, Down why) {
    end(why);
    Sockets.abort(channel);
  }

  private void end(Down why) {
    if (!over) {
      stop();
      side.failed(why, !heardAnything);
    }
  }

  private void stop() {
    over = true;
    if (timer != null) {
      timer.cancel();
    }
  }
}
