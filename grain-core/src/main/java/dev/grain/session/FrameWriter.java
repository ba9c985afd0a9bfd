package dev.grain.session;

import dev.grain.bytes.Bytes;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes what {@link FrameReader} reads, one frame after the other. */
final class FrameWriter {
  private static final int FIRST_SIZE = 1024;

  /** What is kept from one frame to the next. */
  private static final int KEPT_SIZE = 512 * 1024;

  private static final int LONGEST_NUMBER = 10;

  private final Interned.Sender interned;
  private byte[] bytes = new byte[FIRST_SIZE];
  private int length;

  FrameWriter(Interned.Sender interned) {
    this.interned = interned;
  }

  /** Returns how many bytes the frame has so far. */
  int length() {
    return length;
  }

  /** Moves the frame to a buffer; the next one may start. */
  void moveTo(ByteBuf buffer) {
    buffer.writeBytes(bytes, 0, length);
    clear();
  }

  /** Discards the frame; the next one may start. */
  void clear() {
    length = 0;
    if (bytes.length > KEPT_SIZE) {
      bytes = new byte[FIRST_SIZE];
    }
  }

  private void reserve(int count) {
    if (length + count > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + count));
    }
  }

  void unsignedByte(int value) {
    reserve(1);
    bytes[length++] = (byte) value;
  }

  void flag(boolean value) {
    unsignedByte(value ? 1 : 0);
  }

  void number(long value) {
    reserve(LONGEST_NUMBER);
    long left = value;
    while (left >>> 7 != 0) {
      bytes[length++] = (byte) (left | 0x80);
      left >>>= 7;
    }
    bytes[length++] = (byte) left;
  }

  void integer(int value) {
    number(Integer.toUnsignedLong(value));
  }

  void bytes(Bytes value) {
    number(value.length());
    rest(value);
  }

  void text(String value) {
    bytes(toBytes(value));
  }

  /** Writes the bytes without their number: the frame ends with them. */
  void rest(Bytes value) {
    byte[] single = value.single();
    if (single != null) {
      copy(single);
    } else {
      value.chunks().forEach(this::copy);
    }
  }

  private void copy(byte[] part) {
    reserve(part.length);
    System.arraycopy(part, 0, bytes, length, part.length);
    length += part.length;
  }

  void interned(int field, Bytes value) {
    if (value.isEmpty()) {
      nothing();
      return;
    }
    int known = interned.find(field, value);
    if (known >= 0) {
      number(2L * known + 2);
    } else {
      define(value, value);
    }
  }

  void interned(int field, String value) {
    if (value.isEmpty()) {
      nothing();
      return;
    }
    int known = interned.find(field, value);
    if (known >= 0) {
      number(2L * known + 2);
    } else {
      define(value, toBytes(value));
    }
  }

  /** Writes an empty sequence that is not kept. */
  private void nothing() {
    number(0);
    number(0);
  }

  private void define(Object key, Bytes value) {
    int slot = interned.keep(key, Math.toIntExact(value.length()));
    number(2L * slot + 1 + (slot < 0 ? 1 : 0));
    bytes(value);
  }

  private static Bytes toBytes(String value) {
    return Bytes.of(value.getBytes(StandardCharsets.UTF_8));
  }
}
