package dev.grain.wire;

import dev.grain.key.Security;
import dev.grain.loop.NettyLoop;
import dev.grain.session.WireException;
import dev.grain.wire.Connection.ConnectionHandler;
import dev.grain.wire.Connection.Down;
import dev.grain.wire.Endpoint.Listening;
import dev.grain.wire.Hello.Role;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/** A port that is listened on, and the greetings of those who have dialed it. */
final class Accepting implements Listening {
  private static final int BACKLOG = 1024;

  private final NettyLoop loop;
  private final Security security;
  private final ConnectionLimits limits;
  private final Acceptor acceptor;
  private final Pulses pulses;
  private final RateLimitedLog log;
  private final Channel server;

  // those that have not greeted yet, the oldest first; only accessed by the loop
  private final SequencedMap<Channel, GreetingHandler> greeting = new LinkedHashMap<>();

  Accepting(
      NettyLoop loop,
      Security security,
      ConnectionLimits limits,
      Address address,
      Acceptor acceptor,
      Pulses pulses,
      RateLimitedLog log)
      throws IOException {
    this.loop = loop;
    this.security = security;
    this.limits = limits;
    this.acceptor = acceptor;
    this.pulses = pulses;
    this.log = log;
    this.server = bind(address);
  }

  private Channel bind(Address address) throws IOException {
    InetSocketAddress socket = new InetSocketAddress(address.host(), address.port());
    if (socket.isUnresolved()) {
      throw new IOException(
          "Cannot listen on " + address + ": the name " + address.host() + " is unknown.");
    }
    ChannelFuture binding =
        new ServerBootstrap()
            .group(loop.eventLoop())
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            // the program that had the port a moment ago must not keep it
            .option(ChannelOption.SO_REUSEADDR, true)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel created) {
                    prepare(created);
                  }
                })
            .bind(socket)
            .awaitUninterruptibly();
    Throwable cause = binding.cause();
    if (cause instanceof BindException) {
      throw new IOException(
          "Cannot listen on "
              + address
              + ": "
              + cause.getMessage()
              + ". Another program may have the port, or the address is not one of this machine:"
              + " choose another port, or 0 for any free one.",
          cause);
    }
    if (cause != null) {
      throw new IOException("Cannot listen on " + address + ": " + cause.getMessage(), cause);
    }
    return binding.channel();
  }

  @Override
  public Address address() {
    return Address.of((InetSocketAddress) server.localAddress());
  }

  @Override
  public void close() {
    server.close().awaitUninterruptibly();
  }

  private void prepare(Channel created) {
    Sockets.configure(created, limits);
    if (greeting.size() >= limits.greeting()) {
      evict();
    }
    GreetingHandler handler =
        GreetingHandler.install(
            created,
            loop,
            limits,
            security.accepting(),
            true,
            "a peer at " + created.remoteAddress(),
            new Greeter(created));
    greeting.put(created, handler);
  }

  /** Those who mean it greet at once, so the oldest is the one that does not. */
  private void evict() {
    Map.Entry<Channel, GreetingHandler> oldest = greeting.firstEntry();
    oldest
        .getValue()
        .fail(
            oldest.getKey(),
            new Down(
                Down.Kind.TIMED_OUT,
                "a peer at "
                    + oldest.getKey().remoteAddress()
                    + " was disconnected before its greeting to make room for a newer "
                    + "connection: "
                    + limits.greeting()
                    + " may be greeting at the same time."));
  }

  /** Hears a hello and answers it. */
  private final class Greeter implements GreetingHandler.Greeted {
    private final Channel channel;

    Greeter(Channel channel) {
      this.channel = channel;
    }

    @Override
    public void proven(Channel opened) {
      // the dialing side speaks first
    }

    @Override
    public void greeted(Channel opened, Greeting greeted) throws WireException {
      greeting.remove(channel);
      switch (greeted) {
        case Refusal _ -> throw new WireException("it is a refusal");
        case Hello peer when peer.role() == Role.PULSE -> pulses.accept(opened, peer);
        case Hello peer -> answer(peer);
      }
    }

    private void answer(Hello peer) {
      switch (acceptor.accept(peer, channel.remoteAddress())) {
        case Acceptor.Answer.Refuse(String sentence) ->
            GreetingHandler.refuse(channel, new Refusal(Refusal.Code.OTHER, sentence));
        case Acceptor.Answer.Accept(Hello mine, ConnectionHandler handler) -> {
          Refusal refusal = Compatibility.check(peer, mine);
          if (refusal == null) {
            welcome(peer, mine, handler);
          } else {
            GreetingHandler.refuse(channel, refusal);
            handler.down(refused(refusal));
          }
        }
      }
    }

    private Down refused(Refusal refusal) {
      Down.Kind kind =
          refusal.reason() == Refusal.Code.VERSION ? Down.Kind.VERSION : Down.Kind.REFUSED;
      return new Down(
          kind, "A peer at " + channel.remoteAddress() + " was refused: " + refusal.sentence());
    }

    private void welcome(Hello peer, Hello mine, ConnectionHandler handler) {
      GreetingHandler.say(channel, mine);
      NettyConnection connection = new NettyConnection(channel, loop, limits, mine, peer, handler);
      pulses.joinAccepted(connection);
      GreetingHandler.finish(channel, connection);
    }

    @Override
    public void failed(Down why, boolean silent) {
      greeting.remove(channel);
      // to look whether a port is open is no misbehaviour, nor is to give up, nor the end of this
      // process
      boolean harmless =
          (silent && why.kind() == Down.Kind.CLOSED) || why.kind() == Down.Kind.GOODBYE;
      if (!harmless && !loop.eventLoop().isShuttingDown()) {
        log.log(why);
      }
    }
  }
}
