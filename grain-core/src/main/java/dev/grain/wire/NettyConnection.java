package dev.grain.wire;

import dev.grain.loop.Loop;
import dev.grain.session.Frame;
import dev.grain.session.FrameCodec;
import dev.grain.wire.Connection.ConnectionHandler;
import dev.grain.wire.Connection.Down;
import dev.grain.wire.Hello.Role;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import java.net.SocketAddress;

/** A connection over a socket. */
final class NettyConnection implements Connection {
  private final Channel channel;
  private final FrameCodec codec;
  private final Loop loop;
  private final ConnectionLimits limits;
  private final Hello mine;
  private final Hello peer;
  private final ConnectionHandler handler;

  // only accessed by the loop
  private Runnable whenEnded = () -> {};
  private boolean ended;

  // set by the loop when something arrives, cleared by the loop of the pulse
  private volatile boolean heard;

  NettyConnection(
      Channel channel,
      Loop loop,
      ConnectionLimits limits,
      Hello mine,
      Hello peer,
      ConnectionHandler handler) {
    this.channel = channel;
    this.codec = new FrameCodec(Math.min(mine.intern(), peer.intern()));
    this.loop = loop;
    this.limits = limits;
    this.mine = mine;
    this.peer = peer;
    this.handler = handler;
  }

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // what goes wrong comes back through the channel
  public void write(Frame frame) {
    if (!ended) {
      channel.write(codec.encode(frame, channel.alloc()), channel.voidPromise());
    }
  }

  @Override
  public void flush() {
    channel.flush();
  }

  @Override
  public boolean isWritable() {
    return !ended && channel.isWritable();
  }

  @Override
  public SocketAddress remoteAddress() {
    return channel.remoteAddress();
  }

  @Override
  public void close() {
    if (!ended) {
      end();
      Loop.Timer patience = loop.schedule(limits.hello().toNanos(), () -> Sockets.abort(channel));
      channel.closeFuture().addListener(_ -> patience.cancel());
      channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }

  /** Ends the connection and reports the reason to the handler. */
  void down(Down why) {
    if (!ended) {
      end();
      Sockets.close(channel);
      handler.down(why);
    }
  }

  private void end() {
    ended = true;
    whenEnded.run();
  }

  /** Runs this once, when the connection ends. */
  void whenEnded(Runnable action) {
    whenEnded = action;
  }

  boolean isEnded() {
    return ended;
  }

  /** Notes a sign of life. */
  void hear() {
    if (!heard) {
      heard = true;
    }
  }

  /** Returns whether there was a sign of life since the last call. */
  boolean takeHeard() {
    boolean was = heard;
    heard = false;
    return was;
  }

  FrameCodec codec() {
    return codec;
  }

  ConnectionHandler handler() {
    return handler;
  }

  Hello mine() {
    return mine;
  }

  @Override
  public Hello peer() {
    return peer;
  }

  @Override
  public String session() {
    return mine.role() == Role.HEAD ? mine.session() : peer.session();
  }

  /** Tells who is at the other end. */
  @Override
  public String toString() {
    return peer.describe() + " at " + channel.remoteAddress();
  }
}
