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

  private static final List<JournalEntry> ENTRIES =
      List.of(
          new JournalEntry.Life("run-1", 1_700_000_000_000L),
          new JournalEntry.Ended(
              KEY, JournalEntry.Kind.RETURNED, 2, 3_000_000_000L, "nöde", Bytes.utf8("value")),
          new JournalEntry.Ended(KEY, JournalEntry.Kind.THREW, 1, 1, "node", Bytes.utf8("failure")),
          new JournalEntry.Ended(KEY, JournalEntry.Kind.OTHERWISE, 0, 0, "", Bytes.empty()),
          new JournalEntry.Used(KEY),
          new JournalEntry.Completed());

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
    Files.write(file, JournalFormat.header());
    try (Disk disk = Disk.of(file)) {
      Appender appender = new Appender(disk);
      for (JournalEntry each : ENTRIES) {
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
    List<JournalEntry> read = new ArrayList<>();
    try (Source source = new Source(file)) {
      Scan scan = new Scan(source);
      Scan.Found found = scan.at(JournalFormat.HEADER);
      while (found != null) {
        read.add(withValue(found, scan));
        found = scan.at(found.end());
      }
    }
    assertThat(read).isEqualTo(ENTRIES);
  }

  private static JournalEntry withValue(Scan.Found found, Scan scan) throws IOException {
    return found.entry() instanceof JournalEntry.Ended ended
        ? new JournalEntry.Ended(
            ended.key(),
            ended.kind(),
            ended.attempt(),
            ended.ran(),
            ended.worker(),
            scan.value(found.position()))
        : found.entry();
  }
}
