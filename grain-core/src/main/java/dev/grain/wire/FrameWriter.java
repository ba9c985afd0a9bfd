package dev.grain.wire;

import dev.grain.bytes.Bytes;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** Writes what {@link FrameReader} reads. */
final class FrameWriter {
  private final ByteBuf out;
  private final Interned.Sender interned;

  FrameWriter(ByteBuf out, Interned.Sender interned) {
    this.out = out;
    this.interned = interned;
  }

  void unsignedByte(int value) {
    out.writeByte(value);
  }

  void flag(boolean value) {
    out.writeByte(value ? 1 : 0);
  }

  void number(long value) {
    long left = value;
    while (left >>> 7 != 0) {
      out.writeByte((int) left | 0x80);
      left >>>= 7;
    }
    out.writeByte((int) left);
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
      out.writeBytes(single);
    } else {
      value.chunks().forEach(out::writeBytes);
    }
  }

  void interned(Bytes value) {
    int known = interned.find(value);
    if (known >= 0) {
      number(2L * known + 2);
    } else {
      define(value, value);
    }
  }

  void interned(String value) {
    int known = interned.find(value);
    if (known >= 0) {
      number(2L * known + 2);
    } else {
      define(value, toBytes(value));
    }
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
