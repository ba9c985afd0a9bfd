package dev.grain.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.bytes.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The bytes of a journal, as {@code journal.txt} has them. A change of them is another version of
 * the format.
 */
final class GoldenJournalTest {
  private static final Bytes KEY = Bytes.of(HexFormat.of().parseHex("0102".repeat(16)));

  private static final List<Entry> ENTRIES =
      List.of(
          new Entry.Life("run-1", 1_700_000_000_000L),
          new Entry.Ended(KEY, Entry.Kind.RETURNED, 2, 3_000_000_000L, "nöde", Bytes.utf8("value")),
          new Entry.Ended(KEY, Entry.Kind.THREW, 1, 1, "node", Bytes.utf8("failure")),
          new Entry.Ended(KEY, Entry.Kind.OTHERWISE, 0, 0, "", Bytes.empty()),
          new Entry.Used(KEY),
          new Entry.Completed());

  @TempDir private Path folder;

  /** Returns the bytes, without what is behind a hash sign. */
  static byte[] golden() throws IOException {
    try (InputStream in = GoldenJournalTest.class.getResourceAsStream("journal.txt")) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return HexFormat.of()
          .parseHex(
              text.lines()
                  .map(line -> line.replaceAll("#.*|\\s", ""))
                  .collect(Collectors.joining()));
    }
  }

  @Test
  void entries_written_areTheGoldenBytes() throws IOException {
    Path file = folder.resolve("written");
    Files.write(file, Format.header());
    try (Disk disk = Disk.of(file)) {
      Appender appender = new Appender(disk);
      for (Entry each : ENTRIES) {
        appender.append(each);
      }
      appender.flush();
    }
    assertThat(file).hasBinaryContent(golden());
  }

  @Test
  void goldenBytes_read_areTheEntries() throws IOException {
    Path file = folder.resolve("golden");
    Files.write(file, golden());
    List<Entry> read = new ArrayList<>();
    try (Source source = new Source(file)) {
      Scan scan = new Scan(source);
      Scan.Found found = scan.at(Format.HEADER);
      while (found != null) {
        read.add(withValue(found, scan));
        found = scan.at(found.end());
      }
    }
    assertThat(read).isEqualTo(ENTRIES);
  }

  private static Entry withValue(Scan.Found found, Scan scan) throws IOException {
    return found.entry() instanceof Entry.Ended ended
        ? new Entry.Ended(
            ended.key(),
            ended.kind(),
            ended.attempt(),
            ended.ran(),
            ended.worker(),
            scan.value(found.position()))
        : found.entry();
  }
}
