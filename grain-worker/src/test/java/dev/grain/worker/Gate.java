package dev.grain.worker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * Where jobs in other processes wait until the test lets them go on: the test knows that they run,
 * and they that they may end.
 */
final class Gate implements AutoCloseable {
  private static final int LONGEST_NAME = 1000;

  private final ServerSocketChannel server;

  Gate() throws IOException {
    server =
        ServerSocketChannel.open()
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1000);
  }

  int port() throws IOException {
    return ((InetSocketAddress) server.getLocalAddress()).getPort();
  }

  /**
   * Waits at the gate of that port, in a job. It returns when the test lets it, or the test is
   * gone.
   *
   * @param who what the test gets to know
   */
  static void enter(int port, String who) {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    try (SocketChannel channel = SocketChannel.open(address)) {
      channel.write(ByteBuffer.wrap((who + "\n").getBytes(StandardCharsets.UTF_8)));
      channel.read(ByteBuffer.allocate(1));
    } catch (ClosedByInterruptException e) {
      throw new UncheckedIOException(e);
    } catch (IOException open) {
      // the test has opened the gate for all, or is gone
    }
  }

  /** A job that waits; closing lets it go on. */
  record Visitor(String who, SocketChannel channel) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      channel.close();
    }

    /** Waits until the job is gone by itself, as it was stopped or its process has died. */
    void awaitGone() throws IOException {
      channel.read(ByteBuffer.allocate(1));
    }
  }

  /** Waits for the next job at the gate. */
  Visitor next() throws IOException {
    SocketChannel channel = server.accept();
    ByteBuffer who = ByteBuffer.allocate(LONGEST_NAME);
    while (channel.read(who) >= 0 && who.get(who.position() - 1) != '\n') {
      // the rest is on its way
    }
    return new Visitor(
        new String(who.array(), 0, who.position() - 1, StandardCharsets.UTF_8), channel);
  }

  /** Lets all go on that are to come. */
  void openForAll() throws IOException {
    server.close();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
