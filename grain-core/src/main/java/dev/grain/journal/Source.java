package dev.grain.journal;

import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;

/**
 * Reads a file anywhere. Safe for all threads.
 *
 * <p>Not final, so that tests can count what is read.
 *
 * <p>Implementation note: no channel, as the interrupt of a thread that reads would close it for
 * all others.
 */
class Source implements AutoCloseable {
  private static final int WINDOW = 64 * 1024;

  private final RandomAccessFile file;
  private final long size;
  // guarded by this
  private final byte[] window = new byte[WINDOW];
  private long windowStart;
  private int windowLength;

  Source(Path path) throws IOException {
    file = new RandomAccessFile(path.toFile(), "r");
    size = file.length();
  }

  /** Returns how long the file was when it was opened. */
  long size() {
    return size;
  }

  /** Reads exactly so many bytes. */
  byte[] read(long position, int count) throws IOException {
    byte[] bytes = new byte[count];
    read(position, bytes, count);
    return bytes;
  }

  /** Fills the start of an array. */
  synchronized void read(long position, byte[] target, int count) throws IOException {
    int done = 0;
    while (done < count) {
      long at = position + done;
      if (at < windowStart || at >= windowStart + windowLength) {
        move(at);
      }
      int from = (int) (at - windowStart);
      int more = Math.min(count - done, windowLength - from);
      System.arraycopy(window, from, target, done, more);
      done += more;
    }
  }

  private void move(long position) throws IOException {
    file.seek(position);
    windowLength = 0;
    int count = file.read(window);
    if (count < 0) {
      throw new EOFException("It ends before byte " + position);
    }
    windowStart = position;
    windowLength = count;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
