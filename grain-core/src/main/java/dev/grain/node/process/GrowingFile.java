package dev.grain.node.process;

import dev.grain.node.OutputLines;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Reads a file while it grows, passes what is new on, and keeps the end. Only accessed by one
 * thread.
 */
final class GrowingFile implements AutoCloseable {
  private static final int KEPT = 16 * 1024;
  private static final int AT_ONCE = 64 * 1024;

  private final FileChannel file;
  private final ByteBuffer buffer = ByteBuffer.allocate(AT_ONCE);
  private final OutputLines lines;
  private long position;
  private byte[] end = new byte[0];

  /**
   * Opens a file.
   *
   * @param consumer is given what it has, whole lines if they are not too long
   */
  GrowingFile(Path path, Consumer<byte[]> consumer) throws IOException {
    this.file = FileChannel.open(path, StandardOpenOption.READ);
    this.lines = new OutputLines(consumer);
  }

  /** Passes on a part of what is new, and returns whether there was something. */
  boolean advance() throws IOException {
    if (file.size() <= position) {
      return false;
    }
    buffer.clear();
    int count = file.read(buffer, position);
    if (count <= 0) {
      return false;
    }
    position += count;
    keep(buffer.array(), count);
    lines.add(buffer.array(), 0, count);
    return true;
  }

  private void keep(byte[] bytes, int count) {
    int before = Math.max(0, Math.min(end.length, KEPT - count));
    int added = Math.min(count, KEPT);
    byte[] joined =
        Arrays.copyOf(Arrays.copyOfRange(end, end.length - before, end.length), before + added);
    System.arraycopy(bytes, count - added, joined, before, added);
    end = joined;
  }

  /** Passes on what does not end with a line, as nothing follows. */
  void finish() {
    lines.flush();
  }

  /** Returns the end of what was read, at most 16 KiB. */
  byte[] end() {
    return end;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
