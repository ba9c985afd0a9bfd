package dev.grain.resource.internal;

import dev.grain.bytes.Bytes;
import dev.grain.resource.internal.Demand.Part;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads what {@link Encoder} writes, and accepts nothing else: each value has one form only.
 *
 * <p>Every method throws {@link IllegalArgumentException} if the bytes are malformed.
 */
final class Decoder {
  /** Far more than any request or offer has. */
  private static final int MAX_BYTES = 1 << 20;

  private final String what;
  private final byte[] bytes;
  private int position;

  /**
   * Starts reading.
   *
   * @param what a word for the messages
   */
  Decoder(String what, Bytes bytes) {
    this.what = what;
    byte[] single = bytes.single();
    ensure(bytes.length() <= MAX_BYTES && single != null, bytes.length() + " bytes, too many");
    this.bytes = single == null ? new byte[0] : single;
    int version = octet();
    ensure(version == Encoder.VERSION, "version " + version + ", known is " + Encoder.VERSION);
  }

  /** Refuses the bytes unless the condition holds. */
  void ensure(boolean condition, String otherwise) {
    if (!condition) {
      throw new IllegalArgumentException(
          "Malformed %s at byte %s: %s".formatted(what, position, otherwise));
    }
  }

  private int octet() {
    ensure(position < bytes.length, "it ends too early");
    return bytes[position++] & 0xff;
  }

  /** Reads a number from 0 to a maximum. */
  long number(long max) {
    long value = 0;
    int next;
    int shift = 0;
    do {
      next = octet();
      ensure(shift < 63, "a number is too long");
      value |= (long) (next & 0x7f) << shift;
      shift += 7;
    } while (next >= 0x80);
    ensure(next != 0 || shift == 7, "a number is longer than needed");
    ensure(value <= max, value + " is more than " + max);
    return value;
  }

  String text(int maxLength) {
    int length = (int) number(maxLength);
    ensure(length <= bytes.length - position, "it ends too early");
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(bytes, position, length))
              .toString();
      position += length;
      return text;
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "Malformed %s at byte %s: not a text".formatted(what, position), e);
    }
  }

  /** Reads how many things follow, each of which takes a byte at least. */
  int count() {
    return (int) number(bytes.length - position);
  }

  /** Reads parts, in the order of kinds, each kind once. */
  List<Part> parts() {
    List<Part> parts = new ArrayList<>();
    for (int left = count(); left > 0; left--) {
      Part part = part();
      ensure(
          parts.isEmpty() || parts.getLast().kind().compareTo(part.kind()) < 0,
          "the kinds are out of order");
      parts.add(part);
    }
    return parts;
  }

  private Part part() {
    int rank = octet();
    return switch (rank) {
      case Kind.Rank.CPU -> new Part(Kind.CPU, amount(Amounts.MAX_INDEXED * Kind.WHOLE));
      case Kind.Rank.MEMORY -> new Part(Kind.MEMORY, amount(Amounts.MAX_MEMORY));
      case Kind.Rank.GPU -> new Part(Kind.GPU, amount(Amounts.MAX_INDEXED * Kind.WHOLE));
      case Kind.Rank.CAPACITY -> new Part(Kind.CAPACITY, amount(Amounts.MAX_PLACES));
      case Kind.Rank.HEAD -> new Part(Kind.HEAD, amount(Amounts.MAX_PLACES));
      case Kind.Rank.CUSTOM ->
          new Part(Kind.custom(name("custom")), amount(Amounts.MAX_CUSTOM * Kind.WHOLE));
      case Kind.Rank.TOKEN -> new Part(Kind.token(name("token")), 1);
      case Kind.Rank.HEAP -> new Part(Kind.HEAP, amount(Amounts.MAX_MEMORY));
      default ->
          throw new IllegalArgumentException(
              "Malformed %s at byte %s: no kind %s".formatted(what, position, rank));
    };
  }

  /** Reads the kind of units: a custom one by its name, or GPUs by an empty one. */
  Kind unitKind() {
    int start = position;
    if (number(Names.MAX_LENGTH) == 0) {
      return Kind.GPU;
    }
    position = start;
    return Kind.custom(name("custom"));
  }

  /** Reads a number from 1 to a maximum. */
  long amount(long max) {
    long amount = number(max);
    ensure(amount > 0, "an amount of zero");
    return amount;
  }

  private String name(String factory) {
    return name(factory, "");
  }

  /** Reads the name of a custom kind or a token, which comes after another in their order. */
  String name(String factory, String before) {
    String name = text(Names.MAX_LENGTH);
    ensure(name.compareTo(before) > 0, "the names are out of order");
    Names.ensureFree(factory, name);
    return name;
  }

  boolean atEnd() {
    return position == bytes.length;
  }

  void ensureEnd() {
    ensure(position == bytes.length, "something comes after the end");
  }
}
