package dev.grain.wire;

/**
 * Why a connection ended, or never came to be.
 *
 * @param kind what kind of reason, for programs
 * @param sentence what happened and what to do, for people
 */
public record Down(Kind kind, String sentence) {
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

  /** Returns whether a session is over with its connection, and does not go on over another one. */
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
