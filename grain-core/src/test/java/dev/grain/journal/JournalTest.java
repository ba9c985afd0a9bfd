package dev.grain.journal;

import static dev.grain.journal.JournalFile.ended;
import static dev.grain.journal.JournalFile.folder;
import static dev.grain.journal.JournalFile.key;
import static dev.grain.journal.JournalFile.live;
import static dev.grain.journal.JournalFile.value;
import static dev.grain.journal.JournalFile.valuesIn;
import static dev.grain.journal.JournalFile.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.NothingLeft;
import dev.grain.Warnings;
import dev.grain.bytes.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NothingLeft.class)
final class JournalTest {
  private static final int JOBS = 4;

  @TempDir private Path folder;
  private Path file;

  private final Warnings warnings = new Warnings(JournalReader.class);

  @BeforeEach
  void begin() {
    file = folder.resolve("run.journal");
  }

  @AfterEach
  void end() {
    warnings.close();
  }

  @Test
  void open_nextLife_hasWhatWasWritten() throws IOException {
    live(file, 0, 1);
    live(file, 2);
    assertThat(valuesIn(file, JOBS))
        .containsExactly("value of job 0", "value of job 1", "value of job 2", "");
    try (Journal journal = Journal.open(file, "again")) {
      assertThat(journal.find(key(1))).isEqualTo(ended(1, Bytes.empty()));
      assertThat(journal.find(key(3))).isNull();
    }
    assertThat(folder(file)).containsExactly("run.journal", "run.journal.lock");
  }

  @Test
  void value_ofManyChunks_isWhatWasWritten() throws IOException {
    byte[] large = new byte[3_000_000];
    new Random(1).nextBytes(large);
    try (Journal journal = Journal.open(file, "life")) {
      write(journal, ended(0, Bytes.of(large)), ended(1));
    }
    try (Journal journal = Journal.open(file, "again")) {
      assertThat(journal.value(key(0))).isEqualTo(Bytes.of(large));
      assertThat(journal.value(key(1))).isEqualTo(value(1));
    }
  }

  @Test
  void open_sameKeyTwice_lastCounts() throws IOException {
    try (Journal journal = Journal.open(file, "life")) {
      write(journal, ended(0, Bytes.utf8("first")), ended(0, Bytes.utf8("second")));
    }
    assertThat(valuesIn(file, 1)).containsExactly("second");
  }

  @Test
  void open_cutAtEveryByte_keepsAPrefix() throws IOException {
    live(file, 0, 1);
    live(file, 2, 3);
    byte[] whole = Files.readAllBytes(file);
    int before = 0;
    for (int length = 0; length <= whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      int kept = ensurePrefix(valuesIn(file, JOBS));
      assertThat(kept).as("cut at %d", length).isGreaterThanOrEqualTo(before);
      before = kept;
      assertThat(folder(file)).containsExactly("run.journal", "run.journal.lock");
      live(file, 3);
      assertThat(valuesIn(file, JOBS)).last().isEqualTo("value of job 3");
    }
    assertThat(warnings.texts()).isEmpty();
    assertThat(before).isEqualTo(JOBS);
  }

  @Test
  void open_everyByteFlipped_keepsAPrefixOrRefuses() throws IOException {
    live(file, 0, 1);
    live(file, 2, 3);
    byte[] whole = Files.readAllBytes(file);
    for (int at = 0; at < whole.length; at++) {
      for (int bit : new int[] {0x01, 0x80, 0xff}) {
        byte[] flipped = whole.clone();
        flipped[at] ^= (byte) bit;
        Files.write(file, flipped);
        if (at < JournalFormat.HEADER) {
          assertThatThrownBy(() -> valuesIn(file, JOBS))
              .isInstanceOf(IOException.class)
              .hasMessageContaining("run.journal")
              .hasMessageContaining("not changed");
          assertThat(file).hasBinaryContent(flipped);
        } else {
          ensurePrefix(valuesIn(file, JOBS));
          removeDamaged(flipped);
        }
      }
    }
  }

  /** A file that was put aside is the damaged one, byte for byte. */
  private void removeDamaged(byte[] flipped) throws IOException {
    Path aside = folder.resolve("run.journal.damaged-1");
    if (Files.exists(aside)) {
      assertThat(aside).hasBinaryContent(flipped);
      Files.delete(aside);
    }
    assertThat(folder(file)).containsExactly("run.journal", "run.journal.lock");
  }

  private static int ensurePrefix(List<String> values) {
    int kept = 0;
    while (kept < values.size() && !values.get(kept).isEmpty()) {
      assertThat(values.get(kept)).isEqualTo("value of job " + kept);
      kept++;
    }
    assertThat(values.subList(kept, values.size())).allMatch(String::isEmpty);
    return kept;
  }

