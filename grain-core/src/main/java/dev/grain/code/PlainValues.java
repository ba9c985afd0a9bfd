package dev.grain.code;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The short form of values that need no object graph: null, boxed primitives and short ASCII
 * strings, a tag and its bytes each.
 */
final class PlainValues {
  private static final int LONGEST_STRING = 127;

  private PlainValues() {}

  /** Returns how many bytes the value takes, or -1 if it is not plain. */
  static int size(@Nullable Object value) {
    return switch (value) {
      case null -> 1;
      case Boolean _ -> 1;
      case Integer _ -> 5;
      case Double _ -> 9;
      case Long _ -> 9;
      case String text -> isPlain(text) ? 2 + text.length() : -1;
      case Float _ -> 5;
      case Byte _ -> 2;
      case Short _ -> 3;
      case Character _ -> 3;
      default -> -1;
    };
  }

  private static boolean isPlain(String text) {
    int length = text.length();
    if (length > LONGEST_STRING) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (text.charAt(i) > 0x7f) {
        return false;
      }
    }
    return true;
  }

  /** Writes the value and returns the position after it. */
  static int write(@Nullable Object value, byte[] target, int position) {
    return switch (value) {
      case null -> tag('n', target, position);
      case Boolean b -> tag(b ? 't' : 'f', target, position);
      case Integer i -> number(i, 4, target, tag('i', target, position));
      case Double d -> number(Double.doubleToRawLongBits(d), 8, target, tag('d', target, position));
      case Long l -> number(l, 8, target, tag('l', target, position));
      case String text -> {
        int start = tag('s', target, position);
        byte[] ascii = text.getBytes(StandardCharsets.ISO_8859_1);
        target[start] = (byte) ascii.length;
        System.arraycopy(ascii, 0, target, start + 1, ascii.length);
        yield start + 1 + ascii.length;
      }
      case Float f -> number(Float.floatToRawIntBits(f), 4, target, tag('g', target, position));
      case Byte b -> number(b, 1, target, tag('b', target, position));
      case Short s -> number(s, 2, target, tag('h', target, position));
      case Character c -> number(c, 2, target, tag('c', target, position));
      default -> throw new IllegalArgumentException(value.getClass().getName());
    };
  }

  private static int tag(char tag, byte[] target, int position) {
    target[position] = (byte) tag;
    return position + 1;
  }

  private static int number(long bits, int bytes, byte[] target, int position) {
    for (int i = 0; i < bytes; i++) {
      target[position + i] = (byte) (bits >>> (8 * (bytes - 1 - i)));
    }
    return position + bytes;
  }

  /** Reads plain values one after the other. */
  static final class Reader {
    private final byte[] source;
    private int position;

    Reader(byte[] source, int position) {
      this.source = source;
      this.position = position;
    }

    @Nullable Object next() {
      char tag = (char) source[position++];
      return switch (tag) {
        case 'n' -> null;
        case 't' -> true;
        case 'f' -> false;
        case 'i' -> (int) number(4);
        case 'd' -> Double.longBitsToDouble(number(8));
        case 'l' -> number(8);
        case 's' -> {
          int length = source[position++];
          position += length;
          yield new String(source, position - length, length, StandardCharsets.ISO_8859_1);
        }
        case 'g' -> Float.intBitsToFloat((int) number(4));
        case 'b' -> (byte) number(1);
        case 'h' -> (short) number(2);
        case 'c' -> (char) number(2);
        default -> throw new IllegalArgumentException("Unknown tag " + (int) tag);
      };
    }

    private long number(int bytes) {
      long bits = 0;
      for (int i = 0; i < bytes; i++) {
        bits = (bits << 8) | (source[position++] & 0xff);
      }
      return bits;
    }
  }
}
