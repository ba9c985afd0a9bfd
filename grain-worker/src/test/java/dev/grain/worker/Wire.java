package dev.grain.worker;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * What lies between a head and a worker: carries connections to an address, until it is cut. While
 * it is, whoever dials is cut off at once, so that nobody can know whether the other side lives.
 */
final class Wire implements AutoCloseable {
  private final InetSocketAddress target;
  private final ServerSocket server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  // both guarded by this
  private final List<Socket> open = new ArrayList<>();
  private boolean cut;

  /** Lies before a port of the loopback. */
  Wire(int target) throws IOException {
    this.target = new InetSocketAddress(InetAddress.getLoopbackAddress(), target);
    this.server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    threads.execute(this::accept);
  }

  String address() {
    return "127.0.0.1:" + server.getLocalPort();
  }

  /** Cuts all connections, and those to come. */
  synchronized void cut() throws IOException {
    cut = true;
    for (Socket socket : open) {
      socket.close();
    }
    open.clear();
  }

  /** Carries connections again. */
  synchronized void mend() {
    cut = false;
  }

  private void accept() {
    try {
      while (true) {
        carry(server.accept());
      }
    } catch (IOException closed) {
      // by close()
    }
  }

  private synchronized void carry(Socket from) throws IOException {
    if (cut) {
      from.close();
      return;
    }
    Socket to = new Socket();
    to.connect(target);
    open.add(from);
    open.add(to);
    threads.execute(() -> copy(from, to));
    threads.execute(() -> copy(to, from));
  }

  private static void copy(Socket from, Socket to) {
    try (from;
        to) {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (SocketException cut) {
      // by cut(), or by one of the two
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    cut();
    threads.close();
  }
}
