package dev.grain.top;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.cli.CommandLines;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What {@code minion-status} prints. */
final class StatusCommandTest {
  @TempDir private Path folder;

  private final Map<String, String> variables = new HashMap<>(Map.of("LANG", "en_US.UTF-8"));
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final ByteArrayOutputStream noted = new ByteArrayOutputStream();

  private int run(String... arguments) {
    PrintStream out = new PrintStream(printed, true, UTF_8);
    PrintStream err = new PrintStream(noted, true, UTF_8);
    return CommandLines.of(
            new StatusCommand(out, err, folder, variables, () -> Sample.NOW), out, err)
        .execute(arguments);
  }

  private String output() {
    return printed.toString(UTF_8);
  }

  private String error() {
    return noted.toString(UTF_8);
  }

  // ---------------------------------------------------------------- pages

  @Test
  void page_hasTheSectionsOfTheOriginal() throws IOException {
    Sample.write(folder);
    Golden.assertSame(
        "status-100",
        StatusPage.of(
            Sample.read(folder, StatusPage.steps(100)),
            "minion-report",
            Letters.UNICODE,
            100,
            false,
            ZoneOffset.UTC));
  }

  @Test
  void page_thatIsNarrow_hasColumnsBelowEachOther() throws IOException {
    Sample.write(folder);
    Golden.assertSame(
        "status-ascii-60",
        StatusPage.of(
            Sample.read(folder, StatusPage.steps(60)),
            "minion-report",
            Letters.ASCII,
            60,
            false,
            ZoneOffset.UTC));
  }

