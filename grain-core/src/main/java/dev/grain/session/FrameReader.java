package dev.grain.session;

import dev.grain.bytes.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Reads what is in one frame, and nothing beyond it. */
final class FrameReader {
  private final byte[] bytes;
  private final int end;
  private final int length;
  private final Interned.Receiver interned;
  private int position;

  /**
   * Makes a reader of a type and a body.
   *
   * @param bytes starts with the bytes that the frame starts with
   * @param count how many bytes of the frame are there
   * @param length how many bytes the frame has
   */
  FrameReader(byte[] bytes, int count, int length, Interned.Receiver interned) {
    this.bytes = bytes;
    this.end = count;
    this.length = length;
    this.interned = interned;
  }

  /** Returns the exception that states what is wrong with this frame, and where. */
  WireException malformed(String what) {
    return new WireException(
        "A frame of %s bytes %s, at byte %s.".formatted(length, what, position));
  }

  boolean hasMore() {
    return position < end;
  }

  int unsignedByte() throws WireException {
    if (position == end) {
      throw malformed("ends too early");
    }
    return bytes[position++] & 0xff;
  }

  boolean flag() throws WireException {
    int value = unsignedByte();
    if (value > 1) {
      throw malformed("has %s for yes or no".formatted(value));
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
    int count = count();
    if (count == 0) {
      return Bytes.empty();
    }
    byte[] copy = Arrays.copyOfRange(bytes, position, position + count);
    position += count;
    return Bytes.of(copy);
  }

  String text() throws WireException {
    int count = count();
    String text = new String(bytes, position, count, StandardCharsets.UTF_8);
    position += count;
    return text;
  }

  /** Returns how many bytes the frame still has, here or elsewhere. */
  int left() {
    return length - position;
  }

  /** Moves the bytes that are here and not read yet, and returns how many they are. */
  int moveTo(byte[] target) {
    int count = end - position;
    System.arraycopy(bytes, position, target, 0, count);
    position = end;
    return count;
  }

  Interned.Kept interned() throws WireException {
    return interned.read(this);
  }

  private int count() throws WireException {
    long count = number();
    if (count < 0 || count > end - position) {
      throw malformed(
          "announces %s bytes, but only %s follow"
              .formatted(Long.toUnsignedString(count), end - position));
    }
    return (int) count;
  }
}
