package dev.grain.message;

import dev.grain.bytes.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;

/**
 * The environment that a job runs in.
 *
 * @param kind what makes it
 * @param path the file that defines it: relative to the root of the files, or, if there are none,
 *     to the folder of the code on the node
 * @param files what defines it, by paths below a common root, with slashes; empty if that is on the
 *     node already
 * @param inputs paths in the folder of the code that its making reads besides
 * @param python the program that is the interpreter; empty for the usual one
 * @param timeLimit how long its making may take, in nanoseconds
 */
public record EnvironmentSetting(
    EnvironmentKind kind,
    String path,
    SequencedMap<String, Bytes> files,
    List<String> inputs,
    String python,
    long timeLimit) {
  /** The time limit where nobody sets another one: 30 minutes. */
  public static final long USUAL_TIME_LIMIT = 30 * 60 * 1_000_000_000L;

  /** Returns whether the files that define it are part of it, rather than on the node. */
  public boolean travels() {
    return !files.isEmpty();
  }

  /** Returns it for people: its kind and the file that defines it. */
  public String description() {
    return kind.name().toLowerCase(Locale.ROOT) + " " + path;
  }

  /** Returns it as bytes. */
  public Bytes encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      CommandInput.write(kind.name(), out);
      CommandInput.write(path, out);
      out.writeInt(files.size());
      for (Map.Entry<String, Bytes> each : files.sequencedEntrySet()) {
        CommandInput.write(each.getKey(), out);
        out.writeInt((int) each.getValue().length());
        for (byte[] chunk : each.getValue().chunks()) {
          out.write(chunk);
        }
      }
      out.writeInt(inputs.size());
      for (String each : inputs) {
        CommandInput.write(each, out);
      }
      CommandInput.write(python, out);
      out.writeLong(timeLimit);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Bytes.of(bytes.toByteArray());
  }

  /**
   * Reads what {@link #encode} has returned.
   *
   * @throws IOException if it is something else
   */
  public static EnvironmentSetting decode(Bytes bytes) throws IOException {
    try (DataInputStream in = new DataInputStream(bytes.stream())) {
      EnvironmentKind kind = kind(CommandInput.read(in));
      String path = CommandInput.read(in);
      SequencedMap<String, Bytes> files = new LinkedHashMap<>();
      for (int left = in.readInt(); left > 0; left--) {
        String name = CommandInput.read(in);
        files.put(name, content(in));
      }
      List<String> inputs = new ArrayList<>();
      for (int left = in.readInt(); left > 0; left--) {
        inputs.add(CommandInput.read(in));
      }
      return new EnvironmentSetting(
          kind, path, files, inputs, CommandInput.read(in), in.readLong());
    }
  }

  private static EnvironmentKind kind(String name) throws IOException {
    try {
      return EnvironmentKind.valueOf(name);
    } catch (IllegalArgumentException e) {
      throw new IOException("\"" + name + "\" is no kind of environment", e);
    }
  }

  private static Bytes content(DataInputStream in) throws IOException {
    int length = in.readInt();
    byte[] content = in.readNBytes(Math.max(0, length));
    if (content.length != length) {
      throw new EOFException("A file of " + length + " bytes ends too early");
    }
    return Bytes.of(content);
  }
}
