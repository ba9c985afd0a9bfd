package dev.grain.cli.minion;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/** The command lines of minions and queues, with their variables and files. */
final class CommandsTest {
  @TempDir private Path folder;

  private CommandsHere here;

  @BeforeEach
  void start() {
    here = new CommandsHere(folder);
  }

  // ---------------------------------------------------------------- as the original

  @Test
  void minionize_asInItsDocument_runsTheCommandForEachItem() {
    assertThat(here.queue("create", "sweeps", "--range", "0..9")).isZero();
    assertThat(here.lines())
        .containsExactly("Created file:%s/sweeps with 10 items.".formatted(folder));
    here.variables.put("MINION_ENGINE", "execo");
    assertThat(here.minionize("echo", "hello")).as(here.error()).isZero();
    assertThat(here.lines())
        .containsExactly(
            Stream.iterate(0, i -> i + 1).limit(10).map(i -> "hello " + i).toArray(String[]::new));
    assertThat(here.error()).contains("minion: 10 items done in ");
    assertThat(here.minionize("echo", "hello")).isZero();
    assertThat(here.lines()).isEmpty();
  }

  @Test
  void minionize_takesTheCommandsOptions_forTheCommands() {
    here.queue("create", "sweeps", "--range", "1..1");
    assertThat(here.minionize("echo", "--help", "-q", "--parallel=x")).isZero();
    assertThat(here.lines()).containsExactly("--help -q --parallel=x 1");
  }

  @Test
  void reporterJson_writesAFilePerMinion() throws IOException {
    here.queue("create", "sweeps", "--range", "1..2");
    here.variables.put("MINION_REPORTER", "json");
    here.variables.put("REPORTER_JSON_DIRECTORY", "reports/of/today");
    here.write(".env", "OAR_JOB_ID=1287856\n");
    assertThat(here.minionize("echo")).as(here.error()).isZero();
    try (Stream<Path> files = Files.list(folder.resolve("reports/of/today"))) {
      List<Path> all = files.filter(Files::isRegularFile).toList();
      assertThat(all).hasSize(1);
      List<String> events = Files.readAllLines(all.getFirst());
      assertThat(events).hasSize(2);
      assertThat(events.getFirst())
          .matches(
              "\\{\"uid\":\"%s\",\"generation\":1,\"start\":[0-9]+\\.[0-9]{6},\"end\":[0-9.]+,"
                      .formatted(all.getFirst().getFileName())
                  + "\"param\":\"1\",\"error\":null,\"atomic_actions\":\\[\\{\"name\":\"next\",.*"
                  + "\\{\"name\":\"process\",.*\\{\"name\":\"teardown\",.*}],\"nodename\":\".*\","
                  + "\"oar_job_id\":\"1287856\"}");
    }
  }

  @Test
  void shell_joinsTheWords_asTheOriginal() throws IOException {
    here.write("x/a.out", "echo $1 $2\n");
    here.queueWith("1 2\n$X; echo 3\n", "create", "sweeps", "--lines", "-");
    here.write(".env", "X='4 5'\n");
    String line = "cd %s/x && sh ./a.out".formatted(folder);
    assertThat(here.minionize("--shell", line)).as(here.error()).isZero();
    assertThat(here.lines()).containsExactly("1 2", "4 5", "3");
  }

  @Test
  void workingDir_isThatOfTheCommand() throws IOException {
    here.write("sub/run", "#!/bin/sh\necho found $1\n");
    assertThat(folder.resolve("sub/run").toFile().setExecutable(true)).isTrue();
    here.queue("create", "sweeps", "--range", "1..1");
    assertThat(here.minionize("--wd", folder.resolve("sub").toString(), "./run"))
        .as(here.error())
        .isZero();
    assertThat(here.lines()).containsExactly("found 1");
  }

