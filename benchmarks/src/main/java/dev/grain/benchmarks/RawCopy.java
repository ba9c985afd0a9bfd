package dev.grain.benchmarks;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import javax.net.ServerSocketFactory;
import javax.net.SocketFactory;

/**
 * A copy of bytes over a blocking socket, from one array into a new one. The head sends a number:
 * how many bytes it sends, or, if it is negative, how many it wants. For bytes sent it gets their
 * check sum.
 */
final class RawCopy implements Head {
  private static final int BUFFER = 8 * 1024;
  private static final byte[] NOTHING = {};

  private final DataInputStream in;
  private final DataOutputStream out;
  // what was sent last
  private byte[] bytes = NOTHING;

  private RawCopy(Socket socket) throws IOException {
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), BUFFER));
    out = new DataOutputStream(socket.getOutputStream());
  }

  /** Connects to the worker at that port. */
  static Head connect(SocketFactory sockets, int port) throws IOException {
    Socket socket = sockets.createSocket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    return new RawCopy(socket);
  }

  /** Starts to serve one head, and returns the port. */
  static int startWorker(ServerSocketFactory sockets) throws IOException {
    ServerSocket server = sockets.createServerSocket(0, 1, InetAddress.getLoopbackAddress());
    Thread.ofPlatform().daemon().name("raw-worker").start(() -> serve(server));
    return server.getLocalPort();
  }

  private static void serve(ServerSocket server) {
    try (server;
        Socket socket = server.accept()) {
      socket.setTcpNoDelay(true);
      new RawCopy(socket).serve();
    } catch (IOException e) {
      // the head has gone
    }
  }

  private void serve() throws IOException {
    while (true) {
      int size = in.readInt();
      if (size < 0) {
        out.write(Jobs.bytes(-size));
      } else {
        out.writeInt(Jobs.check(receive(size)));
      }
    }
  }

  private byte[] receive(int size) throws IOException {
    byte[] received = new byte[size];
    in.readFully(received);
    return received;
  }

  @Override
  public long bulk(Direction direction, int size) throws IOException {
    return switch (direction) {
      case ARGUMENT -> {
        if (bytes.length != size) {
          bytes = Jobs.bytes(size);
        }
        out.writeInt(size);
        out.write(bytes);
        yield in.readInt();
      }
      case RESULT -> {
        bytes = NOTHING;
        out.writeInt(-size);
        yield Jobs.check(receive(size));
      }
    };
  }

  @Override
  public long throughput(Load load, int jobs) {
    throw new UnsupportedOperationException("A copy has no jobs");
  }

  @Override
  public int call(int number) {
    throw new UnsupportedOperationException("A copy has no jobs");
  }
}
