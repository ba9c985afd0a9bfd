package dev.grain.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.bytes.Bytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read behind the place where a journal is damaged. */
final class ScanTest {
  private static final int VALUE = 1 << 20;

  @TempDir private Path folder;

  private Path file() {
    return folder.resolve("run.journal");
  }

  /** A value that is full of starts of frames, whose payloads reach to the end of it. */
  private static Bytes starts() {
    byte[] start = JournalFormat.encode(JournalFile.ended(0));
    ByteBuffer value = ByteBuffer.allocate(VALUE);
    while (value.remaining() > JournalFormat.FRAME) {
      int at = value.position();
      value.put(start, 0, JournalFormat.FRAME);
      value.putLong(at + Integer.BYTES, value.remaining());
    }
    return Bytes.of(value.array());
  }

  /** Writes a file of one entry whose value is that, and changes its last byte. */
  private long damaged(Bytes value) throws IOException {
    Files.write(file(), JournalFormat.header());
    try (Disk disk = Disk.of(file())) {
      Appender appender = new Appender(disk);
      appender.append(JournalFile.ended(1, value));
      appender.flush();
    }
    byte[] bytes = Files.readAllBytes(file());
    bytes[bytes.length - 1] ^= 1;
    Files.write(file(), bytes);
    return bytes.length;
  }

  @Test
  void damagedFile_fullOfStarts_isReadAFewTimesAtMost() throws IOException {
    long size = damaged(starts());
    try (Source source = new CountingSource(file(), 6 * size)) {
      Contents contents = Contents.read(source);
      assertThat(contents.end()).isEqualTo(JournalFormat.HEADER);
      assertThat(new Scan(source).mayHaveMore(contents.end() + 1)).isTrue();
    }
  }

  @Test
  void damagedFile_withoutStarts_hasNoMore() throws IOException {
    byte[] value = new byte[VALUE];
    Arrays.fill(value, JournalFormat.encode(JournalFile.ended(0))[0]);
    long size = damaged(Bytes.of(value));
    try (Source source = new CountingSource(file(), 20 * size)) {
      assertThat(new Scan(source).mayHaveMore(JournalFormat.HEADER + 1)).isFalse();
    }
  }

  @Test
  void damagedFile_withAnEntryBehind_hasMore() throws IOException {
    long size = damaged(Bytes.of(new byte[VALUE]));
    try (Disk disk = Disk.of(file())) {
      Appender appender = new Appender(disk);
      appender.append(JournalFile.ended(2));
      appender.flush();
    }
    try (Source source = new Source(file())) {
      Scan scan = new Scan(source);
      assertThat(scan.mayHaveMore(JournalFormat.HEADER + 1)).isTrue();
      assertThat(scan.mayHaveMore(size)).isTrue();
      assertThat(scan.mayHaveMore(size + 1)).isFalse();
    }
  }
}
