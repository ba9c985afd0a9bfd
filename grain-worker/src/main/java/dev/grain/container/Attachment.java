package dev.grain.container;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A connection with the standard streams of a container. It is one of its own, as only so can the
 * end of the input be told to a program that still prints. Closing it, from any thread, ends what
 * reads or writes.
 */
final class Attachment implements AutoCloseable {
  private static final int USUAL_PORT = 2375;
  private static final int LONGEST_HEAD = 64 * 1024;
  private static final Pattern LENGTH =
      Pattern.compile(
          "^content-length: *([0-9]{1,8})\\s*$", Pattern.CASE_INSENSITIVE | Pattern.MULTILINE);

  private final SocketChannel channel;
  private final InputStream output;

  private Attachment(SocketChannel channel) {
    this.channel = channel;
    this.output = Channels.newInputStream(channel);
  }

  /**
   * Attaches to a container that need not run yet; returns when the engine is ready for it to
   * start.
   *
   * @param path of the request, with its query
   */
  static Attachment open(URI engine, String path) throws IOException {
    SocketAddress address =
        "unix".equals(engine.getScheme())
            ? UnixDomainSocketAddress.of(engine.getPath())
            : new InetSocketAddress(
                engine.getHost(), engine.getPort() < 0 ? USUAL_PORT : engine.getPort());
    Attachment made = new Attachment(SocketChannel.open(address));
    try {
      made.greet(path);
    } catch (IOException | RuntimeException e) {
      made.close();
      throw e;
    }
    return made;
  }

  private void greet(String path) throws IOException {
    String request =
        "POST %s HTTP/1.1\r\nHost: engine\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"
                .formatted(path)
            + "Content-Length: 0\r\n\r\n";
    // the output stream belongs to the channel, which is closed
    OutputStream out = Channels.newOutputStream(channel);
    out.write(request.getBytes(StandardCharsets.US_ASCII));
    StringBuilder head = new StringBuilder();
    while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
      // byte by byte, as what follows is the output
      int next = output.read();
      if (next < 0 || head.length() > LONGEST_HEAD) {
        throw new EOFException("the engine has closed the connection");
      }
      head.append((char) next);
    }
    String status = head.substring(0, head.indexOf("\r\n"));
    if (!status.contains(" 101 ") && !status.contains(" 200 ")) {
      throw new RefusedException(status + " " + readBody(head.toString()));
    }
  }

  /** Says why, if the engine has said how long that is. */
  private String readBody(String head) throws IOException {
    Matcher length = LENGTH.matcher(head);
    int count = length.find() ? Math.min(LONGEST_HEAD, Integer.parseInt(length.group(1))) : 0;
    return new String(output.readNBytes(count), StandardCharsets.UTF_8).strip();
  }

  /** The engine does not attach to the container; some make it ready to start for that. */
  static final class RefusedException extends IOException {
    private static final long serialVersionUID = 1;

    RefusedException(String words) {
      super(words);
    }
  }

  /** Returns what the container prints, both streams as one. */
  InputStream output() {
    return output;
  }

  /**
   * Sends all of the input, and tells the container that there is no more. Returns early if the
   * container reads no more of it.
   *
   * @param input null for none
   */
  void send(@Nullable InputStream input) {
    try {
      if (input != null) {
        input.transferTo(Channels.newOutputStream(channel));
      }
      channel.shutdownOutput();
    } catch (IOException e) {
      // it has ended, or has closed its input
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // it was only a connection
    }
  }
}
