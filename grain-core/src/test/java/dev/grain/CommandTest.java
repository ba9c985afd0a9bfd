package dev.grain;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.memory;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.grain.testing.Processes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Jobs that are programs, on the embedded worker. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "the programs are those of Linux")
final class CommandTest {
  @TempDir Path folder;

  private final GrainExecutor grain =
      GrainExecutor.open(
          RunOptions.defaults()
              .progress(false)
              .echo(false)
              .local(cpu(4).and(memory("64MiB")))
              .cancelGrace(Duration.ofMillis(200)));

  @AfterEach
  void close() {
    grain.close();
  }

  private static Command script(String script, String... arguments) {
    String[] words = new String[arguments.length + 3];
    words[0] = "-c";
    words[1] = script;
    words[2] = "script";
    System.arraycopy(arguments, 0, words, 3, arguments.length);
    return Command.of("sh", words);
  }

  // ---- what it is given

  @Test
  void arguments_reachTheProgramAsTheyAre() {
    // in a locale without it the JVM passes another letter
    String letter = "UTF-8".equals(System.getProperty("sun.jnu.encoding")) ? "ä" : "a";
    Command command = Command.of("printf", "%s|", "a b", "", "*", "$HOME", "\"'\\", letter + "\n");
    CommandResult result = grain.exec(cpu(1), command);
    assertThat(result.stdout()).isEqualTo("a b||*|$HOME|\"'\\|" + letter + "\n|");
    assertThat(result.exitCode()).isZero();
  }

  @Test
  void tenThousandArguments_reachTheProgram() {
    String[] words = IntStream.range(0, 10_000).mapToObj(String::valueOf).toArray(String[]::new);
    assertThat(grain.exec(cpu(1), script("echo $#", words)).stdout()).isEqualTo("10000\n");
  }

  @Test
  void placeholders_standForWhatTheJobHolds() {
    Command command =
        Command.of(
            "printf",
            "%s %s %s %s {{cpu.count}} ${cpu.count}",
            "{cpu.count}",
            "{memory.bytes}",
            "{job.id}",
            "{attempt}");
    CommandResult result = grain.exec(cpu(3).and(memory("1MiB")), command);
    assertThat(result.stdout()).isEqualTo("3 1048576 1 1 {cpu.count} ${cpu.count}");
  }

  @Test
  void environment_tellsWhatTheJobHolds_andTheUsersVariablesWin() {
    Command command =
        script("echo $GRAIN_CPUS $GRAIN_MEMORY $GRAIN_JOB_ID $OMP_NUM_THREADS $MINE")
            .env("MINE", "{cpu.count}");
    assertThat(grain.exec(cpu(2).and(memory("1MiB")), command).stdout())
        .isEqualTo("2 1048576 1 2 2\n");
    assertThat(grain.exec(cpu(2), command.env("OMP_NUM_THREADS", "7")).stdout())
        .isEqualTo("2 0 2 7 2\n");
  }

  @Test
  void cores_areNamed() {
    Command command = script("echo $GRAIN_CPU_IDS {cpu.ids}");
    assertThat(grain.exec(cpu(2), command).stdout()).matches("(\\d+,\\d+) \\1\n");
  }

