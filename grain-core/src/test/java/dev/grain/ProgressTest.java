package dev.grain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The line on a real terminal, and its absence without one; in processes of their own. */
final class ProgressTest {
  private static final Path SCRIPT = Path.of("/usr/bin/script");
  private static final String RUNNING = " running  ";

  private static final List<String> PRINTED =
      IntStream.range(0, 10)
          .map(ten -> 10 * ten)
          .boxed()
          .flatMap(number -> Stream.of("out " + number, "error " + number))
          .toList();

  @TempDir private Path folder;

  private static List<String> java(String mode) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-cp",
        System.getProperty("java.class.path"),
        ProgressProgram.class.getName(),
        mode);
  }

  private static ProcessBuilder onTerminal(String mode) {
    assumeTrue(
        Files.isExecutable(SCRIPT), "there is no script(1) here, which makes a pseudo-terminal");
    String command = "'" + String.join("' '", java(mode)) + "'";
    return inEnvironment(
        new ProcessBuilder(SCRIPT.toString(), "-qec", command, "/dev/null")
            .redirectErrorStream(true));
  }

  private static ProcessBuilder inEnvironment(ProcessBuilder builder) {
    builder.environment().keySet().removeAll(List.of("CI", "NO_COLOR", "JAVA_TOOL_OPTIONS"));
    builder.environment().put("TERM", "xterm");
    builder.environment().put("COLUMNS", "120");
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder.environment().put("SHELL", "/bin/sh");
    return builder;
  }

  private static int await(Process process) throws InterruptedException {
    try {
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }

  private String run(ProcessBuilder builder) throws IOException, InterruptedException {
    Path output = folder.resolve("output");
    assertThat(await(builder.redirectOutput(output.toFile()).start())).isZero();
    return Files.readString(output);
  }

  /** Returns what a terminal shows in the end, from the codes that are used here. */
  private static List<String> screen(String sent) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    int column = 0;
    String codes = sent.replaceAll("\u001b\\[(\\?7[lh]|[0-9;]*m)", "");
    for (int index = 0; index < codes.length(); index++) {
      if (codes.startsWith("\u001b[2K", index)) {
        line.replace(0, line.length(), " ".repeat(column));
        index += 3;
      } else if (codes.startsWith("\u001b[K", index)) {
        line.setLength(Math.min(column, line.length()));
        index += 2;
      } else if (codes.charAt(index) == '\r') {
        column = 0;
      } else if (codes.charAt(index) == '\n') {
        lines.add(line.toString());
        line.setLength(0);
      } else {
        line.replace(
            column, Math.min(column + 1, line.length()), codes.substring(index, index + 1));
        column++;
      }
    }
    lines.add(line.toString());
    return lines;
  }

  @Test
  void run_onATerminal_showsALineThatLeavesNoTraceInWhatIsPrinted() throws Exception {
    String sent = run(onTerminal("prints"));

    assertThat(sent).contains(RUNNING, "━", "/s");
    List<String> shown = screen(sent);
    assertThat(shown).filteredOn(line -> line.startsWith("[")).hasSize(PRINTED.size());
    assertThat(shown)
        .map(line -> line.replaceFirst("^\\[job [0-9]+] ", ""))
        .containsSubsequence(PRINTED)
        .contains("no end of line")
        .hasSize(PRINTED.size() + 3);
    assertThat(shown.get(shown.size() - 2))
        .startsWith("Grain: 100 jobs in ")
        .endsWith(" (0 failed, 0 retried)");
    assertThat(shown.getLast()).isEmpty();
  }

  @Test
  void run_onATerminalWithoutProgress_showsNone() throws Exception {
    assertThat(run(onTerminal("hides"))).contains("Grain: 100 jobs").doesNotContain("\u001b");
  }

  @Test
  void run_withoutATerminal_printsTheSummaryOnly() throws Exception {
    Path error = folder.resolve("error");
    String out =
        run(inEnvironment(new ProcessBuilder(java("prints"))).redirectError(error.toFile()));

    assertThat(out.lines()).hasSize(PRINTED.size() / 2 + 1).last().isEqualTo("no end of line");
    assertThat(Files.readAllLines(error))
        .hasSize(PRINTED.size() / 2 + 1)
        .noneMatch(line -> line.contains("\u001b") || line.contains(RUNNING))
        .last()
        .asString()
        .startsWith("Grain: 100 jobs in ");
  }

  @Test
  void interrupt_fromTheKeyboard_takesTheLineAway() throws Exception {
    Process process = onTerminal("waits").start();
    StringBuilder sent = new StringBuilder();
    try (InputStream output = process.getInputStream();
        OutputStream keyboard = process.getOutputStream()) {
      readUntil(output, sent, RUNNING);
      keyboard.write('\u0003');
      keyboard.flush();
      sent.append(new String(output.readAllBytes(), StandardCharsets.UTF_8));
    }
    assertThat(await(process)).isNotZero();
    assertThat(sent).contains("Grain: ended with 1 job unfinished: 1 running, 0 waiting.");
    assertThat(screen(sent.toString())).noneMatch(line -> line.contains(RUNNING));
  }

  private static void readUntil(InputStream output, StringBuilder text, String end)
      throws IOException {
    byte[] buffer = new byte[4096];
    while (text.indexOf(end) < 0) {
      int length = output.read(buffer);
      assertThat(length).as("the end of %s", text).isPositive();
      text.append(new String(buffer, 0, length, StandardCharsets.ISO_8859_1));
    }
  }
}
