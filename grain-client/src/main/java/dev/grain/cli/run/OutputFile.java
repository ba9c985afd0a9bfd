package dev.grain.cli.run;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file that a job writes, of which whole lines are passed on while it grows. For one thread, but
 * for its path.
 */
final class OutputFile {
  private static final int BUFFER = 64 * 1024;

  private final Path path;
  private long passed;
  private long searched;

  /** Receives whole lines, in parts. */
  @FunctionalInterface
  interface Lines {
    void write(byte[] bytes, int length) throws IOException;
  }

  OutputFile(Path path) {
    this.path = path;
  }

  Path path() {
    return path;
  }

  /**
   * Passes on what has come since the last call.
   *
   * @param ended whether nothing more comes, so that a last line without an end gets one
   */
  void advance(Lines lines, boolean ended) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
      long size = file.length();
      long end = ended ? size : endOfLines(file, size);
      if (end > passed) {
        boolean whole = copy(file, end, lines);
        if (!whole) {
          lines.write(new byte[] {'\n'}, 1);
        }
      }
      searched = size;
    }
  }

  /** Returns the place behind the last line end; what was searched before has none. */
  private long endOfLines(RandomAccessFile file, long size) throws IOException {
    byte[] buffer = new byte[BUFFER];
    for (long to = size; to > searched; ) {
      long from = Math.max(searched, to - BUFFER);
      int length = (int) (to - from);
      file.seek(from);
      file.readFully(buffer, 0, length);
      for (int i = length - 1; i >= 0; i--) {
        if (buffer[i] == '\n') {
          return from + i + 1;
        }
      }
      to = from;
    }
    return passed;
  }

  /** Returns whether the last byte ends a line. */
  private boolean copy(RandomAccessFile file, long end, Lines lines) throws IOException {
    byte[] buffer = new byte[(int) Math.min(BUFFER, end - passed)];
    byte last = '\n';
    file.seek(passed);
    while (passed < end) {
      int read = file.read(buffer, 0, (int) Math.min(buffer.length, end - passed));
      if (read < 0) {
        break;
      }
      lines.write(buffer, read);
      last = buffer[read - 1];
      passed += read;
    }
    return last == '\n';
  }

  /** Returns the end of it, at most that many bytes. */
  byte[] tail(int most) throws IOException {
    if (!Files.exists(path)) {
      return new byte[0];
    }
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
      byte[] tail = new byte[(int) Math.min(most, file.length())];
      file.seek(file.length() - tail.length);
      file.readFully(tail);
      return tail;
    }
  }

  /** Returns its size in bytes; 0 if there is none. */
  long size() throws IOException {
    return Files.exists(path) ? Files.size(path) : 0;
  }
}
