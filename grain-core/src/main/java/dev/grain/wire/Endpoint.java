package dev.grain.wire;

import dev.grain.key.Security;
import dev.grain.loop.NettyLoop;
import dev.grain.wire.Connection.ConnectionHandler;
import dev.grain.wire.Dialer.Dial;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * Where a process meets others: dials them, and listens for them, on one loop. Beside it runs a
 * loop for signs of life.
 *
 * <p>May be used by any thread. Handlers and acceptors are called on the loop.
 */
public final class Endpoint implements Dialer, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Endpoint.class.getName());

  private final NettyLoop loop;
  private final NettyLoop pulseLoop;
  private final Security security;
  private final ConnectionLimits limits;
  private final Pulses pulses;
  private final RateLimitedLog log;

  private Endpoint(
      String threadName, Security security, ConnectionLimits limits, Consumer<String> warnings) {
    this.loop = NettyLoop.withSockets(threadName);
    this.pulseLoop = NettyLoop.withSockets(threadName + "-pulse");
    pulseLoop.onError(loop::fail);
    this.security = security;
    this.limits = limits;
    this.pulses = new Pulses(loop, pulseLoop, security, limits);
    this.log = new RateLimitedLog(loop::now, warnings);
  }

  /**
   * Opens an endpoint; its threads, daemons, start when there is something to do.
   *
   * @param threadName the name of the loop's thread
   * @param security how all its connections are protected
   * @param limits what its connections keep to
   */
  public static Endpoint open(String threadName, Security security, ConnectionLimits limits) {
    return open(threadName, security, limits, line -> LOG.log(System.Logger.Level.WARNING, line));
  }

  /**
   * Opens an endpoint.
   *
   * @param warnings gets the lines that are to be logged
   */
  static Endpoint open(
      String threadName, Security security, ConnectionLimits limits, Consumer<String> warnings) {
    return new Endpoint(threadName, security, limits, warnings);
  }

  /** Returns whether nobody else can read what goes over its connections. */
  public boolean isEncrypted() {
    return security.isEncrypted();
  }

  /** Returns the loop, which ends with the endpoint. */
  public NettyLoop loop() {
    return loop;
  }

  @Override
  public Dial dial(Address address, Hello mine, ConnectionHandler handler) {
    Dialing dialing =
        new Dialing(
            loop,
            security,
            limits,
            address,
            mine,
            handler,
            connection -> pulses.joinDialed(connection, address));
    dialing.start();
    return dialing;
  }

  /**
   * Listens for peers. Waits until the port is open, so not to be called on the loop.
   *
   * @param address the address of this machine to listen on, 0.0.0.0 for all of them; port 0 for
   *     any free one
   * @param acceptor decides who is let in
   * @throws IOException if that is not possible; the message states why and what to do
   */
  public Listening listen(Address address, Acceptor acceptor) throws IOException {
    return new Accepting(loop, security, limits, address, acceptor, pulses, log);
  }

  /**
   * Ends all connections and the loop, and waits for that. Not to be called on the loop. Handlers
   * may be called meanwhile, and are not afterwards.
   */
  @Override
  public void close() {
    loop.close();
    pulseLoop.close();
  }

  /** A port that an endpoint listens on. */
  public interface Listening extends AutoCloseable {
    /** Returns where it listens, with the port that was chosen. */
    Address address();

    /**
     * Stops listening. Connections stay; a peer that dials at the same moment may be cut off. Any
     * thread but that of the loop may call it.
     */
    @Override
    void close();
  }
}
