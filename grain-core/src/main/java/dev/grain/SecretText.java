package dev.grain;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads small files with secrets; its messages are parts of sentences, without the content. */
final class SecretText {
  /** The largest file, far above any key. */
  private static final int MOST_BYTES = 64 * 1024;

  private SecretText() {}

  /** Returns the text of a file in UTF-8. */
  static String read(Path file) throws IOException {
    return read(file, MOST_BYTES);
  }

  /** Returns the text of a file in UTF-8 that has at most that many bytes. */
  static String read(Path file, int mostBytes) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException(file + " is a folder; name a file");
    }
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(mostBytes + 1);
    } catch (NoSuchFileException e) {
      throw new IOException("there is no file " + file);
    } catch (AccessDeniedException e) {
      throw new IOException("the program may not read " + file);
    }
    if (bytes.length > mostBytes) {
      throw new IOException(
          "%s has more than %s bytes, so it holds no secret".formatted(file, mostBytes));
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new IOException(file + " is not a text in UTF-8");
    }
  }
}
