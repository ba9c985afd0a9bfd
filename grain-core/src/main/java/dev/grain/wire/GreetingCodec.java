package dev.grain.wire;

import dev.grain.bytes.Bytes;
import dev.grain.session.WireException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** Greetings to bytes and back. */
final class GreetingCodec {
  /** The first bytes of each greeting: no text, no TLS. */
  private static final byte[] MAGIC = {(byte) 0x89, 'G', 'R', 'A', 'I', 'N', '\r', '\n'};

  private static final int PREFIX = MAGIC.length + Integer.BYTES;
  private static final int SMALLEST = 2 * Integer.BYTES + Long.BYTES;

  /** How many bytes may follow the length. */
  static final int LARGEST = 64 * 1024;

  private static final String REFUSAL = "refusal";
  private static final String REASON = "reason";

  private GreetingCodec() {}

  /**
   * Returns the bytes of a greeting.
   *
   * @param allocator makes the buffer, which the caller releases
   * @throws IllegalArgumentException if it is too large
   */
  static ByteBuf encode(Greeting greeting, ByteBufAllocator allocator) {
    ByteBuf out = allocator.buffer();
    try {
      encode(greeting, out);
      return out;
    } catch (IllegalArgumentException tooLarge) {
      out.release();
      throw tooLarge;
    }
  }

  private static void encode(Greeting greeting, ByteBuf out) {
    switch (greeting) {
      case Hello hello ->
          encode(hello.minVersion(), hello.maxVersion(), hello.features(), hello.fields(), out);
      case Refusal(Refusal.Code reason, String sentence) -> {
        SequencedMap<String, Bytes> fields = new LinkedHashMap<>();
        fields.put(REFUSAL, Hello.bytes(Printable.printable(sentence)));
        fields.put(REASON, Hello.bytes(reason.name().toLowerCase(Locale.ROOT)));
        encode(Hello.PROTOCOL, Hello.PROTOCOL, 0, fields, out);
      }
    }
  }

  private static void encode(
      int minVersion,
      int maxVersion,
      long features,
      SequencedMap<String, Bytes> fields,
      ByteBuf out) {
    out.writeBytes(MAGIC);
    int lengthIndex = out.writerIndex();
    out.writeInt(0).writeInt(minVersion).writeInt(maxVersion).writeLong(features);
    for (Map.Entry<String, Bytes> field : fields.sequencedEntrySet()) {
      out.writeByte(field.getKey().length());
      out.writeCharSequence(field.getKey(), StandardCharsets.US_ASCII);
      ensureFits(field.getValue().length());
      byte[] value = array(field.getValue());
      out.writeInt(value.length).writeBytes(value);
    }
    int length = out.writerIndex() - lengthIndex - Integer.BYTES;
    ensureFits(length);
    out.setInt(lengthIndex, length);
  }

  private static byte[] array(Bytes bytes) {
    byte[] single = bytes.single();
    if (single != null) {
      return single;
    }
    try {
      return bytes.stream().readAllBytes();
    } catch (IOException impossible) {
      throw new AssertionError(impossible);
    }
  }

  private static void ensureFits(long length) {
    if (length > LARGEST) {
      throw new IllegalArgumentException(
          "A hello of " + length + " bytes is too large: " + LARGEST + " are allowed.");
    }
  }

  /** How the bytes that have come so far go together with the magic. */
  enum Match {
    /** They start with it. */
    YES,
    /** There are too few to decide. */
    OPEN,
    /** They start with something else. */
    NO
  }

  /** Returns whether the readable bytes start with the magic; reads nothing. */
  static Match matchesMagic(ByteBuf in) {
    int known = Math.min(in.readableBytes(), MAGIC.length);
    byte[] start = ByteBufUtil.getBytes(in, in.readerIndex(), known);
    if (!Arrays.equals(start, 0, known, MAGIC, 0, known)) {
      return Match.NO;
    }
    return known == MAGIC.length ? Match.YES : Match.OPEN;
  }

  /**
   * Reads a greeting if all of it is there.
   *
   * @return null if there is not yet enough; then nothing is read
   * @throws WireException if it is none
   */
  static @Nullable Greeting decode(ByteBuf in) throws WireException {
    if (matchesMagic(in) == Match.NO) {
      throw new WireException("The first bytes are not Grain's.");
    }
    if (in.readableBytes() < PREFIX) {
      return null;
    }
    int length = in.getInt(in.readerIndex() + MAGIC.length);
    if (length < SMALLEST || length > LARGEST) {
      throw new WireException(
          "The length of the hello is "
              + length
              + " bytes, and not between "
              + SMALLEST
              + " and "
              + LARGEST
              + ".");
    }
    if (in.readableBytes() < PREFIX + length) {
      return null;
    }
    in.skipBytes(PREFIX);
    return decodeBody(in.readSlice(length));
  }

  private static Greeting decodeBody(ByteBuf in) throws WireException {
    int minVersion = in.readInt();
    int maxVersion = in.readInt();
    long features = in.readLong();
    SequencedMap<String, Bytes> fields = new LinkedHashMap<>();
    while (in.isReadable()) {
      String name = readName(in);
      fields.put(name, readValue(in, name));
    }
    Bytes sentence = fields.get(REFUSAL);
    return sentence == null
        ? Hello.of(minVersion, maxVersion, features, fields)
        : new Refusal(
            reason(fields.getOrDefault(REASON, Bytes.empty())),
            Printable.printable(sentence.utf8()));
  }

  private static String readName(ByteBuf in) throws WireException {
    int length = in.readUnsignedByte();
    ensureThere(in, length, "the name of a field", "");
    return in.readCharSequence(length, StandardCharsets.US_ASCII).toString();
  }

  private static Bytes readValue(ByteBuf in, String name) throws WireException {
    ensureThere(in, Integer.BYTES, "the length of the field ", name);
    int length = in.readInt();
    ensureThere(in, length, "the field ", name);
    byte[] value = new byte[length];
    in.readBytes(value);
    return Bytes.of(value);
  }

  private static void ensureThere(ByteBuf in, int length, String what, String name)
      throws WireException {
    if (length < 0 || length > in.readableBytes()) {
      throw new WireException(
          "The hello ends within %s%s: %s bytes of %s"
              .formatted(what, Printable.printable(name), in.readableBytes(), length));
    }
  }

  private static Refusal.Code reason(Bytes name) {
    String text = name.utf8().toUpperCase(Locale.ROOT);
    for (Refusal.Code reason : Refusal.Code.values()) {
      if (reason.name().equals(text)) {
        return reason;
      }
    }
    return Refusal.Code.OTHER;
  }
}
