package dev.grain.code;

import dev.grain.bytes.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A compact form of many texts that repeat: each is written once, and then by its number. */
final class TextCodec {
  /** Longer texts are cut; twice over would not fit the format. */
  private static final int LONGEST = 16_000;

  private static final String CUT = "...";

  private TextCodec() {}

  /** Returns what is written of a text; the same of that again. */
  static String cut(String text) {
    boolean isCut = text.length() == LONGEST + CUT.length() && text.endsWith(CUT);
    return text.length() <= LONGEST || isCut ? text : text.substring(0, LONGEST) + CUT;
  }

  /** Writes; used by one thread. */
  static final class Writer {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(1_024);
    private final DataOutputStream out = new DataOutputStream(bytes);
    private final Map<String, Integer> known = new HashMap<>();

    void text(@Nullable String text) throws IOException {
      if (text == null) {
        number(-1);
        return;
      }
      Integer number = known.putIfAbsent(text, known.size());
      if (number != null) {
        number(number);
      } else {
        number(known.size() - 1);
        out.writeUTF(cut(text));
      }
    }

    void number(int number) throws IOException {
      if (number >= -100 && number <= Byte.MAX_VALUE) {
        out.writeByte(number);
      } else {
        out.writeByte(Byte.MIN_VALUE);
        out.writeInt(number);
      }
    }

    void bytes(Bytes sequence) throws IOException {
      number(Math.toIntExact(sequence.length()));
      try (InputStream in = sequence.stream()) {
        in.transferTo(out);
      }
    }

    Bytes toBytes() {
      return Bytes.of(bytes.toByteArray());
    }
  }

  /** Reads what the writer wrote; used by one thread. */
  static final class Reader {
    private final DataInputStream in;
    private final List<String> known = new ArrayList<>();

    Reader(Bytes source) {
      in = new DataInputStream(source.stream());
    }

    @Nullable String text() throws IOException {
      int number = number();
      if (number < 0) {
        return null;
      }
      if (number == known.size()) {
        known.add(in.readUTF());
      }
      return known.get(number);
    }

    int number() throws IOException {
      byte small = in.readByte();
      return small == Byte.MIN_VALUE ? in.readInt() : small;
    }

    Bytes bytes() throws IOException {
      byte[] sequence = new byte[number()];
      in.readFully(sequence);
      return Bytes.of(sequence);
    }
  }
}
