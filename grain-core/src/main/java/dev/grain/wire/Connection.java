package dev.grain.wire;

import dev.grain.session.Frame;
import dev.grain.session.Session.Transport;
import dev.grain.session.WireException;
import java.net.SocketAddress;

/**
 * A connection on which both sides have identified themselves: carries frames until it goes down.
 *
 * <p>To be used on the loop of its endpoint.
 */
public interface Connection extends Transport {
  /** Returns the identity that the peer claims. */
  Hello peer();

  /** Returns the id of the session, which the head has sent; empty if there is none. */
  String session();

  /** Returns where the peer is. */
  SocketAddress remoteAddress();

  /**
   * Sends what was written, for as long as a hello may take, and ends the connection. The handler
   * is not called again.
   */
  @Override
  void close();

  /**
   * Why a connection ended, or never came to be.
   *
   * @param kind what kind of reason, for programs
   * @param sentence what happened and what to do, for people
   */
  record Down(Kind kind, String sentence) {
    /** Kinds of reasons. */
    public enum Kind {
      /** Nobody listens there: the process that did is dead. */
      REFUSED_CONNECTION,
      /** The address does not answer, or its name is unknown. */
      UNREACHABLE,
      /** Something else than Grain answers there. */
      NOT_GRAIN,
      /** One side has shown no key, or none that the other one has. */
      WRONG_KEY,
      /** This side speaks TLS and the peer plain text. */
      PEER_SPEAKS_PLAIN_TEXT,
      /** This side speaks plain text and the peer TLS. */
      PEER_SPEAKS_TLS,
      /** The peer does not want the connection. */
      REFUSED,
      /** The two do not fit together: releases, Java versions, codecs. */
      VERSION,
      /** The peer did not greet in time. */
      TIMED_OUT,
      /** No sign of life came for too long. */
      SILENT,
      /** The peer or the network closed the connection. */
      CLOSED,
      /** The peer left on purpose. */
      GOODBYE,
      /** The peer sent what it must not send. */
      MALFORMED,
      /** An error in this process. */
      FAILED
    }

    /**
     * Returns whether a session is over with its connection, and does not go on over another one.
     */
    public boolean endsSession() {
      return switch (kind) {
        case GOODBYE, MALFORMED, FAILED -> true;
        case REFUSED_CONNECTION,
            UNREACHABLE,
            NOT_GRAIN,
            WRONG_KEY,
            PEER_SPEAKS_PLAIN_TEXT,
            PEER_SPEAKS_TLS,
            REFUSED,
            VERSION,
            TIMED_OUT,
            SILENT,
            CLOSED ->
            false;
      };
    }
  }

  /**
   * Hears what happens to a connection, on the loop of its endpoint: first {@link #up} or never,
   * last {@link #down}, unless this side has closed it.
   */
  interface ConnectionHandler {
    /**
     * Both sides have identified themselves and accept the connection.
     *
     * @param connection to be used on the loop
     * @param peer the identity that the peer claims; its key is proven
     */
    void up(Connection connection, Hello peer);

    /**
     * A frame has arrived. Does nothing by default, as the two below, for links that send
     * everything in the hello.
     *
     * @throws WireException if the peer must not send this; the connection goes down
     */
    default void received(Frame frame) throws WireException {}

    /** The frames that came together have been handed over. */
    default void batchEnded() {}

    /** The connection is writable again after it was not. */
    default void writable() {}

    /**
     * The connection is gone, or there will be none. Nothing is called after this.
     *
     * @param why the reason
     */
    void down(Down why);
  }
}
