package dev.grain.key;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Writes the few elements of the Distinguished Encoding Rules that a certificate is made of. */
final class Der {
  private static final int INTEGER = 0x02;
  private static final int BIT_STRING = 0x03;
  private static final int OCTET_STRING = 0x04;
  private static final int OBJECT_IDENTIFIER = 0x06;
  private static final int UTF8_STRING = 0x0c;
  private static final int UTC_TIME = 0x17;
  private static final int GENERALIZED_TIME = 0x18;
  private static final int SEQUENCE = 0x30;
  private static final int SET = 0x31;
  private static final int IMPLICIT = 0x80;
  private static final int EXPLICIT = 0xa0;

  /** The first year that certificates write with four digits. */
  private static final int FOUR_DIGITS = 2050;

  private Der() {}

  static byte[] sequence(byte[]... elements) {
    return element(SEQUENCE, elements);
  }

  static byte[] set(byte[]... elements) {
    return element(SET, elements);
  }

  /** Wraps an element in the context-specific tag with this number. */
  static byte[] explicit(int number, byte[] element) {
    return element(EXPLICIT | number, element);
  }

  /** Writes bytes under the context-specific tag with this number, in place of their own. */
  static byte[] implicit(int number, byte[] content) {
    return element(IMPLICIT | number, content);
  }

  static byte[] octets(byte[] content) {
    return element(OCTET_STRING, content);
  }

  static byte[] integer(BigInteger value) {
    return element(INTEGER, value.toByteArray());
  }

  static byte[] utf8(String text) {
    return element(UTF8_STRING, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes whole bytes as a bit string. */
  static byte[] bits(byte[] bytes) {
    return element(BIT_STRING, new byte[] {0}, bytes);
  }

  /**
   * Writes an object identifier.
   *
   * @param content its encoding, without tag and length
   */
  static byte[] identifier(int... content) {
    byte[] bytes = new byte[content.length];
    for (int i = 0; i < content.length; i++) {
      bytes[i] = (byte) content[i];
    }
    return element(OBJECT_IDENTIFIER, bytes);
  }

  static byte[] time(Instant time) {
    ZonedDateTime utc = time.atZone(ZoneOffset.UTC);
    boolean fourDigits = utc.getYear() >= FOUR_DIGITS;
    String pattern = (fourDigits ? "uuuu" : "uu") + "MMddHHmmss'Z'";
    String text = DateTimeFormatter.ofPattern(pattern, Locale.ROOT).format(utc);
    return element(
        fourDigits ? GENERALIZED_TIME : UTC_TIME, text.getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] element(int tag, byte[]... contents) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int length = 0;
    for (byte[] content : contents) {
      length += content.length;
    }
    out.write(tag);
    if (length < 0x80) {
      out.write(length);
    } else {
      byte[] digits = BigInteger.valueOf(length).toByteArray();
      int from = digits[0] == 0 ? 1 : 0;
      out.write(0x80 | (digits.length - from));
      out.write(digits, from, digits.length - from);
    }
    for (byte[] content : contents) {
      out.writeBytes(content);
    }
    return out.toByteArray();
  }
}
