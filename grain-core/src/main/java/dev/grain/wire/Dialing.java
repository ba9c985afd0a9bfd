package dev.grain.wire;

import dev.grain.key.Security;
import dev.grain.loop.Loop;
import dev.grain.loop.NettyLoop;
import dev.grain.wire.Connection.ConnectionHandler;
import dev.grain.wire.Connection.Down;
import dev.grain.wire.Dialer.Dial;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One attempt to connect: looks the name up, tries its addresses in turn, greets. */
final class Dialing implements Dial {
  private final NettyLoop loop;
  private final Security security;
  private final ConnectionLimits limits;
  private final Address address;
  private final Hello mine;
  private final ConnectionHandler handler;
  private final Joining joining;

  // only accessed by the loop
  private Loop.@Nullable Timer timer;
  private @Nullable Channel channel;
  private boolean over;

  Dialing(
      NettyLoop loop,
      Security security,
      ConnectionLimits limits,
      Address address,
      Hello mine,
      ConnectionHandler handler,
      Joining joining) {
    this.loop = loop;
    this.security = security;
    this.limits = limits;
    this.address = address;
    this.mine = mine;
    this.handler = handler;
    this.joining = joining;
  }

  /** Hears of a connection on the loop, before its handler does. */
  interface Joining {
    void joins(NettyConnection connection);
  }

  void start() {
    loop.post(this::resolve);
  }

  @Override
  public void cancel() {
    if (!over) {
      over = true;
      stopTimer();
      if (channel != null) {
        Sockets.close(channel);
      }
    }
  }

  private void resolve() {
    if (over) {
      return;
    }
    timer =
        loop.schedule(
            limits.hello().toNanos(),
            () ->
                fail(
                    new Down(
                        Down.Kind.UNREACHABLE,
                        "The name "
                            + address.host()
                            + " was not found within "
                            + limits.hello().toMillis()
                            + " ms. Does DNS respond?")));
    Resolver.resolve(address.host(), loop, this::resolved);
  }

  private void resolved(@Nullable List<InetAddress> addresses) {
    stopTimer();
    if (addresses == null) {
      fail(Causes.ofConnecting(new UnknownHostException(address.host()), address));
    } else {
      connect(addresses, 0);
    }
  }

  private void connect(List<InetAddress> addresses, int index) {
    if (over) {
      return;
    }
    int patience = Math.toIntExact(Math.max(1, limits.hello().toMillis() / addresses.size()));
    ChannelFuture connecting =
        new Bootstrap()
            .group(loop.eventLoop())
            .channel(NioSocketChannel.class)
            // it would start a thread at the end of the loop, which keeps the process for a second
            .disableResolver()
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, patience)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel created) {
                    prepare(created);
                  }
                })
            .connect(new InetSocketAddress(addresses.get(index), address.port()));
    channel = connecting.channel();
    connecting.addListener(_ -> {
      Throwable cause = connecting.cause();
      if (cause == null) {
        return;
      }
      if (index + 1 < addresses.size()) {
        connect(addresses, index + 1);
      } else {
        fail(Causes.ofConnecting(cause, address));
      }
    });
  }

  private void prepare(Channel created) {
    Sockets.configure(created, limits);
    GreetingHandler.install(
        created, loop, limits, security.dialing(), false, address.toString(), new Greeter());
  }

  private void fail(Down why) {
    if (!over) {
      over = true;
      stopTimer();
      handler.down(why);
    }
  }

  private void stopTimer() {
    if (timer != null) {
      timer.cancel();
    }
  }

  /** Sends the hello and receives the answer. */
  private final class Greeter implements GreetingHandler.Greeted {
    @Override
    public void proven(Channel opened) {
      GreetingHandler.say(opened, mine);
    }

    @Override
    public void greeted(Channel opened, Greeting greeting) {
      if (over) {
        Sockets.close(opened);
        return;
      }
      switch (greeting) {
        case Refusal refusal -> refused(opened, refusal);
        case Hello peer -> {
          Refusal refusal = Compatibility.check(mine, peer);
          if (refusal == null) {
            welcomed(opened, peer);
          } else {
            refused(opened, refusal);
          }
        }
      }
    }

    private void welcomed(Channel opened, Hello peer) {
      over = true;
      NettyConnection connection = new NettyConnection(opened, loop, limits, mine, peer, handler);
      joining.joins(connection);
      GreetingHandler.finish(opened, connection);
    }

    private void refused(Channel opened, Refusal refusal) {
      Sockets.close(opened);
      Down.Kind kind =
          switch (refusal.reason()) {
            case OTHER -> Down.Kind.REFUSED;
            case VERSION -> Down.Kind.VERSION;
            case TLS -> Down.Kind.PEER_SPEAKS_TLS;
            case PLAIN_TEXT -> Down.Kind.PEER_SPEAKS_PLAIN_TEXT;
          };
      fail(new Down(kind, address + " refuses the connection: " + refusal.sentence()));
    }

    @Override
    public void failed(Down why, boolean silent) {
      fail(why);
    }
  }
}
