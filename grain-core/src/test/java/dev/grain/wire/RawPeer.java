package dev.grain.wire;

import dev.grain.key.ClusterKey;
import dev.grain.key.TlsContexts;
import dev.grain.session.Frame;
import dev.grain.session.FrameCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import javax.net.ServerSocketFactory;
import javax.net.SocketFactory;
import javax.net.ssl.SSLServerSocket;
import org.jspecify.annotations.Nullable;

/** The other end of a connection, byte by byte, on blocking sockets; with a time-out on reading. */
final class RawPeer implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 60_000;
  private static final int PREFIX = 12;

  private final Socket socket;
  private final DataInputStream in;

  RawPeer(Socket socket) throws IOException {
    this.socket = socket;
    socket.setSoTimeout(PATIENCE_MILLIS);
    this.in = new DataInputStream(socket.getInputStream());
  }

  /** Dials; with TLS and this key, or in plain text. */
  static RawPeer dial(Address address, @Nullable ClusterKey key) throws Exception {
    SocketFactory factory =
        key == null ? SocketFactory.getDefault() : TlsContexts.of(key, true).getSocketFactory();
    return new RawPeer(factory.createSocket(address.host(), address.port()));
  }

  /** Dials with TLS, trusting the key but showing none. */
  static RawPeer dialWithoutKey(Address address, ClusterKey trusted) throws Exception {
    return new RawPeer(
        TlsContexts.of(trusted, false)
            .getSocketFactory()
            .createSocket(address.host(), address.port()));
  }

  static ServerSocket listen(@Nullable ClusterKey key) throws Exception {
    ServerSocketFactory factory =
        key == null
            ? ServerSocketFactory.getDefault()
            : TlsContexts.of(key, true).getServerSocketFactory();
    ServerSocket server = factory.createServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
    server.setSoTimeout(PATIENCE_MILLIS);
    if (server instanceof SSLServerSocket secured) {
      secured.setNeedClientAuth(true);
    }
    return server;
  }

  static Address addressOf(ServerSocket server) {
    return new Address("127.0.0.1", server.getLocalPort());
  }

  void say(Greeting greeting) throws IOException {
    send(bytes(greeting));
  }

  /** Says it to somebody who may have closed the connection before hearing it. */
  void sayEvenIfClosed(Greeting greeting) {
    try {
      say(greeting);
    } catch (IOException closed) {
      // what the other side thinks of it is seen there
    }
  }

  static byte[] bytes(Greeting greeting) {
    ByteBuf buffer = GreetingCodec.encode(greeting, UnpooledByteBufAllocator.DEFAULT);
    try {
      return ByteBufUtil.getBytes(buffer);
    } finally {
      buffer.release();
    }
  }

  void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  void send(Frame frame) throws IOException {
    ByteBuf buffer = new FrameCodec(0).encode(frame, UnpooledByteBufAllocator.DEFAULT);
    try {
      send(ByteBufUtil.getBytes(buffer));
    } finally {
      buffer.release();
    }
  }

  Greeting readGreeting() throws IOException {
    byte[] prefix = in.readNBytes(PREFIX);
    ByteBuf buffer = Unpooled.buffer().writeBytes(prefix);
    buffer.writeBytes(in.readNBytes(buffer.getInt(PREFIX - Integer.BYTES)));
    Greeting greeting = GreetingCodec.decode(buffer);
    if (greeting == null) {
      throw new IOException("no greeting, but " + ByteBufUtil.hexDump(buffer));
    }
    return greeting;
  }

  Frame readFrame() throws IOException {
    int length = in.readInt();
    ByteBuf buffer = Unpooled.buffer().writeInt(length).writeBytes(in.readNBytes(length));
    Frame frame = new FrameCodec(0).decode(buffer);
    if (frame == null) {
      throw new IOException("no frame");
    }
    return frame;
  }

  /** Reads up to the end of the stream, however it ends. */
  byte[] readToEnd() {
    try {
      return in.readAllBytes();
    } catch (IOException reset) {
      return new byte[0];
    }
  }

  void endOutput() throws IOException {
    socket.shutdownOutput();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
