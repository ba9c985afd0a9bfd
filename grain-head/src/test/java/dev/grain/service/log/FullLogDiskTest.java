package dev.grain.service.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.grain.bytes.Bytes;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logs on a disk of one megabyte. */
final class FullLogDiskTest {
  private static final int SIZE = 1 << 20;

  @TempDir private Path folder;
  private boolean mounted;

  @BeforeEach
  void mount() throws IOException {
    mounted = run("mount", "-t", "tmpfs", "-o", "size=" + SIZE, "grain", folder.toString());
    assumeTrue(mounted, "Only root can mount a small disk");
  }

  @AfterEach
  void unmount() throws IOException {
    if (mounted) {
      assertThat(run("umount", folder.toString())).as("umount").isTrue();
    }
  }

  private static boolean run(String... command) throws IOException {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .onExit()
              .join()
              .exitValue()
          == 0;
    } catch (IOException e) {
      // such a system has no such program
      return false;
    }
  }

  private Path fillDisk() throws IOException {
    Path ballast = folder.resolve("ballast");
    try (OutputStream out = Files.newOutputStream(ballast)) {
      while (true) {
        out.write(new byte[512]);
      }
    } catch (IOException e) {
      assertThat(Files.getFileStore(folder).getUsableSpace()).isZero();
    }
    return ballast;
  }

  private static void print(Logs logs, String text) {
    logs.print(7, 1, Bytes.utf8(text), false);
  }

  private static String read(Logs logs) throws IOException {
    return LogsTest.text(logs.read(7, 1, LogStream.OUT, 0));
  }

  /** Prints without end, makes room, and prints again; returns what the log has. */
  private String printWhileTheDiskIsFull(Logs logs, Path ballast) throws Exception {
    print(logs, "first\n");
    logs.awaitWritten(7);
    for (int i = 0; i < 100; i++) {
      print(logs, "x".repeat(20_000));
      logs.awaitWritten(7);
    }
    Files.delete(ballast);
    print(logs, "last\n");
    logs.awaitWritten(7);
    return read(logs);
  }

  @Test
  void log_onAFullDisk_saysHowMuchIsMissing_whenThereIsRoomAgain() throws Exception {
    Path ballast = Files.write(folder.resolve("ballast"), new byte[SIZE / 2]);
    try (Logs logs = Logs.open(folder.resolve("logs"), 0, 7)) {
      String text = printWhileTheDiskIsFull(logs, ballast);
      assertThat(text)
          .startsWith("first\nxxx")
          .endsWith(
              " bytes of output are missing here: the disk of the head was full ...]\nlast\n");
      int printed = "first\n".length() + 100 * 20_000;
      int line = text.indexOf("[...");
      long missing = Long.parseLong(text.substring(line).split(" ", 3)[1]);
      assertThat(line + missing).isEqualTo(printed);
    }
  }

  @Test
  void log_leavesTheReserveFree() throws Exception {
    try (Logs logs = Logs.open(folder.resolve("logs"), SIZE / 2, 7)) {
      for (int i = 0; i < 100; i++) {
        print(logs, "x".repeat(20_000));
        logs.awaitWritten(7);
      }
      assertThat(Files.getFileStore(folder).getUsableSpace()).isGreaterThanOrEqualTo(SIZE / 2);
      assertThat(read(logs)).hasSizeGreaterThan(100_000);
    }
  }

  @Test
  void log_thatPrintsNothingMore_saysWhatIsMissing_onItsOwn() throws Exception {
    try (Logs logs = Logs.open(folder.resolve("logs"), 0, 7);
        LogWatch watch = logs.watch(7)) {
      // not even the line about it fits
      Path ballast = fillDisk();
      print(logs, "x".repeat(200_000));
      logs.ended(7);
      while (!watch.hasEnded()) {
        watch.await(Duration.ofMinutes(1));
      }
      assertThat(read(logs)).doesNotContain("missing");
      Files.delete(ballast);
      try (LogWatch later = logs.watch(7)) {
        while (later.latest() == 0) {
          later.await(Duration.ofMinutes(1));
        }
      }
      assertThat(read(logs))
          .endsWith(" bytes of output are missing here: the disk of the head was full ...]\n");
    }
  }
}
