package dev.grain.node;

import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Collects one stream of output up to the end of a line, so that what is sent on is not cut within
 * lines; those that are very long are. Not safe for use by several threads.
 */
public final class OutputLines {
  private static final int LONGEST = 8 * 1024;

  private final Consumer<byte[]> consumer;
  private byte[] buffer = new byte[0];
  private int used;

  /** Makes one that has collected nothing, and gives what it has collected to a consumer. */
  public OutputLines(Consumer<byte[]> consumer) {
    this.consumer = consumer;
  }

  /** Takes some output, in parts, so that what is sent on at once stays small. */
  public void add(byte[] bytes, int offset, int length) {
    for (int from = 0; from < length; from += LONGEST) {
      addPart(bytes, offset + from, Math.min(LONGEST, length - from));
    }
  }

  private void addPart(byte[] bytes, int offset, int length) {
    int lastEnd = -1;
    for (int index = 0; index < length; index++) {
      if (bytes[offset + index] == '\n') {
        lastEnd = index;
      }
    }
    append(bytes, offset, lastEnd + 1);
    if (lastEnd >= 0) {
      flush();
    }
    append(bytes, offset + lastEnd + 1, length - lastEnd - 1);
    if (used >= LONGEST) {
      flush();
    }
  }

  private void append(byte[] bytes, int offset, int length) {
    if (used + length > buffer.length) {
      buffer = Arrays.copyOf(buffer, Math.max(2 * buffer.length, used + length));
    }
    System.arraycopy(bytes, offset, buffer, used, length);
    used += length;
  }

  /** Sends on what there is. */
  public void flush() {
    if (used == 0) {
      return;
    }
    byte[] text = Arrays.copyOf(buffer, used);
    used = 0;
    if (buffer.length > LONGEST) {
      buffer = new byte[0];
    }
    consumer.accept(text);
  }
}