  @Test
  void page_isNeverWiderThanTheTerminal() throws IOException {
    Sample.write(folder);
    for (int width = 40; width <= 200; width += 3) {
      int most = width;
      assertThat(
              StatusPage.of(
                  Sample.read(folder, StatusPage.steps(width)),
                  "minion-report",
                  Letters.UNICODE,
                  width,
                  false,
                  ZoneOffset.UTC))
          .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(most));
    }
  }

  // ---------------------------------------------------------------- the command

  @Test
  void statistics_areFound_byTheVariablesOfMinions() throws IOException {
    Sample.write(folder.resolve("reports/of/today"));
    variables.put("MINION_REPORTER", "json");
    variables.put("REPORTER_JSON_DIRECTORY", "reports/of/today");
    assertThat(run()).as(error()).isZero();
    assertThat(output())
        .startsWith("Minions of reports/of/today at ")
        .contains("Of 95 generations, 85 succeeded and 10 failed");
    // into a file, or another program
    assertThat(output()).doesNotContain("\u001b[");
  }

  @Test
  void folder_isMinionReport_withoutAnyVariable() throws IOException {
    Sample.write(folder.resolve("minion-report"));
    assertThat(run()).as(error()).isZero();
  }

  @Test
  void folder_canBeNamed_whateverTheReporterIs() throws IOException {
    Sample.write(folder.resolve("elsewhere"));
    variables.put("MINION_REPORTER", "null");
    assertThat(run("elsewhere")).as(error()).isZero();
  }

  @Test
  void json_isOneDocument() throws IOException {
    Sample.write(folder.resolve("minion-report"));
    assertThat(run("--json")).as(error()).isZero();
    JsonNode report = new JsonMapper().readTree(output());
    assertThat(report.at("/summary/generations").asInt()).isEqualTo(95);
    assertThat(report.at("/summary/percent_failed").asDouble()).isBetween(10.5, 10.6);
    assertThat(report.at("/queues/0/ready").asInt()).isEqualTo(205);
    assertThat(report.at("/table/2/state").asString()).isEqualTo("SILENT");
    assertThat(report.at("/activity/generations/0/nodename").asString()).isEqualTo("igrida-12");
    assertThat(output()).contains("\"start\":1606550400,");
  }

  @Test
  void locale_withoutUnicode_getsPlainLetters() throws IOException {
    Sample.write(folder.resolve("minion-report"));
    variables.put("LC_ALL", "C");
    assertThat(run()).isZero();
    assertThat(output()).matches("\\p{ASCII}*");
  }

  @Test
  void folder_thatIsNotThere_isAnError() {
    assertThat(run()).isEqualTo(1);
    assertThat(error())
        .isEqualTo(
            "minion-status: json reports no stat: there is no folder minion-report. Start minions"
                + " with MINION_REPORTER=json, or name the folder of their reports.\n");
  }

  @Test
  void folder_thatIsEmpty_isAnError() throws IOException {
    Files.createDirectories(folder.resolve("minion-report"));
    assertThat(run()).isEqualTo(1);
    assertThat(error())
        .isEqualTo(
            "minion-status: json reports no stat: the folder minion-report has no event of a"
                + " minion yet.\n");
  }

  @Test
  void folder_thatIsAFile_isAnError() throws IOException {
    Files.writeString(folder.resolve("minion-report"), "x");
    assertThat(run()).isEqualTo(1);
    assertThat(error()).contains("minion-report is not a folder.");
  }

  @Test
  void reporter_withoutAFolder_saysWhatToSet() {
    variables.put("MINION_REPORTER", "null");
    assertThat(run()).isEqualTo(2);
    assertThat(error()).contains("null reports no stat").contains("Set MINION_REPORTER=json");
  }

  @Test
  void fileOfVariables_isReadAsByMinions() throws IOException {
    Sample.write(folder.resolve("of-today"));
    Files.writeString(
        folder.resolve(".env"), "MINION_REPORTER=json\nREPORTER_JSON_DIRECTORY=of-today\n");
    assertThat(run()).as(error()).isZero();
    Files.writeString(folder.resolve(".env"), "MINION_REPORTER\n");
    assertThat(run()).isEqualTo(2);
    assertThat(error()).contains(".env, line 1");
  }

  @Test
  void fileOfMinions_namesTheFolder_beneathTheVariables() throws IOException {
    Sample.write(folder.resolve("of-the-file"));
    Files.writeString(
        folder.resolve(".minion.yml"),
        "command: echo\nreporter: json\nreporterFolder: of-the-file\n");
    assertThat(run()).as(error()).isZero();
    assertThat(output()).startsWith("Minions of of-the-file at ");
    Sample.write(folder.resolve("of-the-variable"));
    Files.writeString(folder.resolve(".env"), "REPORTER_JSON_DIRECTORY=of-the-variable\n");
    printed.reset();
    assertThat(run()).as(error()).isZero();
    assertThat(output()).startsWith("Minions of of-the-variable at ");
  }

  @Test
  void fileOfMinions_withAnotherReporter_saysWhatToSet_unlessAVariableIsAboveIt()
      throws IOException {
    Sample.write(folder.resolve("minion-report"));
    Files.writeString(folder.resolve(".minion.yml"), "reporter: stdout\n");
    assertThat(run()).isEqualTo(2);
    assertThat(error()).contains("stdout reports no stat").contains("Set MINION_REPORTER=json");
    variables.put("MINION_REPORTER", "json");
    assertThat(run()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "reporter: jsn|reporter: jsn: there is no such reporter; did you mean json? Known are null,",
        "reporterFolder: [a]|'reporterFolder' is [\"a\"]; write a text or a number.",
        "reportFolder: a|the key 'reportFolder' is unknown; did you mean 'reporterFolder'?"
      })
  void fileOfMinions_withAnError_isNamed_unlessTheFolderIs(String lines, String message)
      throws IOException {
    Sample.write(folder.resolve("elsewhere"));
    Files.writeString(folder.resolve(".minion.yml"), lines);
    assertThat(run()).isEqualTo(2);
    assertThat(error())
        .startsWith("minion-status: %s: ".formatted(folder.resolve(".minion.yml")))
        .contains(message);
    assertThat(run("elsewhere")).isZero();
  }

  @Test
  void reporter_thatIsNotKnown_isNamed_withTheNearest() {
    variables.put("MINION_REPORTER", "jsn");
    assertThat(run()).isEqualTo(2);
    assertThat(error()).contains("MINION_REPORTER=jsn").contains("did you mean json?");
  }
}
