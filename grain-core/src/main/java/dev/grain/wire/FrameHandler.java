package dev.grain.wire;

import dev.grain.loop.NettyLoop;
import dev.grain.session.Frame;
import dev.grain.session.FrameCodec;
import dev.grain.session.WireException;
import dev.grain.wire.Connection.Down;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.flush.FlushConsolidationHandler;
import java.io.IOException;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Turns the input of a channel into frames for the handler of a connection. Used on the channel's
 * loop.
 */
final class FrameHandler extends ChannelInboundHandlerAdapter {
  private static final System.Logger LOG = System.getLogger(FrameHandler.class.getName());

  private final NettyConnection connection;
  // the reason of the peer's goodbye, after which it closes
  private @Nullable String goodbye;

  private FrameHandler(NettyConnection connection) {
    this.connection = connection;
  }

  /** Lets a channel that has greeted carry frames. */
  static void install(ChannelPipeline pipeline, NettyConnection connection) {
    pipeline.addLast(
        new FlushConsolidationHandler(),
        new Decoder(connection.codec()),
        new FrameHandler(connection));
  }

  /** Cuts what arrives into frames. */
  private static final class Decoder extends ByteToMessageDecoder {
    private final FrameCodec codec;

    Decoder(FrameCodec codec) {
      this.codec = codec;
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out)
        throws WireException {
      Frame frame = codec.decode(in);
      if (frame != null) {
        out.add(frame);
      }
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws WireException {
    connection.hear();
    if (connection.isEnded()) {
      return;
    }
    Frame frame = (Frame) message;
    if (frame instanceof Frame.Goodbye(String reason)) {
      goodbye = reason;
    }
    connection.handler().received(frame);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    connection.hear();
    if (!connection.isEnded()) {
      connection.handler().batchEnded();
    }
    if (goodbye != null) {
      connection.down(
          new Down(Down.Kind.GOODBYE, connection + " has left: " + Printable.printable(goodbye)));
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (connection.isWritable()) {
      connection.handler().writable();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    connection.down(
        new Down(Down.Kind.CLOSED, connection + " closed the connection unexpectedly."));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    OutOfMemoryError noMemory = Causes.find(cause, OutOfMemoryError.class);
    if (noMemory != null) {
      NettyLoop.tell(noMemory);
    }
    connection.down(explain(cause));
  }

  private Down explain(Throwable cause) {
    WireException malformed = Causes.find(cause, WireException.class);
    if (malformed != null) {
      return new Down(
          Down.Kind.MALFORMED, connection + " violated the protocol: " + malformed.getMessage());
    }
    SSLException tls = Causes.find(cause, SSLException.class);
    if (tls != null) {
      return new Down(
          Down.Kind.MALFORMED, connection + " violated the TLS protocol: " + tls.getMessage());
    }
    if (cause instanceof IOException) {
      return new Down(
          Down.Kind.CLOSED, "The connection to " + connection + " broke: " + cause.getMessage());
    }
    LOG.log(System.Logger.Level.ERROR, "An error in the connection to " + connection, cause);
    return new Down(
        Down.Kind.FAILED,
        "An error in this process ended the connection to " + connection + ": " + cause);
  }
}
