package dev.grain.cli.minion;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command lines of minions and queues, with their variables and files. */
final class CommandsTest {
  @TempDir private Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Map<String, String> variables = new HashMap<>(Map.of("PATH", "/usr/bin:/bin"));

  private int minionize(String... arguments) {
    out.reset();
    err.reset();
    return MinionCommand.run(
        "minionize",
        new PrintStream(out, true, UTF_8),
        new PrintStream(err, true, UTF_8),
        folder,
        variables,
        false,
        arguments);
  }

  private int queue(String... arguments) {
    return queueWith("", arguments);
  }

  private int queueWith(String input, String... arguments) {
    out.reset();
    err.reset();
    return QueueCommand.run(
        new ByteArrayInputStream(input.getBytes(UTF_8)),
        new PrintStream(out, true, UTF_8),
        new PrintStream(err, true, UTF_8),
        folder,
        variables,
        arguments);
  }

  private List<String> lines() {
    return out.toString(UTF_8).lines().toList();
  }

  private String error() {
    return err.toString(UTF_8);
  }

  private void write(String name, String content) throws IOException {
    Files.writeString(folder.resolve(name), content);
  }

  // ---------------------------------------------------------------- as the original

  @Test
  void minionize_asInItsDocument_runsTheCommandForEachItem() {
    assertThat(queue("create", "sweeps", "--range", "0..9")).isZero();
    assertThat(lines()).containsExactly("Created file:%s/sweeps with 10 items.".formatted(folder));
    variables.put("MINION_ENGINE", "execo");
    assertThat(minionize("echo", "hello")).as(error()).isZero();
    assertThat(lines())
        .containsExactly(
            Stream.iterate(0, i -> i + 1).limit(10).map(i -> "hello " + i).toArray(String[]::new));
    assertThat(error()).contains("minion: 10 items done in ");
    assertThat(minionize("echo", "hello")).isZero();
    assertThat(lines()).isEmpty();
  }

  @Test
  void minionize_takesTheCommandsOptions_forTheCommands() {
    queue("create", "sweeps", "--range", "1..1");
    assertThat(minionize("echo", "--help", "-q", "--parallel=x")).isZero();
    assertThat(lines()).containsExactly("--help -q --parallel=x 1");
  }

  @Test
  void reporterJson_writesAFilePerMinion() throws IOException {
    queue("create", "sweeps", "--range", "1..2");
    variables.put("MINION_REPORTER", "json");
    variables.put("REPORTER_JSON_DIRECTORY", "reports/of/today");
    variables.put("OAR_JOB_ID", "1287856");
    assertThat(minionize("echo")).as(error()).isZero();
    try (Stream<Path> files = Files.list(folder.resolve("reports/of/today"))) {
      List<Path> all = files.toList();
      assertThat(all).hasSize(1);
      List<String> events = Files.readAllLines(all.getFirst());
      assertThat(events).hasSize(2);
      assertThat(events.getFirst())
          .matches(
              "\\{\"uid\":\"%s\",\"generation\":1,\"start\":[0-9]+\\.[0-9]{6},\"end\":[0-9.]+,"
                      .formatted(all.getFirst().getFileName())
                  + "\"param\":\"1\",\"error\":null,\"atomic_actions\":\\[\\{\"name\":\"next\",.*"
                  + "\\{\"name\":\"process\",.*\\{\"name\":\"teardown\",.*}],\"nodename\":\".*\".*}");
    }
  }

  @Test
  void engineFile_readsLines_asXargs() throws IOException {
    write("items.txt", "  a  \nb\n");
    variables.put("MINION_ENGINE", "file");
    variables.put("FILE_PATH", "items.txt");
    assertThat(minionize("echo", "-")).as(error()).isZero();
    assertThat(lines()).containsExactly("- a", "- b");
  }

  @Test
  void dry_evenIfEmpty_runsNothing() {
    queue("create", "sweeps", "--range", "1..1");
    variables.put("DRY", "");
    assertThat(minionize("no-such-program")).isZero();
    assertThat(lines()).containsExactly("[dry mode] no-such-program 1");
  }

