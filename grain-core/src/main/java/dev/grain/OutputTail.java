package dev.grain;

import dev.grain.bytes.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The last part of the output of a job. */
final class OutputTail {
  private final int limit;
  // all guarded by this; the ring is as long as what was printed needs, up to the limit
  private byte[] ring = new byte[0];
  private int start;
  private int length;
  private boolean cut;

  OutputTail(int limit) {
    this.limit = limit;
  }

  synchronized void add(Bytes more) {
    more.chunks().forEach(this::add);
  }

  private void add(byte[] part) {
    int from = Math.max(0, part.length - limit);
    int count = part.length - from;
    reserve(count);
    int dropped = Math.max(0, length + count - limit);
    cut |= dropped > 0 || from > 0;
    start = (start + dropped) % ring.length;
    length -= dropped;
    int end = (start + length) % ring.length;
    int untilWrap = Math.min(count, ring.length - end);
    System.arraycopy(part, from, ring, end, untilWrap);
    System.arraycopy(part, from + untilWrap, ring, 0, count - untilWrap);
    length += count;
  }

  private void reserve(int count) {
    if (length + count > ring.length && ring.length < limit) {
      int size = Math.min(limit, Math.max(2 * ring.length, length + count));
      ring = Arrays.copyOf(contents(), size);
      start = 0;
    }
  }

  private byte[] contents() {
    byte[] joined = new byte[length];
    int untilWrap = Math.min(length, ring.length - start);
    System.arraycopy(ring, start, joined, 0, untilWrap);
    System.arraycopy(ring, 0, joined, untilWrap, length - untilWrap);
    return joined;
  }

  synchronized String text() {
    return (cut ? "[...]" : "") + new String(contents(), StandardCharsets.UTF_8);
  }
}
