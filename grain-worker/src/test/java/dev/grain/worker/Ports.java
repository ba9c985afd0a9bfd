package dev.grain.worker;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Ports of the loopback for processes that end and come back. */
final class Ports {
  /** Below those that the system gives to connections, which take any that is free for a moment. */
  private static final int FIRST = 20_000;

  private static final int END = 32_000;

  private Ports() {}

  /** Returns one that is free. */
  static int free() throws IOException {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, END);
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (BindException e) {
        // another one will be
      }
    }
  }
}
