package dev.grain.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Enforce;
import dev.grain.node.confine.EnforcementSettings;
import dev.grain.resource.internal.Offer;
import dev.grain.wire.Address;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** The flags of a worker in a file. */
final class WorkerConfigTest {
  private static final long GIB = 1L << 30;

  private static final Host HOST =
      new Host(
          "n1",
          Path.of("/home/ada"),
          Map.of(),
          Offer.EMPTY.withCores(0, 1, 2, 3).withMemory(10 * GIB),
          9 * GIB,
          true,
          Instant.parse("2026-03-01T12:00:00Z"));

  @TempDir private Path folder;

  private final List<WorkerOptions> started = new ArrayList<>();
  private final StringWriter err = new StringWriter();

  private Path file(String contents) throws IOException {
    return Files.writeString(folder.resolve("worker.yaml"), contents);
  }

  private CommandLine command() {
    return WorkerCommand.commandLine(
        () -> HOST,
        options -> {
          started.add(options);
          return 0;
        });
  }

  private int execute(String contents, String... flags) throws IOException {
    List<String> line = new ArrayList<>(List.of(flags));
    line.addAll(List.of("--config", file(contents).toString()));
    return command().setErr(new PrintWriter(err, true)).execute(line.toArray(String[]::new));
  }

  private WorkerOptions options(String contents, String... flags) throws IOException {
    assertThat(execute(contents, flags)).as(err.toString()).isZero();
    return started.getLast();
  }

  private String mistake(String contents, String... flags) throws IOException {
    assertThat(execute(contents, flags)).isEqualTo(ExitCode.USAGE.number());
    assertThat(started).isEmpty();
    return err.toString()
        .lines()
        .findFirst()
        .orElseThrow()
        .replace(folder.resolve("worker.yaml").toString(), "FILE");
  }

  @Test
  void file_withEachKey_saysWhatTheFlagsSay() throws IOException {
    WorkerOptions options =
        options(
            """
            # of the machines in room 3
            port: 0
            host: node7
            head: [h1:1, "h2:2"]
            cpus: 2
            memory: 1GiB
            resource:
              X: 1.5
              Y: 2
            name: a.b
            cache-dir: c
            cache-size: 1MiB
            once: true
            insecure: false
            drain: 5m
            grace: 2m
            until: 2026-03-01T18:30Z
            enforce: off
            pin: true
            log-level: warn
            log-file: /var/log/grain.log
            check: true
            """);
    assertThat(options)
        .isEqualTo(
            new WorkerOptions(
                "node7",
                0,
                List.of(new Address("h1", 1), new Address("h2", 2)),
                Offer.EMPTY
                    .withCores(0, 1)
                    .withMemory(GIB)
                    .withCustom("X", 15_000)
                    .withCustom("Y", 20_000),
                "a.b",
                null,
                false,
                Path.of("c"),
                1L << 20,
                true,
                Duration.ofMinutes(5),
                Duration.ofMinutes(2),
                Instant.parse("2026-03-01T18:30:00Z"),
                EnforcementSettings.of(Enforce.OFF),
                true,
                new LogOptions(LogOptions.Threshold.WARN, Path.of("/var/log/grain.log")),
                true));
  }

  @Test
  void flag_onTheCommandLine_winsOverTheFile() throws IOException {
    WorkerOptions options =
        options("port: 1\ncpus: 2\nhead: [h1:1, h2:2]\n", "--port=7", "--head", "h3:3");
    assertThat(options.port()).isEqualTo(7);
    assertThat(options.heads()).containsExactly(new Address("h3", 3));
    assertThat(options.offer().cores()).hasSize(2);
  }

  @Test
  void file_withListOfTexts_givesTheFlagSeveralTimes() throws IOException {
    assertThat(options("resource: [X=1, Y=2]").offer().customs()).containsOnlyKeys("X", "Y");
    assertThat(options("resource: X=1").offer().customs()).containsOnlyKeys("X");
  }

  private List<String> ids(String config, String kind) throws IOException {
    return Objects.requireNonNull(options(config).offer().ids().get(kind)).list();
  }

  @Test
  void file_withIds_offersUnits() throws IOException {
    assertThat(ids("resource: PORT=8000-8002", "PORT")).containsExactly("8000", "8001", "8002");
    assertThat(ids("resource: ['CAMERA=left,right', X=1]", "CAMERA"))
        .containsExactly("left", "right");
  }

