package dev.grain.cli.run;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code grain run} in this process, with real programs. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "the programs are those of Linux")
final class RunCommandTest {
  private static final int FAILED = 1;
  private static final int USAGE = 2;

  @TempDir private Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private InputStream in = InputStream.nullInputStream();

  private int run(String... arguments) {
    return RunCommand.run(
        in, new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), arguments);
  }

  private String out() {
    return out.toString(UTF_8);
  }

  private String err() {
    return err.toString(UTF_8);
  }

  private List<JsonNode> objects() {
    JsonMapper mapper = JsonMapper.builder().build();
    return out().lines().map(mapper::readTree).toList();
  }

  // ---------------------------------------------------------------- inputs

  @Test
  void command_alone_runsOnce() {
    assertThat(run("--", "echo", "--tag", ":", "{cpu.count}")).isZero();
    assertThat(out()).isEqualTo("--tag : 1\n");
    assertThat(err()).startsWith("grain run: 1 job in ").endsWith(": 1 succeeded\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "echo {} {#} ::: a b               | a 1;b 2",
        "echo ::: a b                      | a;b",
        "echo {2}{1} ::: a b ::: 1 2       | 1a;2a;1b;2b",
        "echo ::: a b ::: 1 2              | a 1;a 2;b 1;b 2",
        "echo {1}{2} ::: a b c :::+ 1 2    | a1;b2",
        "echo {.} {/} {//} {/.} ::: d/e.f  | d/e e.f d e",
        "echo {1/}-{2.} ::: d/e ::: f.g    | e-f",
        "--range 0..10:5 echo              | 0;5;10",
        "--range 2..0 echo                 | 2;1;0",
        "--sweep lr=x,y --sweep n=1..2 -- echo {lr}{n} | x1;x2;y1;y2",
        "--sweep x=geom(0.1,10,3) --sweep n=igeom(1,8,4) -- echo {x}-{n} |"
            + " 0.1-1;0.1-2;0.1-4;0.1-8;1.0-1;1.0-2;1.0-4;1.0-8;10.0-1;10.0-2;10.0-4;10.0-8",
        "echo {{-1}} ::: a                 | {-1} a",
        "echo {{1}} {{cpu.count}} ::: {cpu.count} | {1} {cpu.count} {cpu.count}",
        "--shell echo {} >&1; ::: a$b       | a$b",
        "--env X=<{}> --shell echo $X ::: a | <a>",
        "-j2 --colsep , echo {2} {1} ::: a,b | b a"
      })
  void inputs_areFilledIn_inOrder(String line, String expected) {
    String all = "-k " + line.strip();
    assertThat(run(all.split(" +"))).as("%s", err()).isZero();
    assertThat(out()).isEqualTo(expected.strip().replace(";", "\n") + "\n");
  }

  @Test
  void linesOfAFile_areInputs_andOnesThatAreNoText_areNamed() throws IOException {
    Path lines = folder.resolve("lines");
    Files.write(lines, "a b\n\u00ff\nc".getBytes(ISO_8859_1));
    assertThat(run("-k", "--keep-going", "-a", lines.toString(), "echo", "<{}>")).isEqualTo(FAILED);
    assertThat(out()).isEqualTo("<a b>\n<c>\n");
    assertThat(err())
        .contains("job 2 ")
        .contains("was not started: line 2 of " + lines + " is not valid UTF-8; convert the file");
  }

  @Test
  void standardInput_isReadLazily() throws Exception {
    PipedOutputStream writer = new PipedOutputStream();
    in = new PipedInputStream(writer);
    Path seen = folder.resolve("seen");
    Thread thread =
        Thread.ofVirtual()
            .start(() ->
                assertThat(run("--lines", "-", "--", "sh", "-c", "echo {} >>" + seen)).isZero());
    writer.write("one\n".getBytes(UTF_8));
    writer.flush();
    while (!Files.exists(seen) || !Files.readString(seen).equals("one\n")) {
      Thread.onSpinWait();
    }
    writer.write("two\n".getBytes(UTF_8));
    writer.close();
    thread.join();
    assertThat(Files.readAllLines(seen)).containsExactly("one", "two");
  }

  @Test
  void endlessInput_isReadAsNeeded() {
    in =
        new InputStream() {
          @Override
          public int read() {
            return '\n';
          }
        };
    String script = "test {#} -le 3 || exec sleep 1000";
    assertThat(run("--lines", "-", "--halt", "now,success=3", "--shell", "--", script)).isZero();
    assertThat(err()).contains(": 3 succeeded").contains("; further inputs were not read");
  }

  @Test
  void noInputs_runNothing() {
    assertThat(run("--lines", "-", "--", "false")).isZero();
    assertThat(err()).isEqualTo("grain run: there were no inputs, so nothing was run\n");
  }

  @Test
  void inputsWithoutACommand_areScripts() {
    assertThat(run("-k", "--keep-going", ":::", "echo a | tr a b", "exit 3")).isEqualTo(FAILED);
    assertThat(out()).isEqualTo("b\n");
  }

  @Test
  void dryRun_printsWhatAShellWouldTake() {
    assertThat(run("--dry-run", "rm", "-f", "{.}", ":::", "it's.x", "b")).isZero();
    assertThat(out()).isEqualTo("rm -f 'it'\\''s'\nrm -f b\n");
  }

  // ---------------------------------------------------------------- output

  @Test
  void output_isPrintedInWholeLines_withTags() {
    assertThat(run("-k", "--tag", "--shell", "printf 'x\\ny'; echo e{} >&2", ":::", "1", "2"))
        .isZero();
    assertThat(out()).isEqualTo("1\tx\n1\ty\n2\tx\n2\ty\n");
    assertThat(err()).contains("1\te1\n").contains("2\te2\n");
  }

  @Test
  void output_thatIsNoText_isPassedOnAsItIs() {
    assertThat(run("printf", "\\377\\n")).isZero();
    assertThat(out.toByteArray()).containsExactly(0xff, '\n');
  }

  @Test
  void outputFolder_hasFilesByNumber_andATable() throws IOException {
    Path output = folder.resolve("a {b}/out");
    assertThat(
            run(
                "--output",
                output.toString(),
                "--keep-going",
                "--shell",
                "echo {}; test {} = a",
                ":::",
                "a",
                "b"))
        .isEqualTo(FAILED);
    assertThat(out()).isEmpty();
    assertThat(output.resolve("000001.out")).hasContent("a\n");
    assertThat(output.resolve("000002.out")).hasContent("b\n");
    assertThat(output.resolve("000002.err")).isEmptyFile();
    List<String> rows = Files.readAllLines(output.resolve("jobs.tsv"));
    assertThat(rows.getFirst()).startsWith("job\tinput\toutcome\texit_code\tsignal\tseconds\t");
    assertThat(rows.subList(1, 3))
        .anyMatch(row -> row.startsWith("1\ta\tsucceeded\t0\t\t"))
        .anyMatch(row -> row.startsWith("2\tb\tfailed\t1\t\t"));
  }

  @Test
  void joblog_hasTheColumnsOfParallel() throws IOException {
    Path log = folder.resolve("log");
    assertThat(run("--joblog", log.toString(), "--shell", "kill -9 $$; {}", ":::", "a b"))
        .isEqualTo(FAILED);
    List<String> rows = Files.readAllLines(log);
    assertThat(rows).hasSize(2);
    assertThat(rows.getFirst())
        .isEqualTo("Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand");
    assertThat(rows.getLast())
        .matches("1\tlocal\t\\d+\\.\\d{3}\t\\d+\\.\\d{3}\t0\t0\t0\t9\tsh -c .*");
    assertThat(err()).contains("job 1 (a b) was killed by SIGKILL");
  }

  @Test
  void json_hasAnObjectForEachJob() {
    assertThat(
            run(
                "--json",
                "-k",
                "--keep-going",
                "--shell",
                "echo \"\\\"{}\"; exit {}",
                ":::",
                "0",
                "4"))
        .isEqualTo(FAILED);
    List<JsonNode> jobs = objects();
    assertThat(jobs).hasSize(2);
    assertThat(jobs.getFirst().get("stdout").asString()).isEqualTo("\"0\n");
    assertThat(jobs.getFirst().get("outcome").asString()).isEqualTo("succeeded");
    assertThat(jobs.getLast().get("exitCode").asInt()).isEqualTo(4);
    assertThat(jobs.getLast().get("message").asString()).isEqualTo("exited with code 4");
    assertThat(jobs.getLast().get("node").asString()).isEqualTo("local");
  }

  // ---------------------------------------------------------------- failures

  @Test
  void firstFailure_stopsTheOthers_unlessToldToKeepGoing() {
    assertThat(run("-j1", ":::", "exit 3", "exec sleep 20", "exec sleep 20")).isEqualTo(FAILED);
    assertThat(err())
        .contains("job 1 (exit 3) exited with code 3")
        .contains("1 failed")
        .endsWith("--keep-going runs them all the same\n");
    err.reset();
    assertThat(run("-j1", "--keep-going", "--shell", "exit {}", ":::", "3", "0", "0"))
        .isEqualTo(FAILED);
    assertThat(err()).contains(": 2 succeeded, 1 failed\n");
  }

  @Test
  void failedJob_hasItsFigures() {
    // long enough for a sample of its memory
    String script = "awk 'BEGIN { for (i = 0; i < 40000000; i++) x++ }'; kill -9 $$";
    assertThat(run("--json", "--shell", script)).isEqualTo(FAILED);
    JsonNode job = objects().getFirst();
    assertThat(job.get("signal").asString()).isEqualTo("SIGKILL");
    assertThat(job.get("exitCode").asInt()).isEqualTo(137);
    assertThat(job.get("seconds").asDouble()).isPositive();
    assertThat(job.get("cpuSeconds").asDouble()).isNotNegative();
    assertThat(job.get("peakMemoryBytes").asLong()).isPositive();
  }

  @Test
  void jobThatNeedsMoreMemoryThanItRequested_isKilledAndNamed() {
    String script = "BEGIN { x = \"0123456789abcdef\"; while ({}) x = x x }";
    String[] line = {"--keep-going", "--memory", "64MiB", "awk", script, ":::", "1", "0"};
    assertThat(run(line)).isEqualTo(FAILED);
    assertThat(err())
        .containsPattern(
            "job 1 \\(1\\) ran out of memory: it used .* of the 64 MiB that it requested")
        .contains("; raise --memory, for example to 128MiB")
        // with its peak
        .containsPattern("(?m)^1 +1 +out of memory +.* +[0-9.]+ [MG]iB ")
        .contains(": 1 succeeded, 1 failed\n");
    String[] json = {"--json", "--memory", "64MiB", "awk", script, ":::", "1"};
    assertThat(run(json)).isEqualTo(FAILED);
    JsonNode job = objects().getFirst();
    assertThat(job.get("outcome").asString()).isEqualTo("out of memory");
    assertThat(job.get("peakMemoryBytes").asLong()).isPositive();
  }

  @Test
  void memory_isNotLimitedWithoutEnforcement() {
    String script = "BEGIN { x = \"0123456789abcdef\"; while (length(x) < 40000000) x = x x }";
    assertThat(run("--enforce=off", "--memory", "16MiB", "awk", script)).isZero();
  }

  @Test
  void failedJob_isRetried() {
    String mark = folder.resolve("mark").toString();
    assertThat(run("--retries", "1", "--shell", "test -e {} || { touch {}; exit 1; }", ":::", mark))
        .isZero();
  }

  @Test
  void outputOfARetriedJob_isThatOfItsLastAttempt() {
    // the first attempt prints long enough ahead of its end for somebody who looks
    String script = "test -e {} && echo 2 && echo end || { touch {}; echo 1; sleep 0.3; exit 1; }";
    String mark = folder.resolve("mark").toString();
    assertThat(run("-k", "--retries", "1", "--shell", script, ":::", mark)).isZero();
    assertThat(out()).isEqualTo("2\nend\n");
  }

  @Test
  void missingProgram_isNamedOnce() {
    String[] many = new String[105];
    Arrays.fill(many, "x");
    many[0] = "--keep-going";
    many[1] = "no-such-program";
    many[2] = ":::";
    assertThat(run(many)).isEqualTo(FAILED);
    assertThat(err())
        .containsOnlyOnce("there is no program no-such-program on the PATH")
        .contains("102 jobs in ")
        .endsWith(": 0 succeeded, 102 not started\n");
  }

  @Test
  void timeLimit_stopsTheJob() {
    assertThat(run("--timeout", "100ms", "sleep", ":::", "1000")).isEqualTo(FAILED);
    assertThat(err()).contains("job 1 (1000) timed out");
  }

  @Test
  void resume_runsOnlyWhatHasNotSucceeded() {
    String journal = folder.resolve("journal").toString();
    String now = folder.resolve("now").toString();
    String script = "echo ran {}; test {} = a -o -e " + now;
    String[] line = {"-k", "--keep-going", "--resume", journal, "--shell", script, ":::", "a", "b"};
    assertThat(run(line)).isEqualTo(FAILED);
    assertThat(out()).isEqualTo("ran a\nran b\n");
    out.reset();
    assertThat(run("touch", now)).isZero();
    assertThat(run(line)).isZero();
    assertThat(out()).isEqualTo("ran b\n");
    assertThat(err()).endsWith(": 2 succeeded (1 from the journal)\n");
    out.reset();
    String[] json = Stream.concat(Stream.of("--json"), Arrays.stream(line)).toArray(String[]::new);
    assertThat(run(json)).isZero();
    assertThat(objects())
        .allMatch(job -> job.get("fromJournal").asBoolean())
        .extracting(job -> job.get("stdout").asString())
        .containsExactly("ran a\n", "ran b\n");
  }

  @Test
  void resume_intoAnotherFolder_namesNoFilesThatAreNotThere() {
    String line =
        "--json --resume FOLDER/journal --output FOLDER/%s echo ran"
            .replace("FOLDER", folder.toString());
    assertThat(run(line.formatted("first").split(" "))).isZero();
    assertThat(objects().getFirst().get("stdoutFile").asString()).endsWith("first/000001.out");
    out.reset();
    assertThat(run(line.formatted("second").split(" "))).isZero();
    JsonNode job = objects().getFirst();
    assertThat(job.get("fromJournal").asBoolean()).isTrue();
    assertThat(job.get("stdout").asString()).isEqualTo("ran\n");
    assertThat(job.has("stdoutFile")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--env X={} --shell -- test $X = a",
        "--working-dir FOLDER/{} --shell -- test ${PWD##*/} = a",
        "--stdin FOLDER/{}/in grep -q a"
      })
  void resume_tellsJobsApart_byWhateverTheInputIsFilledInto(String command) throws IOException {
    for (String each : List.of("a", "b")) {
      Files.createDirectory(folder.resolve(each));
      Files.writeString(folder.resolve(each).resolve("in"), each);
    }
    String line =
        "--json --keep-going --resume FOLDER/journal %s ::: "
            .formatted(command)
            .replace("FOLDER", folder.toString());
    assertThat(run((line + "b a").split(" "))).isEqualTo(FAILED);
    out.reset();
    assertThat(run((line + "a b").split(" "))).isEqualTo(FAILED);
    assertThat(objects())
        .filteredOn(job -> job.get("fromJournal").asBoolean())
        .extracting(job -> job.get("input").asString())
        .containsExactly("a");
  }

  @Test
  void lastJobThatFails_leavesNoInputs() {
    in = new ByteArrayInputStream("0\n3\n".getBytes(UTF_8));
    assertThat(run("-j1", "--lines", "-", "--shell", "exit {}")).isEqualTo(FAILED);
    assertThat(err()).endsWith(": 1 succeeded, 1 failed\n");
  }

  @Test
  void rangeThatIsTooLongForASecondPlace_failsTheRun() {
    assertThat(run("--range", "1..2", "--range", "1..3000000000", "echo")).isEqualTo(FAILED);
    assertThat(err())
        .startsWith("grain run: There are too many inputs in a source other than the first one");
  }

  @Test
  void lineThatIsTooLongToBeSplit_isNamed() {
    in = new ByteArrayInputStream(("a,b\n" + "x".repeat(1 << 20)).getBytes(UTF_8));
    assertThat(run("--keep-going", "--lines", "-", "--colsep", "(,|x)*z|,", "echo", "{2}"))
        .isEqualTo(FAILED);
    assertThat(out()).isEqualTo("b\n");
    assertThat(err())
        .contains(
            "was not started: its line of 1048576 characters is too long for the regular expression"
                + " of --colsep");
  }

  // ---------------------------------------------------------------- mistakes

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--keep-goin echo | --keep-goin'; did you mean --keep-going?",
        "--results x echo | '--results'; use --output FOLDER",
        "-S host echo | '-S'; use --workers HOST:PORT",
        "--pipe wc | '--pipe'; standard input is not split among jobs",
        "echo {cpu.cuont} | (did you mean {cpu.count}?)",
        "--sweep lr=1 echo {lx} | (did you mean {lr}?)",
        "--sweep lr=1 echo | does not use any of the swept values. Write {lr}",
        "echo {} | has the placeholder {}, but there are no inputs",
        "echo {2} ::: a | There is no placeholder {2}",
        "--range 1-9 echo | '1-9' is not a range; write it like 0..99",
        "echo {%} ::: a | The placeholder {%} of GNU parallel is not supported; {cpu.ids}",
        "--jobs x echo | --jobs: 'x' is not a number",
        "--halt later echo | 'later' is not known; write never, now,fail=1",
        "--timeout soon echo | 'soon' is not a time",
        "--env A echo | 'A' is not NAME=VALUE",
        "--env a.sh --env b.sh echo | one environment, but there are two files, a.sh and b.sh",
        "--env missing/setup.sh echo | setup.sh does not exist",
        "--path p echo | --path needs --git, which is missing",
        "--git http://h/r@ab --path /p echo | \"/p\" is outside of the repository",
        "--image A echo | --image: \"A\" is no name of an image",
        "--local-image a --image b echo | --image and --local-image exclude each other",
        "--mount /a echo | --mount needs --image, which is missing",
        "--image a --mount /a:b echo | --mount /a:b: \"b\" is not an absolute path",
        "--image a --mount /a:/b:/c echo | '/a:/b:/c' is not HOST[:PATH][:ro]",
        "--image a --workers h:1 --mount a:/b echo | --mount a:/b: \"a\" is relative",
        "--image a --env setup.sh echo | Use an image that contains them",
        "--imagee a echo | --image",
        "--memory 8 echo | the unit is missing",
        "--keep-going --halt never echo | --keep-going and --halt exclude each other",
        "--tag --json echo | --json and --tag exclude each other",
        "--key k echo | --workers, which is missing",
        "--enforce=all echo | 'all' is not a mode; use off, best or require",
        "--workers h:1,h2 echo | --workers: The address \"h2\" has no port: write node1:4242",
        "--workers h:1 --enforce=best echo | Set it on the workers instead",
        "-j 2 | the command is missing"
      })
  void mistake_isExplained(String line, String expected) {
    assertThat(run(line.strip().split(" +"))).isEqualTo(USAGE);
    assertThat(err())
        .startsWith("grain run: ")
        .contains(expected.strip())
        .endsWith("'grain run --help' prints examples and lists the options.\n");
  }

  @Test
  void wholeLineAsOneWord_isPointedToTheShell() {
    assertThat(run("echo {} | wc", ":::", "a")).isEqualTo(USAGE);
    assertThat(err()).contains("\"echo {} | wc\" is not the name of a program").contains("--shell");
  }

  @Test
  void fileThatIsMissing_isNamed() {
    String missing = folder.resolve("missing").toString();
    assertThat(run("--lines", missing, "echo")).isEqualTo(FAILED);
    assertThat(err())
        .isEqualTo(
            "grain run: The inputs in " + missing + " cannot be read. There is no such file.\n");
  }

  @Test
  void help_beginsWithExamples() {
    assertThat(run("--help")).isZero();
    assertThat(out()).startsWith("Usage: grain run ").contains("grain run gzip -k ::: *.log");
  }
}
