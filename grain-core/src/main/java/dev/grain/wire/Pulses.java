package dev.grain.wire;

import dev.grain.key.Security;
import dev.grain.loop.NettyLoop;
import dev.grain.wire.Connection.ConnectionHandler;
import dev.grain.wire.Dialer.Dial;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The pulses of all sessions of an endpoint, on one loop that does nothing else: however busy the
 * main loop is, the other side learns that the process is alive.
 *
 * <p>To be used on the main loop.
 */
final class Pulses {
  private final NettyLoop mainLoop;
  private final NettyLoop loop;
  private final Security security;
  private final ConnectionLimits limits;

  // accepted ones, by the id of the session; only accessed by the main loop
  private final Map<String, Watched> accepted = new HashMap<>();

  Pulses(NettyLoop mainLoop, NettyLoop loop, Security security, ConnectionLimits limits) {
    this.mainLoop = mainLoop;
    this.loop = loop;
    this.security = security;
    this.limits = limits;
  }

  /** A connection and its pulse. */
  private record Watched(NettyConnection connection, Pulse pulse) {}

  /** Watches over a connection that this side has dialed. */
  void joinDialed(NettyConnection connection, Address address) {
    Hello hello = connection.mine().withSession(connection.session()).asPulse();
    join(connection, handler -> dial(address, hello, handler));
  }

  private Dial dial(Address address, Hello hello, ConnectionHandler handler) {
    Dialing dialing = new Dialing(loop, security, limits, address, hello, handler, _ -> {});
    dialing.start();
    return dialing;
  }

  /** Watches over a connection that the peer has dialed. */
  void joinAccepted(NettyConnection connection) {
    join(connection, null);
  }

  private void join(NettyConnection connection, Pulse.@Nullable PulseDialer dialer) {
    String session = connection.session();
    if (session.isEmpty()) {
      return;
    }
    Pulse pulse = new Pulse(loop, mainLoop, limits, connection, dialer);
    Watched watched = new Watched(connection, pulse);
    if (dialer == null) {
      accepted.put(session, watched);
    }
    connection.whenEnded(() -> {
      accepted.remove(session, watched);
      pulse.stop();
    });
    pulse.start();
  }

  /** Answers a peer that brings the pulse of a session. */
  void accept(Channel channel, Hello peer) {
    Watched watched = accepted.get(peer.session());
    if (watched == null) {
      GreetingHandler.refuse(
          channel, new Refusal(Refusal.Code.OTHER, "There is no such session here."));
      return;
    }
    Hello mine = watched.connection().mine();
    NettyConnection beside =
        new NettyConnection(channel, loop, limits, mine, peer, watched.pulse());
    // from the answer on the channel belongs to the other loop, which must be the first to read
    channel.config().setAutoRead(false);
    GreetingHandler.leave(channel);
    GreetingHandler.say(
        channel, mine, ChannelFutureListener.CLOSE_ON_FAILURE, said -> move(said, beside));
  }

  private void move(ChannelFuture said, NettyConnection beside) {
    Channel channel = said.channel();
    if (said.isSuccess()) {
      channel.deregister().addListener(_ -> register(channel, beside));
    }
  }

  private void register(Channel channel, NettyConnection beside) {
    ChannelFuture registering = loop.eventLoop().register(channel);
    registering.addListener(_ -> {
      if (registering.isSuccess()) {
        FrameHandler.install(channel.pipeline(), beside);
        beside.handler().up(beside, beside.peer());
        channel.config().setAutoRead(true);
      } else {
        channel.unsafe().closeForcibly();
      }
    });
  }
}