  @Test
  void workingDirectory_isWhereItRuns_andRelativeProgramsAre() throws Exception {
    Path program = Files.writeString(folder.resolve("here.sh"), "#!/bin/sh\npwd\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();
    CommandResult result = grain.exec(cpu(1), Command.of("./here.sh").workingDir(folder));
    assertThat(result.stdout()).isEqualTo(folder.toRealPath() + "\n");
  }

  @Test
  void standardInput_isAFile_orEmpty() throws Exception {
    Path file = Files.writeString(folder.resolve("in"), "one\ntwo\n");
    assertThat(grain.exec(cpu(1), Command.of("cat").stdin(file)).stdout()).isEqualTo("one\ntwo\n");
    assertThat(grain.exec(cpu(1), Command.of("cat")).stdout()).isEmpty();
  }

  @Test
  void shell_runsAScriptWithArguments() {
    Command command = Command.of("echo $0 $1 | tr a-z A-Z", "x").shell("sh");
    assertThat(grain.exec(cpu(1), command).stdout()).isEqualTo("SH X\n");
  }

  // ---- what it returns

  @Test
  void resultFile_isTheResult_andTheInputFileTheInput() {
    Command command =
        script("tr a-z A-Z <$GRAIN_INPUT_FILE >$GRAIN_RESULT_FILE").input("grün").withResult();
    assertThat(grain.exec(cpu(1), command).resultText()).isEqualTo("GRüN");
  }

  record Point(int x, List<String> names) {}

  @Test
  void json_goesInAndComesBack() {
    Point point = new Point(3, List.of("grün", "\"quoted\""));
    Command copy = script("cat $GRAIN_INPUT_FILE >$GRAIN_RESULT_FILE").withResult();
    assertThat(grain.exec(cpu(1), copy.inputJson(point)).resultJson(Point.class)).isEqualTo(point);

    CommandResult noJson = grain.exec(cpu(1), copy.input("no json"));
    assertThatExceptionOfType(EncodingException.class)
        .isThrownBy(() -> noJson.resultJson(Point.class))
        .withMessageStartingWith(
            "The result cannot be read as JSON for a dev.grain.CommandTest$Point: ");

    Object[] cycle = new Object[1];
    cycle[0] = cycle;
    assertThatExceptionOfType(EncodingException.class)
        .isThrownBy(() -> copy.inputJson(cycle))
        .withMessageStartingWith("A [Ljava.lang.Object; cannot be written as JSON: ");
  }

  @Test
  void inputOfJob_isInTheFile_asJsonUnlessItIsTextOrBytes() {
    Command copy =
        Command.template("cat $GRAIN_INPUT_FILE >$GRAIN_RESULT_FILE")
            .shell("sh")
            .inputOfJob()
            .withResult();
    List<Object> inputs =
        List.of(
            "a text", "bytes".getBytes(StandardCharsets.US_ASCII), new Point(1, List.of("n")), 7);
    assertThat(grain.map(cpu(1), copy, inputs))
        .extracting(CommandResult::resultText)
        .containsExactly("a text", "bytes", "{\"x\":1,\"names\":[\"n\"]}", "7");
    assertThatIllegalStateException()
        .isThrownBy(() -> Command.of("true").inputOfJob())
        .withMessageContaining("Create it with Command.template");
  }

  @Test
  void resultFile_thatIsMissing_failsTheJob() {
    assertFails(script("true").withResult(), "wrote no result to $GRAIN_RESULT_FILE");
  }

  @Test
  void output_belongsToTheJob_andFilesTakeItInstead() throws Exception {
    Job<CommandResult> job = grain.submit(cpu(1), script("echo out; echo err >&2"));
    assertThat(job.result().stdout()).isEqualTo("out\n");
    assertThat(job.result().stderr()).isEqualTo("err\n");
    assertThat(job.output().lines()).containsExactlyInAnyOrder("out", "err");

    Path file = folder.resolve("out-{job.id}");
    Job<CommandResult> toFile = grain.submit(cpu(1), script("echo out").stdout(file));
    assertThat(toFile.result().stdout()).isEqualTo("out\n");
    assertThat(toFile.output()).isEmpty();
    assertThat(folder.resolve("out-2")).hasContent("out\n");
  }

  @Test
  void outputFile_thatTheCommandMoves_isNoFailure() {
    Path file = folder.resolve("out");
    CommandResult result =
        grain.exec(cpu(1), script("echo out; mv $1 $1.1", file.toString()).stdout(file));
    assertThat(result.stdout()).isEmpty();
    assertThat(folder.resolve("out.1")).hasContent("out\n");
  }

  @Test
  void outputFile_thatIsAPipe_isNotReadAfterTheCommand() {
    Path pipe = folder.resolve("pipe");
    assertThat(grain.exec(cpu(1), Command.of("mkfifo", pipe.toString())).exitCode()).isZero();
    Job<CommandResult> reader = grain.submit(cpu(1), Command.of("cat", pipe.toString()));
    assertThat(grain.exec(cpu(1), script("echo out").stdout(pipe)).stdout()).isEmpty();
    assertThat(reader.result().stdout()).isEqualTo("out\n");
  }

  @Test
  void output_thatIsNoUtf8_keepsItsBytes() {
    CommandResult result = grain.exec(cpu(1), Command.of("printf", "\\377\\000a"));
    assertThat(result.stdoutBytes()).containsExactly(0xff, 0, 'a');
  }

  @Test
  void output_thatIsLong_isPassedOnAndItsEndKept() {
    CommandResult result = grain.exec(cpu(1), script("seq 1 200000"));
    assertThat(result.stdout()).endsWith("199999\n200000\n").hasSize(16 * 1024);
  }

  @Test
  void usage_isMeasured() {
    Command busy = Command.of("awk", "BEGIN { for (i = 0; i < 40000000; i++) x++ }");
    CommandResult result = grain.exec(cpu(1), busy);
    assertThat(result.peakMemory().orElse(0)).isPositive();
    assertThat(result.cpuTime()).isPresent();
    assertThat(result.wallTime()).isPositive();
  }

  // ---- how it fails

  private void assertFails(Command command, String... words) {
    Job<CommandResult> job = grain.submit(cpu(1), command);
    assertThatExceptionOfType(JobFailedException.class)
        .isThrownBy(job::result)
        .withCauseInstanceOf(CommandException.class)
        .satisfies(e -> assertThat(e.getMessage()).contains(words));
  }

  private void assertNotStarted(Command command, String... words) {
    Job<CommandResult> job = grain.submit(JobOptions.of(cpu(1)).retries(3), command);
    assertThatExceptionOfType(JobNotStartedException.class)
        .isThrownBy(job::result)
        .satisfies(e -> assertThat(e.getMessage()).contains(words))
        .satisfies(e -> assertThat(e.attempts()).hasSizeLessThan(2));
  }

  @Test
  void exitCode_thatIsNoSuccess_failsTheJobWithTheEndOfTheErrorStream() {
    assertFails(script("echo no such data >&2; exit 3"), "exited with code 3", "no such data");
    assertThat(grain.exec(cpu(1), script("exit 3").successCodes(0, 3)).exitCode()).isEqualTo(3);
    assertFails(script("true").successCodes(3), "exited with code 0");
  }

  @Test
  void signal_thatEndsIt_isNamed() {
    Job<CommandResult> job = grain.submit(cpu(1), script("ulimit -c 0; kill -SEGV $$"));
    assertThatExceptionOfType(JobFailedException.class)
        .isThrownBy(job::result)
        .withMessageContaining("was killed by SIGSEGV (exit code 139)")
        .satisfies(e -> {
          CommandException cause = (CommandException) e.getCause();
          assertThat(cause.signal()).contains("SIGSEGV");
          assertThat(cause.exitCode()).isEqualTo(139);
        });
  }

  @Test
  void failure_hasWhatIsKnownOfTheCommand() {
    Command command =
        script(
            "awk 'BEGIN { for (i = 0; i < 2000000; i++) x[i % 100000] = i }'; echo out;"
                + " echo err >&2; exit 3");
    assertThatExceptionOfType(JobFailedException.class)
        .isThrownBy(() -> grain.exec(cpu(1), command.withResult()))
        .satisfies(e -> {
          CommandException cause = (CommandException) e.getCause();
          assertThat(cause.exitCode()).isEqualTo(3);
          assertThat(cause.stderr()).isEqualTo("err\n");
          CommandResult result = cause.result();
          assertThat(result.exitCode()).isEqualTo(3);
          assertThat(result.stdout()).isEqualTo("out\n");
          assertThat(result.wallTime()).isPositive();
          assertThat(result.cpuTime()).isPresent();
          // a short one may end before its memory was sampled
          assertThat(result.peakMemory().orElse(1)).isPositive();
          assertThatIllegalStateException().isThrownBy(result::result);
        });
  }

  @Test
  void failure_isRetried() {
    JobOptions options = JobOptions.of(cpu(1)).retries(2);
    CommandResult result = grain.exec(options, script("test $GRAIN_ATTEMPT = 3; exit $?"));
    assertThat(result.exitCode()).isZero();
  }

  @Test
  void whatCannotBeStarted_isSaidBeforeAnythingRuns() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    assertNotStarted(Command.of("no-such-program"), "there is no program no-such-program on the");
    assertNotStarted(Command.of("./none").workingDir(folder), "there is no program", "/none");
    assertNotStarted(Command.of(file.toString()), "is not executable", "chmod +x");
    assertNotStarted(Command.of(folder.toString()), "is a folder, not a program");
    assertNotStarted(Command.of("true").workingDir(file), "working directory", "is a file");
    assertNotStarted(
        Command.of("true").workingDir(folder.resolve("no")), "working directory", "does not exist");
    assertNotStarted(Command.of("cat").stdin(folder.resolve("no")), "standard input");
    assertNotStarted(Command.of("true").stdout(folder.resolve("no/x")), "there is no folder for");
  }

