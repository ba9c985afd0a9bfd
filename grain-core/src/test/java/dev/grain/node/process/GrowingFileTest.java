package dev.grain.node.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GrowingFileTest {
  @TempDir private Path folder;
  private final ByteBuffer buffer = ByteBuffer.allocate(8);
  private final StringBuilder passedOn = new StringBuilder();
  private Path path;

  private void append(String text) {
    try {
      Files.writeString(path, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void passOn(byte[] text) {
    passedOn.append(new String(text, StandardCharsets.UTF_8));
  }

  @Test
  void advanceToEnd_longerThanTheBuffer_passesAllOn() throws IOException {
    path = folder.resolve("out");
    append("one\ntwo\nthree\nfour\n");
    try (GrowingFile file = new GrowingFile(path, this::passOn)) {
      file.advanceToEnd(buffer);
    }
    assertThat(passedOn).hasToString("one\ntwo\nthree\nfour\n");
  }

  @Test
  void advanceToEnd_writtenToAsFastAsItIsRead_returns() throws IOException {
    path = folder.resolve("out");
    append("first\n");
    try (GrowingFile file =
        new GrowingFile(
            path,
            text -> {
              passOn(text);
              append("again\n");
            })) {
      file.advanceToEnd(buffer);
      assertThat(passedOn).hasToString("first\n");
      file.advanceToEnd(buffer);
      assertThat(passedOn).hasToString("first\nagain\n");
    }
  }
}
