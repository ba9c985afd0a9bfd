package dev.grain.wire;

import dev.grain.bytes.Bytes;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** Reads what is in one frame, and nothing beyond it. */
final class FrameReader {
  private final ByteBuf in;
  private final int start;
  private final Interned.Receiver interned;

  /**
   * Makes a reader.
   *
   * @param in the type and the body of a frame
   */
  FrameReader(ByteBuf in, Interned.Receiver interned) {
    this.in = in;
    this.start = in.readerIndex();
    this.interned = interned;
  }

  /** Returns the exception that says what this frame does, and where. */
  WireException malformed(String what) {
    return new WireException(
        "A frame of %d bytes %s, at byte %d."
            .formatted(in.writerIndex() - start, what, in.readerIndex() - start));
  }

  boolean hasMore() {
    return in.isReadable();
  }

  int unsignedByte() throws WireException {
    if (!in.isReadable()) {
      throw malformed("ends too early");
    }
    return in.readUnsignedByte();
  }

  boolean flag() throws WireException {
    int value = unsignedByte();
    if (value > 1) {
      throw malformed("has %d for yes or no".formatted(value));
    }
    return value == 1;
  }

  /** Reads a number of 64 bits: seven in each byte, the lowest first; small ones are short. */
  long number() throws WireException {
    long result = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      int next = unsignedByte();
      if (shift == 63 && next > 1) {
        throw malformed("has a number of more than 64 bits");
      }
      result |= (next & 0x7FL) << shift;
      if (next < 0x80) {
        return result;
      }
    }
    throw malformed("has a number of more than 64 bits");
  }

  int integer() throws WireException {
    long value = number();
    if (value >>> Integer.SIZE != 0) {
      throw malformed("has a number of more than 32 bits");
    }
    return (int) value;
  }

  Bytes bytes() throws WireException {
    return rest(length());
  }

  String text() throws WireException {
    int length = length();
    return in.readString(length, StandardCharsets.UTF_8);
  }

  /** Reads bytes up to the end of the frame. */
  Bytes rest() {
    return rest(in.readableBytes());
  }

  Bytes internedBytes() throws WireException {
    return interned.read(this).bytes;
  }

  String internedText() throws WireException {
    Interned.Receiver.Kept kept = interned.read(this);
    String text = kept.text;
    if (text == null) {
      text = toText(kept.bytes);
      kept.text = text;
    }
    return text;
  }

  private static String toText(Bytes bytes) {
    byte[] single = bytes.single();
    if (single == null) {
      throw new IllegalStateException("What was read from one frame is in one piece");
    }
    return new String(single, StandardCharsets.UTF_8);
  }

  private Bytes rest(int length) {
    byte[] bytes = new byte[length];
    in.readBytes(bytes);
    return Bytes.of(bytes);
  }

  private int length() throws WireException {
    long length = number();
    if (length < 0 || length > in.readableBytes()) {
      throw malformed(
          "says that %s bytes follow, but only %d do"
              .formatted(Long.toUnsignedString(length), in.readableBytes()));
    }
    return (int) length;
  }
}
