package dev.grain.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WrittenReportTest {
  private static final Setting SETTING =
      new Setting("2 × slow", "1 GiB", "an OS", "a JVM", "abc1234");

  @TempDir private Path folder;

  private record Named(String name) implements Question {
    @Override
    public String asks() {
      return "how much?";
    }

    @Override
    public void answer(Settings settings, Report report) {}
  }

  private static Report report() {
    Report report =
        new Report(new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8));
    report.question(new Named("throughput"));
    report.table(new Table("Jobs", "system", "jobs/s").row("grain", "83").row("a|b", "100"));
    report.ratio("grain", "bare", "throughput", 0.83);
    report.ratio("grain", "bare", "throughput-mixed", 0.5);
    report.note("It was a calm day.");
    report.figure("ready", 0.5);
    return report;
  }

  private String write(Report report, boolean quick) throws IOException {
    return Files.readString(WrittenReport.write(folder, report, SETTING, quick));
  }

  @Test
  void report_written_hasSettingTablesRatiosAndNotes() throws IOException {
    assertThat(write(report(), false))
        .contains(
            "| processors | 2 × slow |",
            "| commit | abc1234 |",
            "## Throughput\n\nHow much?",
            "### Jobs\n\n| system | jobs/s |\n|---|---:|\n| grain | 83 |\n| a\\|b | 100 |\n",
            "| grain | bare | throughput | 0.83 |",
            "It was a calm day.")
        .doesNotContain("quick run");
  }

  @Test
  void goals_written_saySoWhetherTheyAreMet() throws IOException {
    assertThat(write(report(), true).lines())
        .contains(
            "| throughput of empty jobs, one worker with two slots, to bare | ≥ 0.80 | 0.83 | yes |",
            "| the same with mixed requests | ≥ 0.70 | 0.50 | no |",
            "| grain-worker ready, without | ≤ 0.70 s | 0.50 s | yes |",
            "| grain-worker ready, with the cache | ≤ 0.35 s | not measured |  |",
            "**These figures are of a quick run, with few rounds and small sizes.**");
  }

  @Test
  void links_written_leadToCharts() throws Exception {
    String text = write(report(), false);

    List<String> links =
        Pattern.compile("!\\[[^]]+]\\(([^)]+)\\)")
            .matcher(text)
            .results()
            .map(match -> match.group(1))
            .toList();
    assertThat(links).containsExactly("performance/throughput-ratios.svg");
    String svg = Files.readString(folder.resolve(links.getFirst()));
    assertThat(svg).contains("prefers-color-scheme: dark", "grain / bare throughput-mixed", "0.83");
    assertThat(
            DocumentBuilderFactory.newNSInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)))
                .getDocumentElement()
                .getLocalName())
        .isEqualTo("svg");
  }

  @Test
  void chartsOfAnEarlierReport_areRemoved() throws IOException {
    Path old = Files.createDirectories(folder.resolve("performance")).resolve("old.svg");
    Files.writeString(old, "<svg/>");

    write(report(), false);

    assertThat(old).doesNotExist();
    assertThat(folder.resolve("performance/throughput-ratios.svg")).exists();
  }

  @Test
  void chart_ofSeveralSeries_namesEach() throws IOException {
    String svg =
        ChartDrawing.svg(
            new Chart("c", "Times", "ns", true)
                .bar("Grain", "open", 22_000)
                .bar("plain", "open", 90)
                .bar("Grain", "fork", 1_300));

    assertThat(svg).contains(">Grain<", ">plain<", ">open<", ">fork<", ">22,000<");
  }
}