  @Test
  void open_damagedBeforeTheEnd_isPutAside() throws IOException {
    live(file, 0, 1, 2);
    byte[] damaged = Files.readAllBytes(file);
    damaged[damaged.length / 2] ^= 1;
    Files.write(file, damaged);
    assertThat(valuesIn(file, JOBS)).containsExactly("value of job 0", "", "", "");
    assertThat(folder.resolve("run.journal.damaged-1")).hasBinaryContent(damaged);
    assertThat(warnings.texts())
        .singleElement()
        .asString()
        .contains(
            file.toString(),
            "is damaged at byte",
            String.format(Locale.ROOT, "of %,d", damaged.length))
        .contains("The 1 outcomes before it are kept", "run.journal.damaged-1");
    Files.write(file, damaged);
    live(file, 3);
    assertThat(folder.resolve("run.journal.damaged-2")).hasBinaryContent(damaged);
    assertThat(valuesIn(file, JOBS)).containsExactly("value of job 0", "", "", "value of job 3");
  }

  @Test
  void open_otherVersion_refuses() throws IOException {
    live(file, 0);
    Files.delete(folder.resolve("run.journal.lock"));
    byte[] other = Files.readAllBytes(file);
    other[JournalFormat.HEADER - 1] = 2;
    Files.write(file, other);
    assertThatThrownBy(() -> live(file))
        .hasMessageContaining("has format 2, but this release of Grain reads format 1")
        .hasMessageContaining("Use the release that wrote it");
    assertThat(file).hasBinaryContent(other);
    assertThat(folder(file)).containsExactly("run.journal");
  }

  @Test
  void open_noJournal_neverChangesIt() throws IOException {
    for (String text : List.of("a", "results;1;2;3\n", "longer than any header is\n")) {
      Files.writeString(file, text);
      assertThatThrownBy(() -> live(file))
          .hasMessageContaining("is not a Grain journal")
          .hasMessageContaining("Name another file");
      assertThat(file).hasContent(text);
      assertThat(folder(file)).containsExactly("run.journal");
    }
  }

  @Test
  void open_folderOrNoFolder_says() {
    assertThatThrownBy(() -> live(folder))
        .hasMessageContaining("is a directory. Name a file in it");
    assertThatThrownBy(() -> live(folder.resolve("missing").resolve("run.journal")))
        .hasMessageContaining("there is no directory")
        .hasMessageContaining("Create it first");
  }

  @Test
  void open_twice_secondIsRefused() throws IOException {
    try (Journal journal = Journal.open(file, "first")) {
      write(journal, ended(0));
      for (int times = 0; times < 2; times++) {
        assertThatThrownBy(() -> live(file))
            .hasMessageContaining(file.toRealPath().toString())
            .hasMessageContaining("in use by another run of this process")
            .hasMessageContaining("give this run another journal");
      }
      write(journal, ended(1));
    }
    assertThat(valuesIn(file, 2)).containsExactly("value of job 0", "value of job 1");
  }

  @Test
  void open_byALinkToIt_isTheSameJournal() throws IOException {
    live(file, 0);
    Path link = Files.createSymbolicLink(folder.resolve("link"), file);
    try (Journal journal = Journal.open(link, "first")) {
      assertThatThrownBy(() -> live(file)).hasMessageContaining("in use");
      write(journal, ended(1));
    }
    assertThat(valuesIn(file, 2)).containsExactly("value of job 0", "value of job 1");
    assertThat(link).isSymbolicLink();
  }

  @Test
  void compaction_halfUnused_dropsWhatTwoLivesDidNotUse() throws IOException {
    live(file, 0, 1, 2, 3);
    try (Journal journal = Journal.open(file, "uses one")) {
      write(journal, new JournalEntry.Used(key(1)), new JournalEntry.Completed());
    }
    assertThat(valuesIn(file, JOBS)).doesNotContain("");
    live(file);
    assertThat(valuesIn(file, JOBS)).containsExactly("", "value of job 1", "", "");
    // it also stores who used it last: one more life drops it
    live(file);
    assertThat(valuesIn(file, JOBS)).containsExactly("", "", "", "");
    assertThat(folder(file)).containsExactly("run.journal", "run.journal.lock");
  }

  @Test
  void compaction_livesThatWereKilled_dropNothing() throws IOException {
    live(file, 0, 1, 2, 3);
    for (int life = 0; life < 5; life++) {
      try (Journal journal = Journal.open(file, "killed")) {
        write(journal, new JournalEntry.Used(key(1)));
      }
    }
    assertThat(valuesIn(file, JOBS)).doesNotContain("");
  }

  @Test
  void compaction_halfUsed_dropsNothing() throws IOException {
    Bytes value = Bytes.of(new byte[1000]);
    try (Journal journal = Journal.open(file, "writes")) {
      for (int job = 0; job < JOBS; job++) {
        write(journal, ended(job, value));
      }
      write(journal, new JournalEntry.Completed());
    }
    for (int life = 0; life < 3; life++) {
      try (Journal journal = Journal.open(file, "uses most")) {
        write(
            journal,
            new JournalEntry.Used(key(0)),
            new JournalEntry.Used(key(1)),
            new JournalEntry.Used(key(2)));
        write(journal, new JournalEntry.Completed());
      }
    }
    try (Journal journal = Journal.open(file, "reader")) {
      assertThat(journal.value(key(3))).isEqualTo(value);
    }
  }

  @Test
  void close_again_doesNothing() throws IOException {
    Journal journal = Journal.open(file, "life");
    journal.close();
    journal.close();
    assertThatThrownBy(() -> write(journal, ended(0))).hasMessageContaining("is closed");
  }
}
