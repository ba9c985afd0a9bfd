package dev.grain.minion.report;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A file of events that grows, and how far it was read. For one thread. */
final class EventFile {
  private static final int CHUNK = 1024 * 1024;

  /** A line that is longer is no event. */
  private static final int LONGEST_LINE = 128 * 1024 * 1024;

  private final Path path;
  private final @Nullable Object key;
  // all before was read; at the start of a line, unless that is too long
  private long place;
  private long size;
  private long line;
  private boolean tooLong;

  /** What receives the lines. */
  interface Lines {
    void line(byte[] bytes, int from, int length, long number);

    void tooLong(long number);
  }

  EventFile(Path path, BasicFileAttributes attributes) {
    this.path = path;
    this.key = attributes.fileKey();
  }

  Path path() {
    return path;
  }

  /** Returns whether the file is still the one that was read, perhaps with more at its end. */
  boolean continues(BasicFileAttributes attributes) {
    Object now = attributes.fileKey();
    return attributes.size() >= size && (key == null || now == null || key.equals(now));
  }

  /** Reads the lines that are whole since the last time. A last line without an end waits. */
  void read(BasicFileAttributes attributes, Lines lines) throws IOException {
    if (attributes.size() == size) {
      return;
    }
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      byte[] buffer = new byte[CHUNK];
      // what is in the buffer, from the place on
      int held = 0;
      while (true) {
        if (held == buffer.length) {
          if (held >= LONGEST_LINE) {
            tooLong = true;
            place += held;
            held = 0;
          } else {
            buffer = Arrays.copyOf(buffer, held * 2);
          }
        }
        int read = file.read(ByteBuffer.wrap(buffer, held, buffer.length - held), place + held);
        if (read < 0) {
          break;
        }
        int used = split(buffer, held, held + read, lines);
        held += read;
        System.arraycopy(buffer, used, buffer, 0, held - used);
        held -= used;
        place += used;
      }
      size = attributes.size();
    }
  }

  /** Passes on the lines that end; returns where the last of them does. */
  private int split(byte[] buffer, int searched, int end, Lines lines) {
    int start = 0;
    for (int i = searched; i < end; i++) {
      if (buffer[i] == '\n') {
        line++;
        if (tooLong) {
          lines.tooLong(line);
          tooLong = false;
        } else if (i > start) {
          lines.line(buffer, start, i - start, line);
        }
        start = i + 1;
      }
    }
    return start;
  }
}
