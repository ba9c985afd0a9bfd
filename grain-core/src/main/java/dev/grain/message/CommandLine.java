package dev.grain.message;

import dev.grain.bytes.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;

/**
 * A program to start, and how. Texts may have placeholders, which the node fills. An empty text
 * stands for none.
 *
 * @param words the program and its arguments; not empty
 * @param shell the shell that the first word is a script for; the others are its arguments
 * @param environment what is set in addition
 * @param folder where it runs
 * @param stdin the file that is its standard input
 * @param stdout the file that its standard output goes to, in place of the program
 * @param stderr the same for its error stream
 * @param successCodes the exit codes that count as success
 * @param returnsResult whether it writes a file with a result
 */
public record CommandLine(
    List<String> words,
    String shell,
    SequencedMap<String, String> environment,
    String folder,
    String stdin,
    String stdout,
    String stderr,
    List<Integer> successCodes,
    boolean returnsResult) {

  /** Returns it as bytes. */
  public Bytes encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(words.size());
      for (String word : words) {
        CommandInput.write(word, out);
      }
      CommandInput.write(shell, out);
      CommandInput.write(environment, out);
      for (String file : List.of(folder, stdin, stdout, stderr)) {
        CommandInput.write(file, out);
      }
      out.writeInt(successCodes.size());
      for (int code : successCodes) {
        out.writeInt(code);
      }
      out.writeBoolean(returnsResult);
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
  public static CommandLine decode(Bytes bytes) throws IOException {
    try (DataInputStream in = new DataInputStream(bytes.stream())) {
      List<String> words = new ArrayList<>();
      for (int left = in.readInt(); left > 0; left--) {
        words.add(CommandInput.read(in));
      }
      String shell = CommandInput.read(in);
      SequencedMap<String, String> environment = CommandInput.readMap(in);
      String folder = CommandInput.read(in);
      String stdin = CommandInput.read(in);
      String stdout = CommandInput.read(in);
      String stderr = CommandInput.read(in);
      List<Integer> codes = new ArrayList<>();
      for (int left = in.readInt(); left > 0; left--) {
        codes.add(in.readInt());
      }
      return new CommandLine(
          words, shell, environment, folder, stdin, stdout, stderr, codes, in.readBoolean());
    }
  }
}