  @Test
  void executionOfOthers_needsTheirArtifacts_andAllVariables() {
    variables.put("MINION_ENGINE", "pulsar");
    assertThat(minionize("echo")).isEqualTo(2);
    assertThat(error()).contains("PULSAR_TOPIC must be set for MINION_ENGINE=pulsar.");
    variables.put("PULSAR_TOPIC", "t");
    variables.put("PULSAR_SUBSCRIPTION", "s");
    assertThat(minionize("echo")).isEqualTo(1);
    assertThat(error()).contains("needs the artifact dev.grain:grain-pulsar");
    variables.put("MINION_ENGINE", "execoo");
    assertThat(minionize("echo")).isEqualTo(2);
    assertThat(error()).contains("there is no such engine; did you mean execo?");
  }

  // ---------------------------------------------------------------- .env and .minion.yml

  @Test
  void env_isBeneathTheEnvironment_andAboveTheFile() throws IOException {
    queue("create", "one", "--range", "1..1");
    queue("create", "two", "--range", "2..2");
    queue("create", "three", "--range", "3..3");
    write(".minion.yml", "queue: file:three\n");
    write(".env", "export MINION_QUEUE=\"file:${NAME:-two}\" # of this folder\nX='a $b'\n");
    variables.put("MINION_QUEUE", "file:one");
    assertThat(minionize("sh", "-c", "echo $X $1", "sh")).as(error()).isZero();
    assertThat(lines()).containsExactly("a $b 1");
    variables.remove("MINION_QUEUE");
    assertThat(minionize("echo")).isZero();
    assertThat(lines()).containsExactly("2");
    Files.delete(folder.resolve(".env"));
    assertThat(minionize("echo")).isZero();
    assertThat(lines()).containsExactly("3");
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
    write(".env", lines.replace(';', '\n'));
    assertThat(minionize("echo")).isEqualTo(2);
    assertThat(error()).contains(folder.resolve(".env") + ", " + message);
  }

  @Test
  void file_hasTheCommand_andTheRest() throws IOException {
    queue("create", "q", "--sweep", "lr=0.01,0.02");
    write(
        ".minion.yml",
        """
        queue: q
        command: [echo, "lr {lr}"]
        decoder: json
        parallel: 1
        onFailure: nack
        maxDeliveries: 2
        resources: {cpu: 0.5, memory: 64MiB}
        """);
    assertThat(minionize()).as(error()).isZero();
    assertThat(lines()).containsExactly("lr 0.01", "lr 0.02");
  }

  @Test
  void file_withUnknownKey_namesTheNearest() throws IOException {
    write(".minion.yml", "quue: x\n");
    assertThat(minionize("echo")).isEqualTo(2);
    assertThat(error()).contains("the key 'quue' is unknown; did you mean 'queue'?");
  }

