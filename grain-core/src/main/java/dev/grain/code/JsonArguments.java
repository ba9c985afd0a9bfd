package dev.grain.code;

import dev.grain.EncodingException;
import dev.grain.bytes.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** The arguments of a function that is called by its name: each is JSON in UTF-8. */
final class JsonArguments {
  private JsonArguments() {}

  /**
   * Returns arguments as bytes.
   *
   * @param limit how many bytes they may take
   * @throws EncodingException if they take more
   */
  static Bytes encode(List<byte[]> arguments, long limit) {
    long length = arguments.stream().mapToLong(each -> each.length).sum();
    if (length > limit) {
      throw new EncodingException(
          "The arguments take %s bytes as JSON, more than can be sent at once (%s). Put them into a file that the function reads."
              .formatted(length, limit),
          null);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(arguments.size());
      for (byte[] each : arguments) {
        out.writeInt(each.length);
        out.write(each);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Bytes.of(bytes.toByteArray());
  }

  /** Reads what {@link #encode} has returned. */
  static List<byte[]> decode(Bytes bytes) throws IOException {
    try (DataInputStream in = new DataInputStream(bytes.stream())) {
      List<byte[]> arguments = new ArrayList<>();
      for (int left = in.readInt(); left > 0; left--) {
        byte[] argument = new byte[in.readInt()];
        in.readFully(argument);
        arguments.add(argument);
      }
      return arguments;
    }
  }
}
