package dev.grain.message;

import dev.grain.bytes.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * What one job gives a program that others start as well.
 *
 * @param values what placeholders stand for, by their names
 * @param file what the file has that the program may read; null for no file
 */
public record CommandInput(SequencedMap<String, String> values, @Nullable Bytes file) {
  /** Returns it as bytes; those of the file are shared. */
  public Bytes encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      write(values, out);
      out.writeBoolean(file != null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Bytes head = Bytes.of(bytes.toByteArray());
    return file == null ? head : Bytes.join(List.of(head, file));
  }

  /**
   * Reads what {@link #encode} has returned.
   *
   * @throws IOException if it is something else
   */
  public static CommandInput decode(Bytes bytes) throws IOException {
    try (DataInputStream in = new DataInputStream(bytes.stream())) {
      SequencedMap<String, String> values = readMap(in);
      Bytes file = null;
      if (in.readBoolean()) {
        Bytes.Builder rest = new Bytes.Builder(bytes.length());
        in.transferTo(rest);
        file = rest.toBytes();
      }
      return new CommandInput(values, file);
    }
  }

  static void write(SequencedMap<String, String> values, DataOutputStream out) throws IOException {
    out.writeInt(values.size());
    for (Map.Entry<String, String> each : values.sequencedEntrySet()) {
      write(each.getKey(), out);
      write(each.getValue(), out);
    }
  }

  static SequencedMap<String, String> readMap(DataInputStream in) throws IOException {
    SequencedMap<String, String> values = new LinkedHashMap<>();
    for (int left = in.readInt(); left > 0; left--) {
      String key = read(in);
      values.put(key, read(in));
    }
    return values;
  }

  static void write(String text, DataOutputStream out) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  static String read(DataInputStream in) throws IOException {
    int length = in.readInt();
    byte[] bytes = in.readNBytes(Math.max(0, length));
    if (bytes.length != length) {
      throw new EOFException("A text of " + length + " bytes ends too early");
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
