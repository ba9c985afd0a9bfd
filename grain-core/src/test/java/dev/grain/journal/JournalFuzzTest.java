package dev.grain.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.grain.Warnings;
import dev.grain.bytes.Bytes;
import dev.grain.session.Allocation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any file is a journal as far as its frames are whole, or refused and left as it is. Reading it
 * takes time and memory in proportion, and a run can go on with it.
 *
 * <p>The first byte of an input determines whether the rest is the file, or becomes one whose
 * frames all have right markers, lengths and check sums: those a fuzzer does not find.
 */
final class JournalFuzzTest {
  private static final byte AS_IT_IS = 0;
  private static final byte SEALED = 1;

  /** What one byte of a journal becomes at most: an entry without a payload has 17. */
  private static final long OF_EACH_BYTE = 64;

  /** The buffers of a file and of its reader. */
  private static final long IN_ANY_CASE = 512 * 1024;

  /** How often each byte is read at most, with the start of a frame for each that may start one. */
  private static final long READS = 24;

  /** What this test writes; no file is likely to have it. */
  private static final JournalEntry.Ended FURTHER = JournalFile.ended(12_345);

  static Stream<byte[]> journals() throws IOException {
    byte[] golden = GoldenJournalTest.golden();
    byte[] damaged = golden.clone();
    damaged[JournalFormat.HEADER + JournalFormat.FRAME] ^= 1;
    byte[] other = golden.clone();
    other[JournalFormat.HEADER - 1]++;
    return Stream.of(
            golden,
            damaged,
            other,
            JournalFormat.header(),
            Arrays.copyOf(golden, JournalFormat.HEADER - 1),
            Arrays.copyOf(golden, golden.length - 1),
            Arrays.copyOfRange(golden, 1, golden.length),
            join(golden, golden, golden))
        .flatMap(
            file -> Stream.of(join(new byte[] {AS_IT_IS}, file), join(new byte[] {SEALED}, file)));
  }

  private static byte[] join(byte[]... parts) {
    ByteBuffer all = ByteBuffer.allocate(Stream.of(parts).mapToInt(part -> part.length).sum());
    Stream.of(parts).forEach(all::put);
    return all.array();
  }

  @MethodSource("journals")
  @FuzzTest(maxDuration = "")
  void open_ofAnything_hasItsSoundPartOrRefuses(byte[] input) throws IOException {
    if (input.length == 0) {
      return;
    }
    byte[] bytes = Arrays.copyOfRange(input, 1, input.length);
    if ((input[0] & 1) == SEALED) {
      seal(bytes);
    }
    Path folder = Files.createTempDirectory(scratch(), "grain-fuzz");
    try (Warnings _ = new Warnings(JournalReader.class)) {
      Path file = folder.resolve("run.journal");
      Files.write(file, bytes);
      if (bytes.length >= JournalFormat.HEADER
          && Arrays.equals(JournalFormat.header(), header(bytes))) {
        ensureSound(file, bytes);
      } else if (!JournalFormat.isBegunHeader(bytes)) {
        assertThatThrownBy(() -> Journal.open(file, "life"))
            .isInstanceOf(UnusableJournalException.class)
            .hasMessageContaining("not changed");
        assertThat(file).hasBinaryContent(bytes);
        assertThat(JournalFile.folder(file)).containsExactly("run.journal");
      } else {
        ensureGoesOn(file, new SoundPart(Map.of(), 0, bytes.length), bytes);
      }
    } finally {
      delete(folder);
    }
  }

  private static byte[] header(byte[] file) {
    return Arrays.copyOf(file, JournalFormat.HEADER);
  }

  /** Where files cost little, as very many are made: in memory, if that is possible. */
  private static Path scratch() {
    Path memory = Path.of("/dev/shm");
    return Files.isWritable(memory) ? memory : Path.of(System.getProperty("java.io.tmpdir"));
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path each : files.toList()) {
        Files.delete(each);
      }
    }
    Files.delete(folder);
  }

  /** Makes frames of what is behind the header, as long as the bytes suggest. */
  private static void seal(byte[] file) {
    byte[] header = JournalFormat.header();
    System.arraycopy(header, 0, file, 0, Math.min(header.length, file.length));
    ByteBuffer all = ByteBuffer.wrap(file);
    int at = JournalFormat.HEADER;
    while (at + JournalFormat.FRAME <= file.length) {
      int room = file.length - at - JournalFormat.FRAME;
      int length = (all.getShort(at + 10) & 0xffff) % (room + 1);
      byte type = (byte) (1 + (all.get(at + 16) & 3));
      int payload = at + JournalFormat.FRAME;
      byte[] summed = Arrays.copyOfRange(file, payload, payload + length);
      all.putInt(at, SoundPart.MARKER).putLong(at + 4, length);
      all.putInt(at + 12, SoundPart.crc(type, summed)).put(at + 16, type);
      at = payload + length;
    }
  }

  private static void ensureSound(Path file, byte[] bytes) throws IOException {
    SoundPart sound = SoundPart.of(bytes);
    try (Source source =
        new CountingSource(file, READS * (bytes.length + JournalFormat.LONGEST_START))) {
      Contents contents =
          Allocation.assertAtMost(IN_ANY_CASE + OF_EACH_BYTE * bytes.length, () -> read(source));
      assertThat(contents.end()).isEqualTo(sound.end());
      assertThat(contents.size()).isEqualTo(sound.values().size());
      boolean more = new Scan(source).mayHaveMore(contents.end() + 1);
      ensureGoesOn(file, sound, bytes);
      assertThat(Files.exists(file.resolveSibling("run.journal.damaged-1"))).isEqualTo(more);
    }
  }

  private static Contents read(Source source) {
    try {
      return Contents.read(source);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lives a life with it, and looks into it in the next. */
  private static void ensureGoesOn(Path file, SoundPart sound, byte[] bytes) throws IOException {
    try (Journal journal = Journal.open(file, "life")) {
      ensureHas(sound, journal);
      JournalFile.write(journal, FURTHER);
    }
    List<String> folder = JournalFile.folder(file);
    try (Journal journal = Journal.open(file, "next")) {
      ensureHas(sound, journal);
      assertThat(journal.value(FURTHER.key())).isEqualTo(FURTHER.value());
    }
    assertThat(JournalFile.folder(file)).isEqualTo(folder);
    Path aside = file.resolveSibling("run.journal.damaged-1");
    if (Files.exists(aside)) {
      assertThat(aside).hasBinaryContent(bytes);
    }
  }

  /** A value that two lives have not used may be gone; another one is never there. */
  private static void ensureHas(SoundPart sound, Journal journal) throws IOException {
    for (Map.Entry<Bytes, Bytes> each : sound.values().entrySet()) {
      Bytes value = journal.value(each.getKey());
      if (value != null || sound.completed() <= 2) {
        assertThat(value).isEqualTo(each.getValue());
      }
    }
  }
}
