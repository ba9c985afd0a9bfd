package dev.grain.journal;

import dev.grain.bytes.Bytes;
import dev.grain.journal.Journal.Receipt;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Journals of tests: jobs are numbers, and their results identify which and when. */
final class JournalFile {
  private JournalFile() {}

  static Bytes key(int job) {
    byte[] key = new byte[JournalFormat.KEY];
    Arrays.fill(key, (byte) job);
    key[0] = (byte) (job >>> 8);
    return Bytes.of(key);
  }

  static Bytes value(int job) {
    return Bytes.utf8("value of job " + job);
  }

  static JournalEntry.Ended ended(int job) {
    return ended(job, value(job));
  }

  static JournalEntry.Ended ended(int job, Bytes value) {
    return new JournalEntry.Ended(
        key(job), JournalEntry.Kind.RETURNED, 1, 1_000_000L * job, "node" + job, value);
  }

  /** Writes entries and returns when they are in the file. */
  static void write(Journal journal, JournalEntry... entries) {
    List<CompletableFuture<Void>> written =
        Arrays.stream(entries).map(entry -> append(journal, entry)).toList();
    written.forEach(CompletableFuture::join);
  }

  static CompletableFuture<Void> append(Journal journal, JournalEntry entry) {
    CompletableFuture<Void> written = new CompletableFuture<>();
    journal.append(
        entry,
        new Receipt() {
          @Override
          public void written() {
            written.complete(null);
          }

          @Override
          public void notWritten(IOException why) {
            written.completeExceptionally(why);
          }
        });
    return written;
  }

  /** Lives one life in good order: writes the ends of these jobs. */
  static void live(Path file, int... jobs) throws IOException {
    try (Journal journal = Journal.open(file, "life")) {
      for (int job : jobs) {
        write(journal, ended(job));
      }
      write(journal, new JournalEntry.Completed());
    }
  }

  /** Returns the values of the first jobs, as far as the journal has them. */
  static List<String> valuesIn(Path file, int jobs) throws IOException {
    try (Journal journal = Journal.open(file, "reader")) {
      List<String> values = new ArrayList<>();
      for (int job = 0; job < jobs; job++) {
        Bytes value = journal.value(key(job));
        values.add(value == null ? "" : value.utf8());
      }
      return values;
    }
  }

  /** Returns the files beside the journal, and it. */
  static List<String> folder(Path file) throws IOException {
    try (var files = Files.list(file.getParent())) {
      return files.map(each -> each.getFileName().toString()).sorted().toList();
    }
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
