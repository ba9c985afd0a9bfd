package dev.grain.journal;

import dev.grain.bytes.Bytes;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Turns entries into bytes, many of them in one write. Used by one thread. */
final class Appender {
  /** How many bytes are handed to the file at a time at most, as each is copied on its way. */
  private static final int BUFFER = 256 * 1024;

  private final Disk disk;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);

  Appender(Disk disk) {
    this.disk = disk;
  }

  void append(JournalEntry entry) throws IOException {
    append(JournalFormat.encode(entry));
    if (entry instanceof JournalEntry.Ended ended) {
      for (byte[] chunk : ended.value().chunks()) {
        append(chunk);
      }
    }
  }

  void append(byte[] bytes) throws IOException {
    for (int done = 0; done < bytes.length; ) {
      int count = Math.min(buffer.remaining(), bytes.length - done);
      buffer.put(bytes, done, count);
      done += count;
      if (!buffer.hasRemaining()) {
        flush();
      }
    }
  }

  /** Hands all that was appended to the file. */
  void flush() throws IOException {
    disk.write(buffer.flip());
    buffer.clear();
  }

  /** Returns how many bytes an entry takes in memory while it waits, about. */
  static long sizeOf(JournalEntry entry) {
    Bytes value = entry instanceof JournalEntry.Ended ended ? ended.value() : Bytes.empty();
    return value.length() + 2L * JournalFormat.FRAME + 2L * JournalFormat.KEY;
  }
}
