package dev.grain.wire;

import dev.grain.key.Security.UnknownKeyException;
import dev.grain.wire.Connection.Down;
import io.netty.channel.ConnectTimeoutException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Explains exceptions of sockets and TLS. */
final class Causes {
  private static final int DEEPEST = 20;

  private Causes() {}

  /** Returns the exception or the first of its causes that is of this type, or null. */
  static <T extends Throwable> @Nullable T find(Throwable thrown, Class<T> type) {
    Throwable cause = thrown;
    for (int i = 0; i < DEEPEST && cause != null; i++) {
      if (type.isInstance(cause)) {
        return type.cast(cause);
      }
      cause = cause.getCause();
    }
    return null;
  }

  /** Explains a failure of TLS; null if it is none. */
  static @Nullable Down ofTls(Throwable thrown, String peer) {
    UnknownKeyException unknown = find(thrown, UnknownKeyException.class);
    if (unknown != null) {
      return new Down(
          Down.Kind.WRONG_KEY,
          peer
              + " used a key ("
              + unknown.fingerprint()
              + ") that is not in the cluster key of this process. Use the same key file on both.");
    }
    SSLException tls = find(thrown, SSLException.class);
    if (tls == null) {
      return null;
    }
    String message = String.valueOf(tls.getMessage());
    if (message.contains("Empty client certificate")) {
      return new Down(
          Down.Kind.WRONG_KEY, peer + " presented no cluster key. Use the same key file on both.");
    }
    // the alerts of a peer that does not accept a certificate, and of one that misses it
    if (message.contains("certificate")) {
      return new Down(
          Down.Kind.WRONG_KEY,
          peer
              + " does not accept the cluster key of this process. Use the same key file on both.");
    }
    String whole = withRoot(message, tls);
    // the alert of a peer that closes the connection on purpose
    if (whole.contains("user_canceled")) {
      return new Down(Down.Kind.GOODBYE, peer + " closed the connection during the TLS handshake.");
    }
    return new Down(
        Down.Kind.NOT_GRAIN, peer + " failed the TLS handshake: " + Printable.printable(whole));
  }

  /** Adds the cause of an error whose message is meaningless, such as "Unexpected exception". */
  private static String withRoot(String message, Throwable error) {
    Throwable root = error;
    for (int depth = 0; depth < DEEPEST && root.getCause() != null; depth++) {
      root = root.getCause();
    }
    return root == error ? message : message + " (" + root + ")";
  }

  /** Explains why an address could not be reached. */
  static Down ofConnecting(Throwable thrown, Address address) {
    if (find(thrown, ConnectTimeoutException.class) != null) {
      return new Down(
          Down.Kind.UNREACHABLE,
          address + " does not answer. Is the machine up, and the port open in its firewall?");
    }
    if (find(thrown, UnknownHostException.class) != null) {
      return new Down(
          Down.Kind.UNREACHABLE,
          "The name " + address.host() + " of the address " + address + " is unknown.");
    }
    // the system's own time-out is one of these too
    ConnectException refused = find(thrown, ConnectException.class);
    if (refused != null && !String.valueOf(refused.getMessage()).contains("timed out")) {
      return new Down(
          Down.Kind.REFUSED_CONNECTION,
          "Nothing listens at " + address + ". Is the process there running?");
    }
    return new Down(Down.Kind.UNREACHABLE, address + " cannot be reached: " + thrown.getMessage());
  }
}
