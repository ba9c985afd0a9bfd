package dev.grain.service.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.bytes.Bytes;
import dev.grain.service.store.By;
import dev.grain.service.store.Database;
import dev.grain.service.store.NewJob;
import dev.grain.service.store.Store;
import dev.grain.service.store.Submission;
import dev.grain.service.store.Submissions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is kept of what jobs print, and what is read of it. */
final class LogsTest {
  /** At most 32 KiB a job: segments of 2 KiB, of which the first three stay. */
  static final LogLimits SMALL = new LogLimits(1 << 15, 2048, 3, 1 << 20, 1 << 19, 0);

  private static final long ALL = Long.MAX_VALUE;

  @TempDir private Path folder;

  private static void print(Logs logs, int attempt, String text, boolean error) {
    logs.print(7, attempt, Bytes.utf8(text), error);
  }

  static String text(LogReader reader) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    var _ = reader.copyTo(out, ALL);
    return out.toString(UTF_8);
  }

  private static String read(Logs logs, int attempt, LogStream stream)
      throws IOException, InterruptedException {
    logs.awaitWritten(7);
    return text(logs.read(7, attempt, stream, 0));
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private long size() throws IOException {
    long size = 0;
    for (Path each : files()) {
      size += Files.size(each);
    }
    return size;
  }

  @Test
  void log_ofBothStreams_isInTheOrderOfArrival_andEachCanBeReadAlone() throws Exception {
    try (Logs logs = Logs.open(folder, 0, 7)) {
      print(logs, 1, "one\n", false);
      print(logs, 1, "two\n", true);
      print(logs, 1, "three\n", false);
      assertThat(read(logs, 1, LogStream.BOTH)).isEqualTo("one\ntwo\nthree\n");
      assertThat(read(logs, 1, LogStream.OUT)).isEqualTo("one\nthree\n");
      assertThat(read(logs, 1, LogStream.ERR)).isEqualTo("two\n");
      assertThat(read(logs, 2, LogStream.BOTH)).isEmpty();
      assertThat(text(logs.read(8, 1, LogStream.BOTH, 0))).isEmpty();
    }
  }

  @Test
  void read_fromAnOffset_orOfTheEnd_beginsThere_inEachStream() throws Exception {
    try (Logs logs = Logs.open(folder, 0, 7)) {
      print(logs, 1, "one\n", false);
      print(logs, 1, "two\n", true);
      print(logs, 1, "three\n", false);
      logs.awaitWritten(7);
      assertThat(text(logs.read(7, 1, LogStream.BOTH, 6))).isEqualTo("o\nthree\n");
      assertThat(text(logs.read(7, 1, LogStream.OUT, 6))).isEqualTo("ree\n");
      assertThat(text(logs.read(7, 1, LogStream.OUT, 10))).isEmpty();
      LogReader beyond = logs.read(7, 1, LogStream.OUT, 1000);
      assertThat(beyond.start()).isEqualTo(10);
      LogReader end = logs.readEnd(7, 1, LogStream.BOTH, 3);
      assertThat(end.start()).isEqualTo(11);
      assertThat(text(end)).isEqualTo("ee\n");
      assertThat(text(logs.readEnd(7, 1, LogStream.ERR, 100))).isEqualTo("two\n");
      assertThat(text(logs.readEnd(7, 1, LogStream.ERR, 0))).isEmpty();
    }
  }

  @Test
  void reader_goesOn_asTheLogGrows() throws Exception {
    try (Logs logs = Logs.open(folder, SMALL, 7)) {
      LogReader reader = logs.read(7, 1, LogStream.BOTH, 0);
      StringBuilder printed = new StringBuilder();
      StringBuilder read = new StringBuilder(text(reader));
      for (int i = 0; i < 200; i++) {
        String line = "line " + i + " " + "x".repeat(i % 97) + "\n";
        printed.append(line);
        print(logs, 1, line, i % 3 == 0);
        logs.awaitWritten(7);
        read.append(text(reader));
      }
      assertThat(read).hasToString(printed.toString());
      assertThat(files()).hasSizeGreaterThan(3);
    }
  }

  @Test
  void log_thatIsLong_keepsItsStartAndItsEnd_andSaysWhatIsMissing() throws Exception {
    StringBuilder printed = new StringBuilder();
    try (Logs logs = Logs.open(folder, SMALL, 7)) {
      for (int i = 0; i < 5000; i++) {
        String line = "line " + i + "\n";
        printed.append(line);
        print(logs, 1, line, false);
        if (i % 50 == 0) {
          logs.awaitWritten(7);
        }
      }
      logs.awaitWritten(7);
      assertThat(size()).isLessThanOrEqualTo(SMALL.most());
      LogReader reader = logs.read(7, 1, LogStream.BOTH, 0);
      LogReader.Gap gap = reader.gaps().getFirst();
      String text = text(reader);
      assertThat(reader.end()).isEqualTo(printed.length());
      assertThat(gap.from()).isGreaterThanOrEqualTo(SMALL.start() * SMALL.segment() / 2);
      assertThat(text)
          .isEqualTo(
              printed.substring(0, (int) gap.from())
                  + "[... %s bytes of output are not kept: a log keeps its start and its end ...]\n"
                      .formatted(gap.to() - gap.from())
                  + printed.substring((int) gap.to()));
      // who has read that far goes on behind it
      long next = reader.start() + text.length() - gap.length() + gap.to() - gap.from();
      assertThat(next).isEqualTo(printed.length());

      LogReader within = logs.read(7, 1, LogStream.OUT, gap.from() + 10);
      assertThat(within.start()).isEqualTo(gap.from() + 10);
      assertThat(within.gaps()).containsExactly(new LogReader.Gap(gap.from() + 10, gap.to()));
      assertThat(text(within)).endsWith("...]\n" + printed.substring((int) gap.to()));
      LogReader behind = logs.read(7, 1, LogStream.OUT, gap.to());
      assertThat(behind.gaps()).isEmpty();
      assertThat(text(behind)).isEqualTo(printed.substring((int) gap.to()));
      assertThat(text(logs.readEnd(7, 1, LogStream.BOTH, 20)))
          .isEqualTo(printed.substring(printed.length() - 20));
    }
  }

  @Test
  void reader_thatIsTooSlow_readsWhatIsMissing_andGoesOn() throws Exception {
    try (Logs logs = Logs.open(folder, SMALL, 7)) {
      print(logs, 1, "first\n", false);
      logs.awaitWritten(7);
      LogReader reader = logs.read(7, 1, LogStream.BOTH, 0);
      assertThat(text(reader)).isEqualTo("first\n");
      for (int i = 0; i < 100; i++) {
        print(logs, 1, "x".repeat(1000) + "\n", false);
        logs.awaitWritten(7);
      }
      print(logs, 1, "last\n", false);
      logs.awaitWritten(7);
      assertThat(text(reader)).contains("bytes of output are not kept").endsWith("last\n");
    }
  }

  @Test
  void attempts_haveLogsOfTheirOwn_andTheLatestHasTheRoomOfTheFormer() throws Exception {
    try (Logs logs = Logs.open(folder, SMALL, 7)) {
      print(logs, 1, "a".repeat(20_000), false);
      print(logs, 2, "b".repeat(2_000), true);
      assertThat(read(logs, 1, LogStream.BOTH)).hasSize(20_000);
      assertThat(read(logs, 2, LogStream.BOTH)).hasSize(2_000);
      assertThat(logs.attempts(7)).containsExactly(1, 2);
      for (int i = 0; i < 20; i++) {
        print(logs, 3, "c".repeat(1_000), false);
        logs.awaitWritten(7);
      }
      assertThat(read(logs, 3, LogStream.BOTH)).hasSize(20_000);
      assertThat(size()).isLessThanOrEqualTo(SMALL.most());
      assertThat(logs.attempts(7)).endsWith(3);
    }
  }

  @Test
  void log_ofAnAttemptThatGoesOn_inTheNextLifeOfTheHead_goesOnInTheSameFile() throws Exception {
    try (Logs logs = Logs.open(folder, SMALL, 7)) {
      print(logs, 1, "one\n", false);
    }
    try (Logs logs = Logs.open(folder, SMALL, 7)) {
      print(logs, 1, "two\n", true);
      assertThat(read(logs, 1, LogStream.BOTH)).isEqualTo("one\ntwo\n");
      assertThat(files()).hasSize(1);
    }
  }

  @Test
  void record_thatIsNotWhole_isNotRead_andOverwritten() throws Exception {
    Random random = new Random();
    long seed = random.nextLong();
    random.setSeed(seed);
    try (Logs logs = Logs.open(folder, SMALL, 7)) {
      print(logs, 1, "one\n", false);
      logs.awaitWritten(7);
      print(logs, 1, "two\n", false);
    }
    Path file = files().getFirst();
    byte[] whole = Files.readAllBytes(file);
    for (int cut = whole.length - 1; cut >= 0; cut--) {
      Files.write(file, Arrays.copyOf(whole, cut));
      byte[] junk = new byte[random.nextInt(30)];
      random.nextBytes(junk);
      Files.write(file, junk, StandardOpenOption.APPEND);
      try (Logs logs = Logs.open(folder, SMALL, 7)) {
        String before = read(logs, 1, LogStream.BOTH);
        assertThat(List.of("one\n", "")).as("seed %s, %s bytes", seed, cut).contains(before);
        print(logs, 1, "three\n", false);
        assertThat(read(logs, 1, LogStream.BOTH))
            .as("seed %s, %s bytes", seed, cut)
            .isEqualTo(before + "three\n");
      }
    }
  }

  @Test
  void file_thatSomebodyRemoves_isMissing_andTheLogGoesOn() throws Exception {
    try (Logs logs = Logs.open(folder, SMALL, 7)) {
      print(logs, 1, "one\n", false);
      logs.awaitWritten(7);
      Files.delete(files().getFirst());
      print(logs, 1, "two\n", false);
      logs.awaitWritten(7);
      print(logs, 1, "three\n", false);
      assertThat(read(logs, 1, LogStream.BOTH))
          .matches("\\[\\.\\.\\. 4 bytes of output are missing here: .*\\.\\.\\.]\nthree\n");
    }
  }

  @Test
  void watch_isToldOfOutput_ofAttempts_andOfTheEnd() throws Exception {
    try (Logs logs = Logs.open(folder, 0, 7);
        LogWatch watch = logs.watch(7);
        LogWatch other = logs.watch(8)) {
      print(logs, 2, "one\n", false);
      while (watch.latest() == 0) {
        watch.await(Duration.ofMinutes(1));
      }
      assertThat(watch.latest()).isEqualTo(2);
      assertThat(watch.hasEnded()).isFalse();
      logs.ended(7);
      while (!watch.hasEnded()) {
        watch.await(Duration.ofMinutes(1));
      }
      assertThat(text(logs.read(7, 2, LogStream.OUT, 0))).isEqualTo("one\n");
      assertThat(other.hasEnded()).isFalse();
      other.stop();
      other.await(Duration.ofMinutes(1));
      assertThat(other.isStopped()).isTrue();
    }
  }

  @Test
  void log_ofANumberThatIsFree_isRemovedAtTheStart() throws Exception {
    try (Logs logs = Logs.open(folder, 0, 5000)) {
      for (long job : new long[] {7, 1500, 1501, 5000}) {
        logs.print(job, 1, Bytes.utf8("text\n"), false);
      }
    }
    // as if the store had been restored from a backup
    try (Logs logs = Logs.open(folder, 0, 1500)) {
      assertThat(logs.attempts(7)).containsExactly(1);
      assertThat(logs.attempts(1500)).containsExactly(1);
      assertThat(logs.attempts(1501)).isEmpty();
      assertThat(logs.attempts(5000)).isEmpty();
    }
  }

  @Test
  void retention_removesTheLogsOfJobsThatAreNotStored() throws Exception {
    try (Store store = Store.open(new Database.Embedded(folder));
        Logs logs = Logs.open(folder.resolve("logs"), 0, 2000)) {
      NewJob job = new NewJob(Optional.empty(), "name", "{}", 100, Map.of(), List.of(), false);
      By by = new By("ada", Instant.EPOCH);
      Submission submission = new Submission("ada", Optional.empty(), List.of(job));
      long stored =
          store
              .write(handle -> new Submissions(handle).submit(submission, by))
              .join()
              .getFirst()
              .number();
      List<Long> jobs = new ArrayList<>(List.of(stored, stored + 1, 2000L));
      jobs.forEach(each -> {
        logs.print(each, 1, Bytes.utf8("text\n"), false);
        logs.print(each, 2, Bytes.utf8("text\n"), false);
      });
      for (long each : jobs) {
        logs.awaitWritten(each);
      }
      assertThat(LogRetention.apply(logs, store)).isEqualTo(4);
      assertThat(logs.attempts(stored)).containsExactly(1, 2);
      assertThat(logs.attempts(stored + 1)).isEmpty();
      assertThat(LogRetention.apply(logs, store)).isZero();
    }
  }
}
