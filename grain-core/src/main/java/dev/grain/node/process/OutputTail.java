package dev.grain.node.process;

import java.util.Arrays;

/** The end of what a command prints, at most 16 KiB. Not safe for use by several threads. */
public final class OutputTail {
  /** How many bytes are kept. */
  static final int MOST = 16 * 1024;

  private byte[] end = new byte[0];

  /** Takes what follows. */
  public void add(byte[] bytes, int offset, int count) {
    int before = Math.max(0, Math.min(end.length, MOST - count));
    int added = Math.min(count, MOST);
    byte[] joined =
        Arrays.copyOf(Arrays.copyOfRange(end, end.length - before, end.length), before + added);
    System.arraycopy(bytes, offset + count - added, joined, before, added);
    end = joined;
  }

  /** Returns the end of what it was given. */
  public byte[] bytes() {
    return end;
  }
}
