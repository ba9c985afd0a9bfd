package dev.grain.node.process;

import dev.grain.node.OutputLines;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file while it grows, passes what is new on, and keeps the end. Only accessed by one
 * thread at a time. The file is opened when there is something in it.
 */
final class GrowingFile implements AutoCloseable {
  private final Path path;
  private final OutputLines lines;
  private @Nullable FileChannel file;
  private long position;
  private final OutputTail end = new OutputTail();

  /**
   * Makes one of a file that has to be there when it is read.
   *
   * @param consumer is given what it has, whole lines if they are not too long
   */
  GrowingFile(Path path, Consumer<byte[]> consumer) {
    this.path = path;
    this.lines = new OutputLines(consumer);
  }

  /**
   * Passes on a part of what is new, and returns how many bytes that were.
   *
   * @param buffer is used for them
   */
  int advance(ByteBuffer buffer) throws IOException {
    FileChannel open = file;
    if (open == null) {
      if (Files.size(path) == 0) {
        return 0;
      }
      open = FileChannel.open(path, StandardOpenOption.READ);
      file = open;
    }
    buffer.clear();
    int count = open.size() <= position ? 0 : open.read(buffer, position);
    if (count <= 0) {
      return 0;
    }
    position += count;
    buffer.flip();
    byte[] read = new byte[count];
    buffer.get(read);
    end.add(read, 0, count);
    lines.add(read, 0, count);
    return count;
  }

  /**
   * Passes on all that it has by now, though something may still write to it, and that faster than
   * it is read here.
   *
   * @param buffer is used for that
   */
  void advanceToEnd(ByteBuffer buffer) throws IOException {
    FileChannel open = file;
    long size = open == null ? Files.size(path) : open.size();
    while (position < size && advance(buffer) > 0) {}
  }

  /** Passes on what does not end with a line, as nothing follows. */
  void finish() {
    lines.flush();
  }

  /** Returns the end of what was read, at most 16 KiB. */
  OutputTail end() {
    return end;
  }

  @Override
  public void close() throws IOException {
    FileChannel open = file;
    if (open != null) {
      open.close();
    }
  }
}
