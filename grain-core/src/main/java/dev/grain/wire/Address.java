package dev.grain.wire;

import java.net.InetSocketAddress;
import java.util.Objects;

/**
 * Where a process listens.
 *
 * @param host a name or an IP address, without brackets
 * @param port 1 to 65535, or 0 for any free port where one is to be chosen
 */
public record Address(String host, int port) {
  private static final int LARGEST_PORT = 65_535;
  private static final String EXAMPLES = "node1:4242, 10.0.0.7:4242 or [fd00::7]:4242";

  /** Checks the parts. */
  public Address {
    if (host.isBlank()) {
      throw new IllegalArgumentException("The host of an address is empty: write " + EXAMPLES);
    }
    if (port < 0 || port > LARGEST_PORT) {
      throw new IllegalArgumentException(
          "Port " + port + " of " + host + " is not between 0 and " + LARGEST_PORT);
    }
  }

  /**
   * Reads an address.
   *
   * @param text {@code host:port}; an IPv6 address in brackets
   * @throws IllegalArgumentException if it is none
   */
  public static Address parse(String text) {
    Objects.requireNonNull(text, "text");
    String trimmed = text.strip();
    int colon = trimmed.lastIndexOf(':');
    if (colon < 0 || trimmed.endsWith("]")) {
      throw new IllegalArgumentException(
          "The address \"" + text + "\" has no port: write " + EXAMPLES);
    }
    String host = trimmed.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      throw new IllegalArgumentException(
          "The address \"" + text + "\" has several colons: write " + EXAMPLES);
    }
    if (host.isBlank()) {
      throw new IllegalArgumentException(
          "The address \"" + text + "\" has no host: write " + EXAMPLES);
    }
    return new Address(host, port(text, trimmed.substring(colon + 1)));
  }

  private static int port(String text, String digits) {
    try {
      int port = Integer.parseInt(digits);
      if (port >= 0 && port <= LARGEST_PORT) {
        return port;
      }
    } catch (NumberFormatException wrong) {
      // reported below
    }
    throw new IllegalArgumentException(
        "The port of the address \""
            + text
            + "\" is not a number between 0 and "
            + LARGEST_PORT
            + ": write "
            + EXAMPLES);
  }

  static Address of(InetSocketAddress socket) {
    return new Address(socket.getHostString(), socket.getPort());
  }

  /** Returns the text that {@link #parse} reads. */
  @Override
  public String toString() {
    return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
  }
}