  @Test
  void file_thatIsEmpty_saysNothing() throws IOException {
    assertThat(options("").port()).isEqualTo(WorkerOptions.DEFAULT_PORT);
    assertThat(options("# nothing yet\n").port()).isEqualTo(WorkerOptions.DEFAULT_PORT);
    assertThat(options("---\n").port()).isEqualTo(WorkerOptions.DEFAULT_PORT);
  }

  @Test
  void everyFlag_isAKey_unlessItMakesNoSenseInAFile() throws IOException {
    for (OptionSpec option : command().getCommandSpec().options()) {
      String key = option.longestName().substring("--".length());
      err.getBuffer().setLength(0);
      execute(key + ": x\n");
      assertThat(err.toString().contains("is not a key"))
          .as(key)
          .isEqualTo(Set.of("config", "help", "version").contains(key));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          cpu: 2           | --config FILE, line 1: 'cpu' is not a key; did you mean cpus?
          zebra: 2         | --config FILE, line 1: 'zebra' is not a key; the keys are the names of flags
          config: x        | --config FILE, line 1: 'config' is not a key; the keys are the names of flags
          port: abc        | --config FILE: Invalid value for option '--port': 'abc' is not a port; use 1 to 65535, or 0 for any free one
          'port: 1\\ncpus: 1.5' | --config FILE: Invalid value for option '--cpus': '1.5' is not an int
          port: [1, 2]     | --config FILE, line 1: 'port' takes one value
          once: yes        | --config FILE, line 1: 'once' is true or false
          once: "true"     | --config FILE, line 1: 'once' is true or false
          head: {h: 1}     | --config FILE, line 1: 'head' takes a value or a list of values
          'name: a\\nport:' | --config FILE, line 2: 'port' has no value; give it one, or remove it
          head: []         | --config FILE, line 1: 'head' is an empty list; give it a value, or remove it
          resource: {}     | --config FILE, line 1: 'resource' is empty; give it a value, or remove it
          resource: {X: [1]} | --config FILE, line 1: 'resource.X' is nested too deeply
          'port: 1\\nname: a\\nport: 2' | --config FILE, line 3: 'port' is already set in line 1; remove one of them
          4242             | --config FILE, line 1: write keys and values, such as port: 4242
          'port: 1\\n---\\nport: 2' | --config FILE, line 3: a second document starts here; remove it
          memory: 1MiB     | --memory: 1 MiB is less than a worker needs; offer at least 8 MiB.
          """)
  void mistake_inTheFile_isNamedWithItsLine(String contents, String message) throws IOException {
    assertThat(mistake(contents.replace("\\n", "\n"))).isEqualTo("grain-worker: " + message);
  }

  @Test
  void file_thatIsNoYaml_isNamedWithTheLine() throws IOException {
    assertThat(mistake("port: 1\nname: [a\n"))
        .startsWith("grain-worker: --config FILE, line 2,")
        .endsWith(
            " is not YAML: while parsing a flow sequence, expected ',' or ']', but got <stream end>");
  }

  @Test
  void file_thatCannotBeRead_isNamed() throws IOException {
    assertThat(command().setErr(new PrintWriter(err, true)).execute("--config", "none.yaml"))
        .isEqualTo(ExitCode.USAGE.number());
    assertThat(err.toString())
        .startsWith("grain-worker: --config none.yaml cannot be read: there is no such file");
  }

  @Test
  void help_besideAConfig_needsNoFile() {
    StringWriter out = new StringWriter();
    CommandLine command = command().setOut(new PrintWriter(out, true));
    assertThat(command.execute("--config", "none.yaml", "--help")).isZero();
    assertThat(out.toString()).contains("--config", "--log-level", "--log-file");
  }

  @Test
  void heap_followsTheMemoryOfTheFile_unlessAFlagSaysMore() throws IOException {
    String file = file("memory: 10GiB\n").toString();
    assertThat(HeapSize.of(new String[] {"--config", file}, 100 * GIB)).isEqualTo(11 * GIB);
    assertThat(HeapSize.of(new String[] {"--config=" + file, "--memory", "20GiB"}, 100 * GIB))
        .isEqualTo(22 * GIB);
    assertThat(HeapSize.of(new String[] {"--config", "none.yaml"}, 100 * GIB))
        .isEqualTo(HeapSize.of(new String[0], 100 * GIB));
  }
}