  @Test
  void variables_ofTheCommandLine_areAboveThoseOfTheFile() throws IOException {
    here.write(".env", "A=1\nB=2\n");
    here.queue("create", "sweeps", "--range", "1..1");
    assertThat(here.minionize("--env", "B={} 3", "--env=C=4", "sh", "-c", "echo $A $B $C"))
        .as(here.error())
        .isZero();
    assertThat(here.lines()).containsExactly("1 {} 3 4");
  }

  @Test
  void persistenceDir_isTheQueue_alsoOfTheUsualEngine() {
    here.queue("create", "other", "--range", "7..7");
    here.variables.put("EXECO_PERSISTENCE_DIR", "other");
    assertThat(here.minionize("echo")).as(here.error()).isZero();
    assertThat(here.lines()).containsExactly("7");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "PULSAR_CONNECTION=pulsar://h:1/ PULSAR_TOPIC=persistent://a/b/c PULSAR_SUBSCRIPTION=x&y"
            + "|pulsar|pulsar://h:1/persistent://a/b/c?subscription=x%26y",
        "PULSAR_TOPIC=t PULSAR_SUBSCRIPTION=s|pulsar|pulsar://localhost:6650/t?subscription=s",
        "GOOGLE_PROJECT_ID=p GOOGLE_TOPIC_ID=t GOOGLE_SUBSCRIPTIOn=s|google|pubsub:p/s?topic=t",
        "GOOGLE_PROJECT_ID=p GOOGLE_TOPIC_ID=t GOOGLE_SUBSCRIPTION=s|google|pubsub:p/s?topic=t",
        "FILE_PATH=/a/b|file|lines:/a/b",
        "A=|file|lines:-",
        "A=|execo|file:sweeps"
      })
  void variables_nameTheQueue(String set, String engine, String address) {
    here.variables.put("MINION_ENGINE", engine);
    for (String each : set.split(" ", -1)) {
      here.variables.put(
          each.substring(0, each.indexOf('=')), each.substring(each.indexOf('=') + 1));
    }
    assertThat(MinionVariables.in(folder, here.variables).queue()).isEqualTo(address);
  }

  @Test
  void parameters_areOneArgument_whateverTheyHave() {
    List<String> items = List.of("", " ", "a  b ", "it's \"$HOME\"", "a\nb\n", "{} {x} *", "größe");
    JsonMapper json = new JsonMapper();
    here.queueWith(json.writeValueAsString(items), "create", "sweeps", "--json", "-");
    here.variables.put("MINION_DECODER", "json");
    assertThat(here.minionize("printf", "<%s>")).as(here.error()).isZero();
    assertThat(here.out()).isEqualTo("<" + String.join("><", items) + ">");
  }

  @Test
  void parameters_thatNoArgumentCanHave_areDeadLetters_orFiles() {
    String large = "x".repeat(1 << 20);
    here.queueWith(large + "\na\0b\nlast\n", "create", "sweeps", "--lines", "-");
    assertThat(here.minionize("printf", "<%s>")).isZero();
    assertThat(here.out()).isEqualTo("<last>");
    assertThat(here.error())
        .contains("it has 1048576 bytes, and an argument of a program can have 131071.")
        .contains("it contains a NUL character")
        .contains("Use --input-file")
        .contains("1 item done, 2 dead in ");
    here.queue("requeue", "sweeps");
    assertThat(here.minionize("--input-file", "sh", "-c", "wc -c < $GRAIN_INPUT_FILE"))
        .as(here.error())
        .isZero();
    assertThat(here.lines()).map(String::strip).containsExactlyInAnyOrder("1048576", "3");
  }

  @Test
  void itemThatLacksAPart_isADeadLetter_thatNamesIt() throws IOException {
    here.queue("create", "sweeps", "--sweep", "lr=0.1");
    String[] command = {"--decoder=json", "echo", "{lx}", "{{lx}}", "${lx}", "{cpu.count}"};
    here.write(".env", "A=1\n");
    here.variables.put("DRY", "1");
    assertThat(here.minionize(command)).isZero();
    assertThat(here.lines()).isEmpty();
    String message = "The item has no 'lx', which the command uses; did you mean {lr}?";
    assertThat(here.error()).contains(message).contains("0 items done, 1 failed in");
    here.variables.remove("DRY");
    here.queue("fill", "sweeps", "--sweep", "lr=0.1");
    assertThat(here.minionize(command)).isZero();
    here.queue("dead", "sweeps");
    assertThat(here.lines()).singleElement().asString().contains(message);
    here.queue("requeue", "sweeps");
    command[2] = "{lr}";
    assertThat(here.minionize(command)).as(here.error()).isZero();
    assertThat(here.lines()).containsExactly("0.1 {lx} ${lx} 1");
  }

  @Test
  void engineFile_readsLines_asXargs() throws IOException {
    here.write("items.txt", "  a  \nb\n");
    here.variables.put("MINION_ENGINE", "file");
    here.variables.put("FILE_PATH", "items.txt");
    assertThat(here.minionize("echo", "-")).as(here.error()).isZero();
    assertThat(here.lines()).containsExactly("- a", "- b");
  }

  @Test
  void dry_evenIfEmpty_runsNothing() {
    here.queue("create", "sweeps", "--range", "1..1");
    here.variables.put("DRY", "");
    assertThat(here.minionize("no-such-program")).isZero();
    assertThat(here.lines()).containsExactly("[dry mode] no-such-program 1");
  }

  @Test
  void executionOfOthers_needsTheirArtifacts_andAllVariables() {
    here.variables.put("MINION_ENGINE", "pulsar");
    assertThat(here.minionize("echo")).isEqualTo(2);
    assertThat(here.error()).contains("PULSAR_TOPIC must be set for MINION_ENGINE=pulsar.");
    here.variables.put("PULSAR_TOPIC", "t");
    here.variables.put("PULSAR_SUBSCRIPTION", "s");
    assertThat(here.minionize("echo")).isEqualTo(1);
    assertThat(here.error()).contains("needs the artifact dev.grain:grain-pulsar");
    here.variables.put("MINION_ENGINE", "execoo");
    assertThat(here.minionize("echo")).isEqualTo(2);
    assertThat(here.error()).contains("there is no such engine; did you mean execo?");
  }

  // ---------------------------------------------------------------- .env

  @Test
  void env_isBeneathTheEnvironment_andAboveTheFile() throws IOException {
    here.queue("create", "one", "--range", "1..1");
    here.queue("create", "two", "--range", "2..2");
    here.queue("create", "three", "--range", "3..3");
    here.write(".minion.yml", "queue: file:three\n");
    here.write(".env", "export MINION_QUEUE=\"file:${NAME:-two}\" # of this folder\nX='a $b'\n");
    here.variables.put("MINION_QUEUE", "file:one");
    assertThat(here.minionize("sh", "-c", "echo $X $1", "sh")).as(here.error()).isZero();
    assertThat(here.lines()).containsExactly("a $b 1");
    here.variables.remove("MINION_QUEUE");
    assertThat(here.minionize("echo")).isZero();
    assertThat(here.lines()).containsExactly("2");
    Files.delete(folder.resolve(".env"));
    assertThat(here.minionize("echo")).isZero();
    assertThat(here.lines()).containsExactly("3");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "A=1;B C|line 2: 'B C' is not NAME=VALUE.",
        "A=\"x|line 1: the value of the line has no closing \".",
        "#;A='x' y|line 2: 'y' follows the closing '."
      })
  void env_withAnError_namesTheLine(String lines, String message) throws IOException {
    here.write(".env", lines.replace(';', '\n'));
    assertThat(here.minionize("echo")).isEqualTo(2);
    assertThat(here.error()).contains(folder.resolve(".env") + ", " + message);
  }

  // ---------------------------------------------------------------- mistakes

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--queue=nothing echo|1|There is no queue in",
        "--queue=fil:x echo|1|There is no kind of queue 'fil'; did you mean 'file'? Known are file,",
        "--parallel=0 echo|2|parallel is 0: from 1 to 10000 items",
        "--parallel=x echo|2|'--parallel': 'x' is not a whole number",
        "--parallel|2|Missing required parameter for option '--parallel'",
        "--image=Bad:::x echo|2|--image: ",
        "--cpus=all echo|2|'--cpus': 'all' is not a number, such as 4 or 0.5",
        "--cpus=1000000 echo|2|An item requests cpu(1000000), but this machine offers",
        "--memory=lots echo|2|lots",
        "--image=a --local-image=b echo|2|--image and --local-image exclude each other",
        "--mount=/a echo|2|--mount needs --image, which is missing.",
        "--path=a echo|2|--path needs --git, which is missing.",
        "--env=nothing echo|2|--env: 'nothing' is not NAME=VALUE, nor a file that defines an",
        "--shell=no-such-shell echo|2|The program 'no-such-shell' was not found",
        "cd&&ls|2|was not found, or cannot be executed. A line for a shell needs --shell.",
        "--on-failure=retry echo|2|'--on-failure': 'retry' is not possible; use ack, nack or dead",
        "--decoder=yaml echo|2|--decoder yaml: there is no such decoder. Use identity or json.",
        "--reporter=jason echo|2|--reporter jason: there is no such reporter; did you mean json?",
        "--retry-delay=soon echo|2|'--retry-delay': 'soon' is not a time",
        "--quue=x echo|2|did you mean --queue?",
        "--gpus=99 echo|2|An item requests cpu(1) and gpu(99), but this machine offers cpu(",
        "--max-deliveries=0 echo|2|maxDeliveries is 0. It must be at least 1.",
        "--lease=0s echo|2|--lease is 0. Give it a time such as 30s, or remove it.",
        "--queue=file: echo|2|'file:' is not the address of a queue. Write the kind, a colon and the",
        "--class=com.acme.Nothing|2|The class com.acme.Nothing was not found",
        "--quiet|2|The command is missing."
      })
  void mistake_isExplained(String line, int code, String message) {
    assertThat(here.minionize(line.split(" "))).isEqualTo(code);
    assertThat(here.error()).contains(message);
  }

  // ---------------------------------------------------------------- queues

  @Test
  void create_withSweeps_makesAllCombinations() {
    here.queue(
        "create", "q", "--sweep", "lr=0.01,0.02", "--sweep", "epochs=5..6", "--sweep", "o=sgd");
    assertThat(here.minionize("--queue", "q", "echo")).as(here.error()).isZero();
    assertThat(here.lines())
        .containsExactly(
            "{\"lr\":0.01,\"epochs\":5,\"o\":\"sgd\"}",
            "{\"lr\":0.01,\"epochs\":6,\"o\":\"sgd\"}",
            "{\"lr\":0.02,\"epochs\":5,\"o\":\"sgd\"}",
            "{\"lr\":0.02,\"epochs\":6,\"o\":\"sgd\"}");
  }

  @Test
  void create_withSubSweeps_exploresThemForTheirLevelOnly() throws IOException {
    here.write(
        "sweep.json",
        """
        {"a": ["x", "y"], "none": [], "b": {"1": {"c": [0.1, 0.2]}, "2": {"d": [-10, 10]}}}
        """);
    here.queue("create", "q", "--sweep-file", "sweep.json");
    here.minionize("--queue", "q", "echo");
    assertThat(here.lines())
        .containsExactly(
            "{\"a\":\"x\",\"b\":1,\"c\":0.1}",
            "{\"a\":\"x\",\"b\":1,\"c\":0.2}",
            "{\"a\":\"x\",\"b\":2,\"d\":-10}",
            "{\"a\":\"x\",\"b\":2,\"d\":10}",
            "{\"a\":\"y\",\"b\":1,\"c\":0.1}",
            "{\"a\":\"y\",\"b\":1,\"c\":0.2}",
            "{\"a\":\"y\",\"b\":2,\"d\":-10}",
            "{\"a\":\"y\",\"b\":2,\"d\":10}");
  }

  @Test
  void create_withASweepFile_readsYaml() throws IOException {
    here.write("sweep.yaml", "# of today\nlr: [0.1, yes]\nb:\n  1: {c: [x, y]}\n  2:\n");
    assertThat(here.queue("create", "q", "--sweep-file", "sweep.yaml")).as(here.error()).isZero();
    here.minionize("--queue", "q", "echo");
    assertThat(here.lines())
        .containsExactly(
            "{\"lr\":0.1,\"b\":1,\"c\":\"x\"}",
            "{\"lr\":0.1,\"b\":1,\"c\":\"y\"}",
            "{\"lr\":0.1,\"b\":2}",
            "{\"lr\":\"yes\",\"b\":1,\"c\":\"x\"}",
            "{\"lr\":\"yes\",\"b\":1,\"c\":\"y\"}",
            "{\"lr\":\"yes\",\"b\":2}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a: [1;b: 2|sweep.yaml, line 2: ",
        "a: 1|has 1 for 'a'. Write a list of values, such as [1, 2].",
        "a: {1: 2}|has 2 where names with lists of values belong, such as lr: [1, 2].",
        "[1]|has [1] where names with lists of values belong",
        "#|has nothing where names with lists of values belong",
        "a: [1];a: [2]|sweep.yaml, line 2: "
      })
  void create_withAWrongSweepFile_namesIt(String lines, String message) throws IOException {
    here.write("sweep.yaml", lines.replace(';', '\n'));
    assertThat(here.queue("create", "q", "--sweep-file", "sweep.yaml")).isEqualTo(2);
    assertThat(here.error())
        .startsWith("grain queue create: --sweep-file: " + folder.resolve("sweep.yaml"))
        .contains(message);
    assertThat(folder.resolve("q")).doesNotExist();
  }

  @Test
  void create_withASample_takesTheSameForTheSameSeed() {
    List<String> first = sampled("a", "3");
    assertThat(first).hasSize(5).doesNotHaveDuplicates();
    assertThat(sampled("b", "3")).isEqualTo(first);
    assertThat(sampled("c", "4")).isNotEqualTo(first);
  }

  private List<String> sampled(String name, String seed) {
    here.queue(
        "create",
        name,
        "--sweep",
        "x=0..999",
        "--sweep",
        "y=0..999",
        "--sample",
        "5",
        "--seed",
        seed);
    here.minionize("--queue", name, "echo");
    return here.lines();
  }

  @Test
  void create_withProgressions_hasExactEnds() {
    here.queue("create", "q", "--sweep", "x=geom(0.001,1,4)", "--sweep", "n=igeom(1,4,5)");
    here.minionize("--queue", "q", "--decoder", "json", "echo", "{x}", "{n}");
    assertThat(here.lines())
        .startsWith("0.001 1", "0.001 2", "0.001 3", "0.001 4")
        .endsWith("1.0 4");
  }

  @Test
  void fill_readsLinesOrJson() throws IOException {
    here.queue("create", "q");
    here.queueWith("a\nb c\r\n\nlast", "fill", "q");
    assertThat(here.lines()).containsExactly("Added 4 items to file:%s/q.".formatted(folder));
    here.write("items.json", "[{\"a\": 1}, \"x\", 2, [3]]\n{\"b\": null}");
    assertThat(here.queue("fill", "q", "--json", "items.json")).as(here.error()).isZero();
    here.minionize("--queue", "q", "printf", "<%s>");
    assertThat(here.out()).isEqualTo("<a><b c><><last><{\"a\":1}><\"x\"><2><[3]><{\"b\":null}>");
  }

  @Test
  void fill_withBrokenJson_namesTheLine_andTheItemsBefore() throws IOException {
    here.queue("create", "q");
    here.write("items.json", "1\n{\"a\": }");
    assertThat(here.queue("fill", "q", "--json", "items.json")).isEqualTo(2);
    assertThat(here.error())
        .startsWith(
            "grain queue fill: The JSON of items.json is wrong in line 2: Unexpected character")
        .contains(" The queue may have the 1 item before it already; 'grain queue stat' tells.");
    here.write("items.json", "{\"a\": }");
    assertThat(here.queue("fill", "q", "--json", "items.json")).isEqualTo(2);
    assertThat(here.error()).contains("in line 1: ").doesNotContain("may have");
  }

  @Test
  void fill_whoseInputFails_namesTheItemsBefore() {
    here.queue("create", "q");
    InputStream failing =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("the disk is gone");
          }

          @Override
          public int read(byte[] bytes, int offset, int length) throws IOException {
            return read();
          }
        };
    InputStream input =
        new SequenceInputStream(new ByteArrayInputStream("a\nb\n".getBytes(UTF_8)), failing);
    assertThat(here.queueWith(input, "fill", "q")).isEqualTo(1);
    assertThat(here.error())
        .isEqualTo(
            "grain queue fill: Reading standard input failed: the disk is gone. The queue may have"
                + " the 2 items before it already; 'grain queue stat' tells.\n");
  }

  @Test
  void help_ofEachCommand_describesTheQueue() {
    for (String command : List.of("create", "fill", "stat", "dead", "requeue", "purge")) {
      assertThat(here.queue(command, "--help")).isZero();
      assertThat(here.out()).contains("The queue, such as ").contains("Print this text.");
    }
    assertThat(here.queue()).isEqualTo(2);
    assertThat(here.error())
        .contains("the command is missing; use one of create, dead, fill, purge, requeue, stat");
  }

  @Test
  void statDeadRequeuePurge_showAndChangeAQueue() {
    here.queue("create", "q", "--range", "1..3");
    assertThat(here.minionize("--queue=q", "--on-failure=dead", "test", "2", "-ne"))
        .as(here.error())
        .isZero();
    assertThat(here.queue("stat", "q", "--json")).isZero();
    assertThat(here.lines())
        .containsExactly("{\"ready\":0,\"in_flight\":0,\"done\":2,\"dead\":1,\"minions\":0}");
    here.queue("dead", "q");
    assertThat(here.lines())
        .containsExactly("2 (1 delivery): \"test 2 -ne {}\" exited with code 1");
    assertThat(here.queue("purge", "q")).isEqualTo(2);
    assertThat(here.error())
        .contains("has 1 item that is not done. Remove it all the same with --force.");
    here.queue("requeue", "q");
    assertThat(here.lines()).containsExactly("Requeued 1 item.");
    here.queue("stat", "q");
    assertThat(here.lines()).contains("ready       1", "dead        0");
    assertThat(here.queue("purge", "q", "--force")).isZero();
    assertThat(folder.resolve("q")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "create q --range x|2|--range: 'x' is not A..B, such as 0..9 or 0..100:10.",
        "create q --range 0..9 --sweep a=1|2|--range and --sweep exclude each other.",
        "create q --lines no|2|The file no does not exist, or cannot be read.",
        "create q --sweep a|2|--sweep: 'a' is not NAME=VALUE,...",
        "fill q --range 0..1|1|There is no queue in",
        "fil q|2|did you mean fill?",
        "stat|2|Missing required parameter",
        "nosuch|2|there is no command 'nosuch'; use one of create, dead, fill, purge, requeue, stat",
        "stat q extra|2|there is an argument too many, 'extra'",
        "create q --rnage 0..1|2|Unknown option: '--rnage'; did you mean --range?",
        "create q --sample 2|2|--sample needs items to choose from.",
        "create q --range 0..9 --sample 0|2|--sample is 0. Take at least 1 item.",
        "create q --lines f --sample 2|2|--sample cannot be used with --lines or --json",
        "create q --sweep-file no|2|/no cannot be read: java.nio.file.NoSuchFileException: "
      })
  void mistakeOfQueue_isExplained(String line, int code, String message) {
    assertThat(here.queue(line.split(" "))).isEqualTo(code);
    assertThat(here.error()).contains(message);
  }
}
