package dev.grain.wire;

import dev.grain.wire.Connection.Down;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Checks by the first bytes whether the peer speaks what this side speaks: TLS, or plain greetings.
 * If not, it fires an event, and answers a peer that can understand it.
 *
 * <p>Sits below TLS, and leaves when it has seen enough.
 */
final class FirstBytes extends ByteToMessageDecoder {
  private static final int TLS_ALERT = 0x15;
  private static final int TLS_HANDSHAKE = 0x16;
  private static final int SHOWN = 40;

  private final boolean tls;
  private final boolean answers;
  private boolean mismatched;

  /**
   * Makes the handler of a new channel.
   *
   * @param tls whether this side speaks TLS
   * @param answers whether this side reports to a peer what is wrong
   */
  FirstBytes(boolean tls, boolean answers) {
    this.tls = tls;
    this.answers = answers;
  }

  /**
   * The peer speaks something else.
   *
   * @param kind what
   * @param shown its first bytes, for people
   */
  record Mismatch(Down.Kind kind, String shown) {}

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    if (mismatched) {
      in.skipBytes(in.readableBytes());
      return;
    }
    int first = in.getUnsignedByte(in.readerIndex());
    if (first == TLS_HANDSHAKE || first == TLS_ALERT) {
      meet(context, in, tls, Down.Kind.PEER_SPEAKS_TLS);
      return;
    }
    switch (GreetingCodec.matchesMagic(in)) {
      case YES -> meet(context, in, !tls, Down.Kind.PEER_SPEAKS_PLAIN_TEXT);
      case NO -> meet(context, in, false, Down.Kind.NOT_GRAIN);
      case OPEN -> {} // the time-out of the hello bounds how long it stays so
    }
  }

  private void meet(ChannelHandlerContext context, ByteBuf in, boolean fits, Down.Kind kind) {
    if (fits) {
      context.pipeline().remove(this);
      return;
    }
    mismatched = true;
    Mismatch mismatch =
        new Mismatch(
            kind,
            in.readCharSequence(Math.min(in.readableBytes(), SHOWN), StandardCharsets.ISO_8859_1)
                .toString());
    in.skipBytes(in.readableBytes());
    if (answers && kind != Down.Kind.NOT_GRAIN) {
      answer(context, kind);
    } else {
      Sockets.close(context);
    }
    context.fireUserEventTriggered(mismatch);
  }

  private static void answer(ChannelHandlerContext context, Down.Kind kind) {
    Refusal refusal =
        kind == Down.Kind.PEER_SPEAKS_TLS
            ? new Refusal(
                Refusal.Code.PLAIN_TEXT,
                "This process runs without TLS. Start both sides with the cluster key, or "
                    + "both as insecure.")
            : new Refusal(
                Refusal.Code.TLS,
                "This process requires TLS with the cluster key. Use the same key on the "
                    + "other side, not plain text.");
    ChannelFuture written = context.writeAndFlush(GreetingCodec.encode(refusal, context.alloc()));
    written.addListener((ChannelFutureListener) _ -> Sockets.close(context));
  }
}
