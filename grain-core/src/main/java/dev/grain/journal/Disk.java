package dev.grain.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Where entries are appended. Used by one thread. */
interface Disk extends AutoCloseable {
  /** Appends all bytes of the buffer. */
  void write(ByteBuffer bytes) throws IOException;

  /** Returns when all that was written outlives a crash of the machine. */
  void force() throws IOException;

  @Override
  void close() throws IOException;

  /** Opens one. */
  @FunctionalInterface
  interface Opener {
    Disk open(Path file) throws IOException;
  }

  /** Returns the one that appends to a file. */
  static Disk of(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
    try {
      channel.position(channel.size());
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    return new Disk() {
      @Override
      public void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      }

      @Override
      public void force() throws IOException {
        channel.force(false);
      }

      @Override
      public void close() throws IOException {
        channel.close();
      }
    };
  }
}
