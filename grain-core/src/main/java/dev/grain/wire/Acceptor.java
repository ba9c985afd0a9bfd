package dev.grain.wire;

import dev.grain.wire.Connection.ConnectionHandler;
import java.net.SocketAddress;

/** Decides who is let in where an endpoint listens. */
public interface Acceptor {
  /**
   * Answers a peer that has proven its key. Only decides: nothing has happened before the handler's
   * {@link ConnectionHandler#up}, and its {@link ConnectionHandler#down} may come instead. Called
   * on the loop of the endpoint.
   *
   * @param peer the identity that the peer claims
   * @param from where it comes from
   */
  Answer accept(Hello peer, SocketAddress from);

  /** The answer to a peer. */
  sealed interface Answer {
    /**
     * It is welcome.
     *
     * @param mine who this side is
     * @param handler is notified of events of the connection
     */
    record Accept(Hello mine, ConnectionHandler handler) implements Answer {}

    /**
     * It is not wanted.
     *
     * @param sentence why, and what to do
     */
    record Refuse(String sentence) implements Answer {}
  }
}
