package dev.grain.resource.internal;

import dev.grain.bytes.Bytes;
import dev.grain.resource.internal.Demand.Part;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Writes requests and offers: a version, then numbers of seven bits a byte, least significant
 * first, and texts with their length before them.
 */
final class Encoder {
  /** The version of the form; changes when readers of the form before would misread it. */
  static final int VERSION = 1;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream(32);

  Encoder() {
    out.write(VERSION);
  }

  /** Writes a number that is not negative. */
  void number(long value) {
    assert value >= 0 : value;
    long rest = value;
    while (rest >= 0x80) {
      out.write((int) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  void text(String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    number(bytes.length);
    out.writeBytes(bytes);
  }

  /** Writes parts, which are in the order of kinds. */
  void parts(List<Part> parts) {
    number(parts.size());
    for (Part part : parts) {
      int rank = part.kind().rank();
      out.write(rank);
      if (rank == Kind.Rank.CUSTOM || rank == Kind.Rank.TOKEN) {
        text(part.kind().name());
      }
      if (rank != Kind.Rank.TOKEN) {
        number(part.amount());
      }
    }
  }

  Bytes toBytes() {
    return Bytes.of(out.toByteArray());
  }
}
