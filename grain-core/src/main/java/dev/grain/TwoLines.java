package dev.grain;

import java.io.IOException;
import java.nio.file.Path;

/** A file with a user and a password, a line each. */
record TwoLines(Path file) implements SecretSource {
  @Override
  public Secret.Value read(String target) throws IOException {
    return parse(SecretText.read(file));
  }

  static Secret.Value.Password parse(String text) throws IOException {
    String[] lines =
        (text.endsWith("\n") ? text.substring(0, text.length() - 1) : text).split("\n", -1);
    if (lines.length != 2) {
      throw new IOException(
          "it must have exactly two lines, the user and then the password, but has "
              + (text.isEmpty() ? 0 : lines.length));
    }
    String password = withoutReturn(lines[1]);
    if (password.isEmpty()) {
      throw new IOException("its second line, the password, is empty");
    }
    return new Secret.Value.Password(withoutReturn(lines[0]), password);
  }

  private static String withoutReturn(String line) {
    return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
  }
}
