package dev.grain.service.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Passes bytes on between a program and a server on this machine, but for the answers to a few
 * commits: the server commits, and the program loses its connection.
 */
final class LostAnswer implements AutoCloseable {
  private static final String COMMIT = "COMMIT";

  private final ServerSocket listening;
  private final InetSocketAddress server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  // counted down by the threads of connections
  private final AtomicInteger left = new AtomicInteger();

  LostAnswer(int port) throws IOException {
    this.server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    this.listening = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    var _ = threads.submit(this::accept);
  }

  int port() {
    return listening.getLocalPort();
  }

  /** Loses the answers to that many of the next commits. */
  void lose(int commits) {
    left.set(commits);
  }

  int left() {
    return left.get();
  }

  private Void accept() throws IOException {
    while (true) {
      Socket program = listening.accept();
      Socket other = new Socket();
      try {
        other.connect(server);
      } catch (IOException e) {
        program.close();
        continue;
      }
      Connection connection = new Connection(program, other);
      var _ = threads.submit(connection::toServer);
      var _ = threads.submit(connection::toProgram);
    }
  }

  /** Both sides of a connection. */
  private final class Connection {
    private final Socket program;
    private final Socket server;

    // set by the thread of what is sent, read by that of the answers
    private volatile boolean loses;

    Connection(Socket program, Socket server) {
      this.program = program;
      this.server = server;
    }

    Void toServer() throws IOException {
      try (program;
          server) {
        InputStream in = program.getInputStream();
        OutputStream out = server.getOutputStream();
        byte[] buffer = new byte[65_536];
        for (int count = in.read(buffer); count > 0; count = in.read(buffer)) {
          String text = new String(buffer, 0, count, StandardCharsets.ISO_8859_1);
          if (text.contains(COMMIT) && left.getAndUpdate(each -> Math.max(0, each - 1)) > 0) {
            loses = true;
          }
          out.write(Arrays.copyOf(buffer, count));
        }
      }
      return null;
    }

    Void toProgram() throws IOException {
      try (program;
          server) {
        InputStream in = server.getInputStream();
        OutputStream out = program.getOutputStream();
        byte[] buffer = new byte[65_536];
        for (int count = in.read(buffer); count > 0 && !loses; count = in.read(buffer)) {
          out.write(buffer, 0, count);
        }
      }
      return null;
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    threads.shutdownNow();
  }
}
