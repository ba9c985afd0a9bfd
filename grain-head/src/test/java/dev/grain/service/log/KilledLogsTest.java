package dev.grain.service.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log of a job under a head that is killed again and again. */
final class KilledLogsTest {
  private static final int KILLS = 8;

  @TempDir private Path folder;

  /** Lets one go on with the log until it has told some numbers, and returns the last. */
  private int killed(int first, int numbers) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                LoggingProgram.class.getName(),
                folder.toString(),
                Integer.toString(first))
            .redirectErrorStream(true)
            .start();
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      int last = first;
      for (int i = 0; i < numbers; i++) {
        String line = output.readLine();
        assertThat(line).isNotNull().matches("\\d+");
        last = Integer.parseInt(line);
      }
      return last;
    } finally {
      process.destroyForcibly().onExit().join();
    }
  }

  /** Returns how many whole lines the end of the log has, which has to be the right ones. */
  private int ensureLines(long seed, int known) throws Exception {
    try (Logs logs = Logs.open(folder, LogsTest.SMALL, 7)) {
      String end = LogsTest.text(logs.readEnd(7, 1, LogStream.BOTH, 3000));
      // the first line may be cut
      String[] lines = end.substring(end.indexOf('\n') + 1).split("\n", -1);
      assertThat(lines[lines.length - 1]).as("seed %s: the log ends with a line", seed).isEmpty();
      int number = Integer.parseInt(lines[0].substring(0, lines[0].indexOf(' ')));
      for (int i = 0; i < lines.length - 1; i++) {
        assertThat(lines[i] + "\n").as("seed %s", seed).isEqualTo(LoggingProgram.line(number));
        number++;
      }
      assertThat(number).as("seed %s: what was told is there", seed).isGreaterThanOrEqualTo(known);
      return number;
    }
  }

  @Test
  void kill_atAnyMoment_leavesWholeRecords_behindWhichTheNextLifeGoesOn() throws Exception {
    Random random = new Random();
    long seed = random.nextLong();
    random.setSeed(seed);
    int lines = 0;
    for (int i = 0; i < KILLS; i++) {
      int told = killed(lines, 1 + random.nextInt(20));
      lines = ensureLines(seed, told);
    }
    try (Logs logs = Logs.open(folder, LogsTest.SMALL, 7)) {
      long printed = 0;
      for (int i = 0; i < lines; i++) {
        printed += LoggingProgram.line(i).length();
      }
      assertThat(logs.read(7, 1, LogStream.BOTH, 0).end()).as("seed %s", seed).isEqualTo(printed);
    }
  }
}
