package dev.grain.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.dispatch.RunProgress;
import dev.grain.schedule.Counts;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The line on the terminal, and the summary. */
final class ProgressTextTest {
  private static final RunProgress SOME = progress(50, 0, 0, 2, 48);

  private static RunProgress progress(
      long succeeded, long failed, long cancelled, int running, int waiting) {
    Counts counts = new Counts(waiting - waiting / 4, waiting / 4, running, 5, 0, 0);
    return new RunProgress(counts, succeeded, failed, cancelled, "");
  }

  private static String line(RunProgress progress, double rate, double left, int columns) {
    return plain(ProgressText.line(progress, rate, left, new Terminal(columns, true, true)));
  }

  private static String plain(String line) {
    return line.replaceAll("\u001b\\[[0-9;]*m", "");
  }

  @Test
  void line_withEverythingKnown_saysItBesideABar() {
    assertThat(line(SOME, 12.34, 4, 80))
        .isEqualTo("━━━━━━━━━━━━────────────  50 done  2 running  48 waiting  12/s  4 s left");
  }

  @Test
  void line_atTheStart_hasAnEmptyBarAndNoGuesses() {
    assertThat(line(progress(0, 0, 0, 2, 8), 0, 0, 80))
        .isEqualTo("────────────────────────  0 done  2 running  8 waiting");
  }

  @Test
  void line_withAPreparation_saysWhatIsPrepared_ifThereIsRoom() {
    RunProgress some = progress(0, 0, 0, 0, 8);
    RunProgress pulling =
        new RunProgress(some.counts(), 0, 0, 0, "pulling registry.example.org/team/train:2, 40 %");
    assertThat(line(pulling, 0, 0, 100))
        .endsWith("0 running  8 waiting  pulling registry.example.org/team/train:2, 40 %");
    assertThat(line(pulling, 0, 0, 40)).endsWith("0 running  8 waiting");
    RunProgress long0 = new RunProgress(some.counts(), 0, 0, 0, "pulling " + "x".repeat(90));
    assertThat(line(long0, 0, 0, 200)).endsWith("pulling " + "x".repeat(49) + "...");
  }

  @Test
  void line_withoutJobs_isWellFormed() {
    assertThat(line(progress(0, 0, 0, 0, 0), 0, 0, 80)).endsWith("0 done  0 running  0 waiting");
  }

  @Test
  void line_withFailuresAndCancelled_namesThem() {
    RunProgress progress = progress(10, 3, 1, 0, 0);
    assertThat(line(progress, 0, 0, 80))
        .endsWith("10 done  0 running  0 waiting  3 failed  1 cancelled");
    String red = "\u001b[0;31m3 failed\u001b[0m";
    assertThat(ProgressText.line(progress, 0, 0, new Terminal(80, true, true))).contains(red);
    assertThat(ProgressText.line(progress, 0, 0, new Terminal(80, false, true)))
        .contains("3 failed")
        .doesNotContain("\u001b[0;");
  }

  @Test
  void line_withColors_hasThemInTheBarAndOnFailures() {
    RunProgress progress = progress(10, 3, 1, 0, 14);
    assertThat(ProgressText.line(progress, 0, 0, new Terminal(80, true, true)))
        .isEqualTo(
            "\u001b[0;36m━━━━━━━━━━━━\u001b[0m────────────  10 done  0 running  14 waiting  "
                + "\u001b[0;31m3 failed\u001b[0m  1 cancelled\u001b[0m");
    assertThat(ProgressText.line(progress, 0, 0, new Terminal(60, true, true)))
        .isEqualTo(
            "\u001b[0m10 done  0 running  14 waiting  \u001b[0;31m3 failed\u001b[0m  1 cancelled\u001b[0m");
    assertThat(ProgressText.line(progress, 0, 0, new Terminal(80, false, true)))
        .isEqualTo(
            "\u001b[0m━━━━━━━━━━━━────────────  10 done  0 running  14 waiting  3 failed"
                + "  1 cancelled\u001b[0m");
  }

  @Test
  void line_withLargeNumbers_staysShort() {
    assertThat(line(progress(1_234_567, 0, 0, 64, 12_345_678), 98_765.4, 7_260, 120))
        .endsWith("1,234,567 done  64 running  12.3M waiting  98,765/s  2 h 01 min left");
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 21, 30, 40, 50, 60, 70, 80, 100, 200})
  void line_onAnyWidth_leavesTheLastColumnFree(int columns) {
    RunProgress progress = progress(12_345, 67, 8, 16, 987_654);
    assertThat(line(progress, 123.4, 8_000, columns)).hasSizeLessThan(columns);
  }

  @Test
  void line_onANarrowTerminal_leavesOutWhatMattersLeast() {
    RunProgress progress = progress(12_345, 67, 8, 16, 987_654);
    assertThat(line(progress, 123.4, 8_000, 20)).isEqualTo("12,345 done");
    assertThat(line(progress, 123.4, 8_000, 40)).isEqualTo("12,345 done  16 running  67 failed");
    assertThat(line(progress, 123.4, 8_000, 60))
        .isEqualTo("12,345 done  16 running  987,654 waiting  67 failed");
  }

  @Test
  void line_onATerminalWithoutUnicode_isAscii() {
    assertThat(ProgressText.line(SOME, 1, 1, new Terminal(80, true, false)))
        .matches("\\p{ASCII}*")
        .contains("50 done");
  }

  @ParameterizedTest
  @CsvSource({
    "1234.5, '1,235/s'",
    "10, 10/s",
    "9.87, 9.9/s",
    "1, 1.0/s",
    "0.5, 30.0/min",
    "0.01, 36.0/h"
  })
  void line_atAnyRate_usesAFittingUnit(double rate, String said) {
    assertThat(line(SOME, rate, 0, 120)).endsWith("waiting  " + said);
  }

  @ParameterizedTest
  @CsvSource({
    "0.2, 1 s left",
    "59, 59 s left",
    "60, 1 min 00 s left",
    "3599, 59 min 59 s left",
    "3600, 1 h 00 min left",
    "359000, 99 h 43 min left"
  })
  void line_withTimeLeft_saysItInTwoUnits(double seconds, String said) {
    assertThat(line(SOME, 1, seconds, 120)).endsWith("1.0/s  " + said);
  }

  @Test
  void line_withAnAbsurdTimeLeft_saysNothing() {
    assertThat(line(SOME, 1, 1e9, 120)).endsWith("1.0/s");
  }

  @Test
  void summary_ofARun_saysAllInOneLine() {
    assertThat(ProgressText.summary(progress(1200, 3, 1, 0, 0), 12.34, 16))
        .isEqualTo(
            "Grain: 1,204 jobs in 12.3 s on 16 cores, 98/s (3 failed, 1 cancelled, 5 retried)");
  }

  @Test
  void summary_ofASmallRun_usesTheSingular() {
    assertThat(ProgressText.summary(progress(1, 0, 0, 0, 0), 0.5, 1))
        .isEqualTo("Grain: 1 job in 0.50 s on 1 core, 2.0/s (0 failed, 5 retried)");
  }

  @Test
  void summary_withUnfinishedJobs_countsThem() {
    assertThat(ProgressText.summary(progress(0, 0, 0, 1, 0), 75, 2))
        .isEqualTo(
            "Grain: 1 job in 1 min 15 s on 2 cores, 0/s (0 failed, 5 retried, 1 unfinished)");
  }
}
