package dev.grain.cli.minion;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Minions that find their settings in {@code .minion.yml}. */
final class MinionFileTest {
  @TempDir private Path folder;

  private CommandsHere here;

  @BeforeEach
  void start() {
    here = new CommandsHere(folder);
  }

  @Test
  void file_hasTheCommand_andTheRest() throws IOException {
    here.queue("create", "q", "--sweep", "lr=0.01,0.02");
    here.write(
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
    assertThat(here.minionize()).as(here.error()).isZero();
    assertThat(here.lines()).containsExactly("lr 0.01", "lr 0.02");
  }

  @Test
  void shell_isALine_unlessTheCommandLineHasACommand() throws IOException {
    here.queue("create", "q", "--range", "1..2");
    here.write(".minion.yml", "queue: q\nshell: 'cd / && printf \"%s %s;\" $PWD'\n");
    assertThat(here.minionize()).as(here.error()).isZero();
    assertThat(here.out()).isEqualTo("/ 1;/ 2;");
    here.queue("fill", "q", "--range", "3..3");
    assertThat(here.minionize("echo", "$PWD")).as(here.error()).isZero();
    assertThat(here.lines()).containsExactly("$PWD 3");
  }

  @Test
  void commandLine_isAboveVariables_andThoseAboveTheFile() throws IOException {
    here.queue("create", "a", "--json", "-");
    here.write(
        ".minion.yml",
        """
        queue: a
        decoder: json
        command: printf <%s>
        reporter: jason
        environment: {A: 1, B: 2}
        mounts: []
        timeLimit: 1h
        follow: false
        """);
    here.queueWith("\"x\"", "fill", "a", "--json", "-");
    here.variables.put("MINION_REPORTER", "null");
    assertThat(here.minionize()).as(here.error()).isZero();
    assertThat(here.out()).isEqualTo("<x>");
    here.queueWith("\"x\"", "fill", "a", "--json", "-");
    here.variables.put("MINION_DECODER", "identity");
    assertThat(here.minionize()).as(here.error()).isZero();
    assertThat(here.out()).isEqualTo("<\"x\">");
    here.queueWith("\"x\"", "fill", "a", "--json", "-");
    assertThat(here.minionize("--decoder=json", "--env=A=3", "sh", "-c", "echo $A $B"))
        .as(here.error())
        .isZero();
    assertThat(here.lines()).containsExactly("3");
  }

  @Test
  void image_ofTheCommandLine_isInThePlaceOfTheOther() throws IOException {
    here.queue("create", "sweeps", "--range", "1..1");
    here.write(".minion.yml", "image: a\n");
    assertThat(here.minionize("--local-image=b", "--dry-run", "echo")).as(here.error()).isZero();
    assertThat(here.lines()).containsExactly("[dry mode] echo 1");
  }

  @Test
  void reporter_writes_whereOthersFindIt() throws IOException {
    here.queue("create", "q", "--range", "1..1");
    here.write(".minion.yml", "queue: q\ncommand: echo\nreporter: json\nreporterFolder: reports\n");
    assertThat(here.minionize()).as(here.error()).isZero();
    ReporterSetting found = ReporterSetting.in(folder, here.variables);
    assertThat(found).isEqualTo(new ReporterSetting(ReporterSetting.Kind.JSON, Path.of("reports")));
    assertThat(folder.resolve(found.folder())).isDirectoryContaining(Files::isRegularFile);
  }

  @Test
  void reporter_whoseFolderCannotBeCreated_saysWhy() throws IOException {
    here.queue("create", "q", "--range", "1..1");
    here.write("reports", "a file");
    assertThat(here.minionize("-q", "q", "--reporter=json", "--reporter-folder=reports/x", "echo"))
        .isEqualTo(2);
    assertThat(here.error())
        .contains("The folder of the reporter, %s/reports/x, cannot be created: ".formatted(folder))
        .contains("Name another one with --reporter-folder.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "quue: x|the key 'quue' is unknown; did you mean 'queue'? Known are command, shell, class,",
        "resources: {cpus: 1}|the key 'resources.cpus' is unknown; did you mean 'cpu'?",
        "resources: 2|'resources' has keys and values, as in {cpu: 2, memory: 1GiB}.",
        "parallel: many|Invalid value for option '--parallel'",
        "onFailure: retry|Invalid value for option '--on-failure': 'retry' is not possible",
        "queue: {a: [1]}|'queue.a' is [1]; write a text or a number.",
        "command: a;class: b|the keys 'command' and 'class' exclude each other. Remove one of them.",
        "a: [;b|, line 2: ",
        "queue: a;queue: b|, line 2: ",
        "just a text|write a line 'key: value' for each setting."
      })
  void mistake_namesTheFile(String lines, String message) throws IOException {
    here.write(".minion.yml", lines.replace(';', '\n'));
    assertThat(here.minionize("echo")).isEqualTo(2);
    assertThat(here.error())
        .startsWith("minionize: " + folder.resolve(".minion.yml"))
        .contains(message);
  }
}
