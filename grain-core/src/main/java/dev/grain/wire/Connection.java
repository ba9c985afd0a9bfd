package dev.grain.wire;

import dev.grain.session.Transport;
import java.net.SocketAddress;

/**
 * A connection on which both sides have said who they are: carries frames until it goes down.
 *
 * <p>To be used on the loop of its endpoint.
 */
public interface Connection extends Transport {
  /** Returns who the peer says it is. */
  Hello peer();

  /** Returns the id of the session, which the head has said; empty if there is none. */
  String session();

  /** Returns where the peer is. */
  SocketAddress remoteAddress();

  /**
   * Sends what was written, for as long as a hello may take, and ends the connection. The handler
   * hears nothing more.
   */
  @Override
  void close();
}
