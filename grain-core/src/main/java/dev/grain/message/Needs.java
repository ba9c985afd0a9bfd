package dev.grain.message;

import dev.grain.bytes.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a node makes ready for a job before it can start, besides the code that the program ships.
 *
 * @param origin where further code comes from
 * @param environment the environment that it runs in, encoded; empty for that of the node
 */
public record Needs(Origin origin, Bytes environment) {
  /** Nothing. */
  public static final Needs NONE = new Needs(new Nowhere(), Bytes.empty());

  private static final int UNKNOWN = 3;
  private static final int NOWHERE = 0;
  private static final int FOLDERS = 1;
  private static final int CHECKOUT = 2;

  /** Where code comes from that the program does not ship. */
  public sealed interface Origin {}

  /** There is none. */
  public record Nowhere() implements Origin {}

  /**
   * Folders and jars that are on the node.
   *
   * @param paths absolute; a command runs in the first one
   */
  public record Folders(List<String> paths) implements Origin {}

  /**
   * A commit of a git repository.
   *
   * @param url as git takes it
   * @param commit its SHA, in full
   * @param path a folder in the repository; empty for all of it
   */
  public record Checkout(String url, String commit, String path) implements Origin {}

  /**
   * A commit that the program could not find out; the job fails with the reason.
   *
   * @param reason a sentence
   */
  public record Unknown(String reason) implements Origin {}

  /** Returns it as bytes; none if there is nothing to make ready. */
  public Bytes encode() {
    if (equals(NONE)) {
      return Bytes.empty();
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      switch (origin) {
        case Nowhere _ -> out.writeByte(NOWHERE);
        case Folders(List<String> paths) -> {
          out.writeByte(FOLDERS);
          out.writeInt(paths.size());
          for (String path : paths) {
            CommandInput.write(path, out);
          }
        }
        case Checkout(String url, String commit, String path) -> {
          out.writeByte(CHECKOUT);
          CommandInput.write(url, out);
          CommandInput.write(commit, out);
          CommandInput.write(path, out);
        }
        case Unknown(String reason) -> {
          out.writeByte(UNKNOWN);
          CommandInput.write(reason, out);
        }
      }
      environment.stream().transferTo(out);
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
  public static Needs decode(Bytes bytes) throws IOException {
    if (bytes.isEmpty()) {
      return NONE;
    }
    try (DataInputStream in = new DataInputStream(bytes.stream())) {
      int kind = in.readByte();
      Origin origin =
          switch (kind) {
            case NOWHERE -> new Nowhere();
            case FOLDERS -> {
              List<String> paths = new ArrayList<>();
              for (int left = in.readInt(); left > 0; left--) {
                paths.add(CommandInput.read(in));
              }
              yield new Folders(List.copyOf(paths));
            }
            case CHECKOUT ->
                new Checkout(CommandInput.read(in), CommandInput.read(in), CommandInput.read(in));
            case UNKNOWN -> new Unknown(CommandInput.read(in));
            default -> throw new IOException("code comes from an unknown kind of place: " + kind);
          };
      return new Needs(origin, Bytes.of(in.readAllBytes()));
    }
  }
}
