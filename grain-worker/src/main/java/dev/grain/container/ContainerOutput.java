package dev.grain.container;

import dev.grain.node.OutputLines;
import dev.grain.node.process.OutputTail;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One stream of what a container prints: passes it on or writes it to a file, and keeps its end.
 * Not safe for use by several threads.
 */
final class ContainerOutput implements AutoCloseable {
  private static final int HEADER = 8;
  private static final int ERROR_STREAM = 2;
  private static final int BUFFER = 16 * 1024;

  private final OutputTail tail = new OutputTail();
  private final OutputLines lines;
  private final @Nullable OutputStream file;

  private ContainerOutput(@Nullable OutputStream file, Consumer<byte[]> consumer) {
    this.file = file;
    this.lines = new OutputLines(consumer);
  }

  /**
   * Opens one.
   *
   * @param file in place of the consumer; null for none
   */
  static ContainerOutput open(@Nullable Path file, Consumer<byte[]> consumer) throws IOException {
    OutputStream out = null;
    if (file != null) {
      Files.newOutputStream(file).close();
      // both streams may have the same file
      out = Files.newOutputStream(file, StandardOpenOption.APPEND);
    }
    return new ContainerOutput(out, consumer);
  }

  private void add(byte[] bytes, int count) throws IOException {
    tail.add(bytes, 0, count);
    if (file == null) {
      lines.add(bytes, 0, count);
    } else {
      file.write(bytes, 0, count);
    }
  }

  /** Returns the end of what it was given. */
  OutputTail end() {
    return tail;
  }

  @Override
  public void close() throws IOException {
    if (file == null) {
      lines.flush();
    } else {
      file.close();
    }
  }

  /**
   * Reads both streams of a container, which an engine sends as one: a header for each part, with
   * the stream and the length. Returns when there is no more.
   */
  static void readAll(InputStream in, ContainerOutput stdout, ContainerOutput stderr)
      throws IOException {
    byte[] header = new byte[HEADER];
    byte[] buffer = new byte[BUFFER];
    while (true) {
      int read = in.readNBytes(header, 0, HEADER);
      if (read < HEADER) {
        if (read > 0) {
          throw new EOFException("the output ends in the middle");
        }
        return;
      }
      ContainerOutput output = header[0] == ERROR_STREAM ? stderr : stdout;
      long left =
          (header[4] & 0xffL) << 24
              | (header[5] & 0xffL) << 16
              | (header[6] & 0xffL) << 8
              | (header[7] & 0xffL);
      while (left > 0) {
        int count = in.read(buffer, 0, (int) Math.min(left, BUFFER));
        if (count < 0) {
          throw new EOFException("the output ends in the middle");
        }
        output.add(buffer, count);
        left -= count;
      }
    }
  }
}