  @Test
  void argumentsThatAreTooLong_areNamed() {
    assertNotStarted(Command.of("echo", "x".repeat(3 << 20)), "longer than the system allows");
    assertNotStarted(
        Command.of("true").env("LARGE", "x".repeat(3 << 20)), "longer than the system allows");
  }

  @Test
  void inputWithANul_isRefusedBeforeAnythingRuns() {
    Command variable = Command.template("true").env("MINE", "<{}>");
    assertThatExceptionOfType(JobNotStartedException.class)
        .isThrownBy(() -> grain.submit(cpu(1), variable, "a\0b").result())
        .withMessageContaining("its environment variable MINE contains a NUL character");
    assertThatExceptionOfType(JobNotStartedException.class)
        .isThrownBy(() -> grain.submit(cpu(1), Command.template("echo", "{}"), "a\0b").result())
        .withMessageContaining("its argument \"{}\" contains a NUL character");
  }

  @Test
  void badCommands_areRefusedWhereTheyAreMade() {
    assertThatIllegalArgumentException().isThrownBy(() -> Command.of(List.of()));
    assertThatIllegalArgumentException().isThrownBy(() -> Command.of(""));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Command.of("echo", "a\0b"))
        .withMessageContaining("NUL");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Command.of("echo", "{cpu.cuont}"))
        .withMessageContaining("There is no placeholder {cpu.cuont}")
        .withMessageContaining("did you mean {cpu.count}?)");
    assertThatIllegalArgumentException().isThrownBy(() -> Command.of("true").env("a=b", "c"));
    assertThatIllegalArgumentException().isThrownBy(() -> Command.of("true").successCodes());
    assertThatIllegalArgumentException().isThrownBy(() -> Command.of("true").successCodes(256));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> grain.exec(cpu(1), Command.template("echo", "{}")))
        .withMessageContaining("is a template");
  }

  // ---- inputs

  record Trial(double lr, int epochs) {}

  @Test
  void map_fillsATemplateWithEachInput() {
    List<CommandResult> results =
        grain.map(cpu(1), Command.template("echo", "-n", "<{}>"), List.of("a b", "", "c"));
    assertThat(results).extracting(CommandResult::stdout).containsExactly("<a b>", "<>", "<c>");
  }

  @Test
  void template_takesTheNamesOfARecordOrAMap() {
    Command template = Command.template("echo", "-n", "{lr} {epochs} {cpu.count}");
    assertThat(grain.submit(cpu(1), template, new Trial(0.01, 3)).result().stdout())
        .isEqualTo("0.01 3 1");
    assertThat(grain.submit(cpu(1), template, Map.of("lr", 1, "epochs", 2)).result().stdout())
        .isEqualTo("1 2 1");
  }

  @Test
  void map_withAnInputThatLacksAName_failsThatInputAlone() {
    Command template = Command.template("echo", "{lr}");
    assertThatExceptionOfType(MapException.class)
        .isThrownBy(() -> grain.map(cpu(1), template, List.of(Map.of("lr", 1), Map.of("rl", 2))))
        .satisfies(e -> {
          assertThat(e.successes()).containsOnlyKeys(0L);
          assertThat(e.getMessage()).contains("There is no placeholder {lr}");
        });
  }

  // ---- stopping

  @Test
  void cancel_tellsTheWholeGroup() throws Exception {
    Path started = folder.resolve("started");
    Job<CommandResult> job =
        grain.submit(cpu(4), script("sleep 1000 & echo $! >\"$1\"; wait", started.toString()));
    String child = Processes.awaitLine(started);
    job.cancel();
    assertThatExceptionOfType(JobCancelledException.class).isThrownBy(job::result);
    assertThat(grain.exec(cpu(4), Command.of("true")).exitCode()).isZero();
    assertThat(Processes.isAlive(child)).isFalse();
  }

  @Test
  void cancel_ofACommandThatIgnoresIt_killsItAfterTheGrace() throws Exception {
    Path started = folder.resolve("started");
    Job<CommandResult> job =
        grain.submit(
            cpu(4),
            script(
                "trap '' TERM; echo $$ >\"$1\"; while true; do sleep 1000; done",
                started.toString()));
    String process = Processes.awaitLine(started);
    job.cancel();
    assertThatExceptionOfType(JobCancelledException.class).isThrownBy(job::result);
    assertThat(grain.exec(cpu(4), Command.of("true")).exitCode()).isZero();
    assertThat(Processes.isAlive(process)).isFalse();
  }

  @Test
  void timeLimit_endsIt() {
    JobOptions options = JobOptions.of(cpu(1)).timeout(Duration.ofMillis(50));
    Job<CommandResult> job = grain.submit(options, Command.of("sleep", "1000"));
    assertThatExceptionOfType(JobTimedOutException.class).isThrownBy(job::result);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "setsid ", "setsid nohup "})
  void childThatIsLeftBehind_isKilled_andDoesNotHoldItsJob(String how) throws Exception {
    Path started = folder.resolve("started");
    Path daemon =
        Files.writeString(folder.resolve("daemon.sh"), "echo $$ >\"$1\"\nexec sleep 1000\n");
    grain.exec(
        cpu(4),
        script(
            how + "sh \"$2\" \"$1\" & while ! test -s \"$1\"; do sleep 0.01; done",
            started.toString(),
            daemon.toString()));
    assertThat(Processes.isAlive(Processes.awaitLine(started))).isFalse();
  }

  @Test
  void commandThatClosesItsOutput_endsAsUsual() {
    assertThat(grain.exec(cpu(1), script("exec >&- 2>&-; sleep 0.05")).exitCode()).isZero();
  }

  @Test
  void twoHundredCommandsAtOnce_end() {
    try (GrainExecutor wide =
        GrainExecutor.open(RunOptions.defaults().progress(false).echo(false).local(cpu(200)))) {
      List<CommandResult> results =
          wide.map(
              cpu(1),
              Command.template("sh", "-c", "sleep 0.2; echo {}"),
              IntStream.range(0, 200).boxed().toList());
      assertThat(results)
          .extracting(result -> result.stdout().strip())
          .containsExactlyElementsOf(IntStream.range(0, 200).mapToObj(String::valueOf).toList());
    }
  }

  @Test
  void journal_keepsTheResultOfACommand() throws Exception {
    Path ran = folder.resolve("ran");
    Command command = script("echo ran >>\"$1\"; echo done", ran.toString());
    for (int life = 0; life < 2; life++) {
      RunOptions options =
          RunOptions.defaults().progress(false).echo(false).journal(folder.resolve("journal"));
      try (GrainExecutor again = GrainExecutor.open(options)) {
        assertThat(again.exec(cpu(1), command).stdout()).isEqualTo("done\n");
      }
    }
    assertThat(ran).hasContent("ran");
  }

  @Test
  void bytes_areKeptInInputAndResult() {
    byte[] bytes = "\0\u00ff\n".getBytes(StandardCharsets.ISO_8859_1);
    Command command = script("cat $GRAIN_INPUT_FILE >$GRAIN_RESULT_FILE").input(bytes).withResult();
    assertThat(grain.exec(cpu(1), command).result()).isEqualTo(bytes);
  }
}
