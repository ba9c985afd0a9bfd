package dev.grain;

import dev.grain.bytes.Bytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The end of what a job has printed. */
final class OutputTail {
  private final int limit;
  // guarded by this
  private byte[] text = new byte[0];
  private boolean cut;

  OutputTail(int limit) {
    this.limit = limit;
  }

  synchronized void add(Bytes more) {
    byte[] added;
    try {
      added = more.stream().readAllBytes();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    byte[] joined = Arrays.copyOf(text, text.length + added.length);
    System.arraycopy(added, 0, joined, text.length, added.length);
    if (joined.length > limit) {
      cut = true;
      joined = Arrays.copyOfRange(joined, joined.length - limit, joined.length);
    }
    text = joined;
  }

  synchronized String text() {
    return (cut ? "[...]" : "") + new String(text, StandardCharsets.UTF_8);
  }
}