  // ---------------------------------------------------------------- mistakes

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--queue=nothing echo|1|There is no queue in",
        "--queue=fil:x echo|1|There is no kind of queue 'fil'; did you mean 'file'? Known are file,",
        "--parallel=0 echo|2|parallel is 0: from 1 to 10000 items",
        "--parallel=x echo|2|--parallel",
        "--on-failure=retry echo|2|--on-failure: 'retry' is not possible; use ack, nack or dead.",
        "--decoder=yaml echo|2|--decoder yaml: there is no such decoder. Use identity or json.",
        "--reporter=jason echo|2|There is no reporter 'jason'; did you mean 'json'?",
        "--retry-delay=soon echo|2|--retry-delay: 'soon' is not a time",
        "--quue=x echo|2|did you mean --queue?",
        "--class=com.acme.Nothing|2|The class com.acme.Nothing was not found",
        "--quiet|2|The command is missing."
      })
  void mistake_isExplained(String line, int code, String message) {
    assertThat(minionize(line.split(" "))).isEqualTo(code);
    assertThat(error()).contains(message);
  }

  // ---------------------------------------------------------------- queues

  @Test
  void create_withSweeps_makesAllCombinations() {
    queue("create", "q", "--sweep", "lr=0.01,0.02", "--sweep", "epochs=5..6", "--sweep", "o=sgd");
    assertThat(minionize("--queue", "q", "echo")).as(error()).isZero();
    assertThat(lines())
        .containsExactly(
            "{\"lr\":0.01,\"epochs\":5,\"o\":\"sgd\"}",
            "{\"lr\":0.01,\"epochs\":6,\"o\":\"sgd\"}",
            "{\"lr\":0.02,\"epochs\":5,\"o\":\"sgd\"}",
            "{\"lr\":0.02,\"epochs\":6,\"o\":\"sgd\"}");
  }

  @Test
  void create_withSubSweeps_exploresThemForTheirLevelOnly() throws IOException {
    write(
        "sweep.json",
        """
        {"a": ["x", "y"], "none": [], "b": {"1": {"c": [0.1, 0.2]}, "2": {"d": [-10, 10]}}}
        """);
    queue("create", "q", "--sweep-file", "sweep.json");
    minionize("--queue", "q", "echo");
    assertThat(lines())
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
  void create_withASample_takesTheSameForTheSameSeed() {
    List<String> first = sampled("a", "3");
    assertThat(first).hasSize(5).doesNotHaveDuplicates();
    assertThat(sampled("b", "3")).isEqualTo(first);
    assertThat(sampled("c", "4")).isNotEqualTo(first);
  }

  private List<String> sampled(String name, String seed) {
    queue(
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
    minionize("--queue", name, "echo");
    return lines();
  }

  @Test
  void create_withProgressions_hasExactEnds() {
    queue("create", "q", "--sweep", "x=geom(0.001,1,4)", "--sweep", "n=igeom(1,4,5)");
    minionize("--queue", "q", "--decoder", "json", "echo", "{x}", "{n}");
    assertThat(lines()).startsWith("0.001 1", "0.001 2", "0.001 3", "0.001 4").endsWith("1.0 4");
  }

  @Test
  void fill_readsLinesOrJson() throws IOException {
    queue("create", "q");
    queueWith("a\nb c\r\n\nlast", "fill", "q");
    assertThat(lines()).containsExactly("Added 4 items to file:%s/q.".formatted(folder));
    write("items.json", "[{\"a\": 1}, \"x\", 2, [3]]\n{\"b\": null}");
    assertThat(queue("fill", "q", "--json", "items.json")).as(error()).isZero();
    minionize("--queue", "q", "printf", "<%s>");
    assertThat(out.toString(UTF_8))
        .isEqualTo("<a><b c><><last><{\"a\":1}><\"x\"><2><[3]><{\"b\":null}>");
  }

  @Test
  void fill_withBrokenJson_namesTheLine() throws IOException {
    queue("create", "q");
    write("items.json", "1\n{\"a\": }");
    assertThat(queue("fill", "q", "--json", "items.json")).isEqualTo(2);
    assertThat(error()).contains("items.json is not JSON in line 2: ");
  }

  @Test
  void statDeadRequeuePurge_showAndChangeAQueue() {
    queue("create", "q", "--range", "1..3");
    assertThat(minionize("--queue=q", "--on-failure=dead", "test", "2", "-ne"))
        .as(error())
        .isZero();
    assertThat(queue("stat", "q", "--json")).isZero();
    assertThat(lines())
        .containsExactly("{\"ready\":0,\"in_flight\":0,\"done\":2,\"dead\":1,\"minions\":0}");
    queue("dead", "q");
    assertThat(lines()).containsExactly("2 (1 delivery): \"test 2 -ne {}\" exited with code 1");
    assertThat(queue("purge", "q")).isEqualTo(2);
    assertThat(error())
        .contains("has 1 item that is not done. Remove it all the same with --force.");
    queue("requeue", "q");
    assertThat(lines()).containsExactly("Requeued 1 item.");
    queue("stat", "q");
    assertThat(lines()).contains("ready       1", "dead        0");
    assertThat(queue("purge", "q", "--force")).isZero();
    assertThat(folder.resolve("q")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "create q --range 9..0|2|--range: 9..0 has no numbers; the smaller one comes first.",
        "create q --range x|2|--range: 'x' is not A..B, such as 0..9 or 0..100:10.",
        "create q --range 0..9 --sweep a=1|2|--range and --sweep exclude each other.",
        "create q --lines no|2|The file no does not exist, or cannot be read.",
        "create q --sweep a|2|--sweep: 'a' is not NAME=VALUE,...",
        "fill q --range 0..1|1|There is no queue in",
        "fil q|2|did you mean fill?",
        "stat|2|Missing required parameter"
      })
  void mistakeOfQueue_isExplained(String line, int code, String message) {
    assertThat(queue(line.split(" "))).isEqualTo(code);
    assertThat(error()).contains(message);
  }
}
