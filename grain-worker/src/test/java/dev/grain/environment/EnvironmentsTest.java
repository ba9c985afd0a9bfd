package dev.grain.environment;

import static dev.grain.environment.Fixture.inCode;
import static dev.grain.environment.Fixture.travelling;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.message.EnvironmentKind;
import dev.grain.message.EnvironmentSetting;
import dev.grain.node.prepare.PreparationException;
import dev.grain.node.prepare.Progress;
import dev.grain.testing.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What all environments have in common, tried with scripts. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "the programs are those of Linux")
final class EnvironmentsTest {
  @TempDir private Path folder;
  private Fixture fixture;

  @BeforeEach
  void prepareFolder() throws IOException {
    fixture = new Fixture(folder);
  }

  private EnvironmentSetting script(String text) {
    return travelling(EnvironmentKind.SCRIPT, "setup.sh", text);
  }

  /** A script that counts how often it is run. */
  private String counting(String text) {
    return "echo run >>" + folder.resolve("runs") + "\n" + text;
  }

  private int runs() throws IOException {
    Path runs = folder.resolve("runs");
    return Files.exists(runs) ? Files.readAllLines(runs).size() : 0;
  }

  private void assertNothingIsLeftHalfMade() throws IOException {
    try (Stream<Path> made = Files.walk(fixture.cache)) {
      assertThat(made).filteredOn(each -> each.endsWith("content")).isEmpty();
    }
    try (Stream<Path> temporary = Files.list(folder.resolve("tmp"))) {
      assertThat(temporary).isEmpty();
    }
  }

  @Test
  void script_installsProgramsAndVariables() throws Exception {
    EnvironmentSetting setting =
        script(
            """
            set -e
            mkdir "$GRAIN_ENVIRONMENT/bin"
            printf '#!/bin/sh\\necho hello from a tool\\n' >"$GRAIN_ENVIRONMENT/bin/mytool"
            chmod +x "$GRAIN_ENVIRONMENT/bin/mytool"
            printf '# comment\\n\\nGREETING=a=b größe\\n' >"$GRAIN_ENVIRONMENT/environment"
            """);

    try (PreparedEnvironment prepared = fixture.prepare(setting)) {
      assertThat(fixture.run(prepared, "mytool")).isEqualTo("hello from a tool");
      assertThat(prepared.effects().variables()).containsEntry("GREETING", "a=b größe");
      assertThat(prepared.effects().classPath()).isEmpty();
    }
  }

  @Test
  void environment_thatIsAskedForAgain_isMadeOnce() throws Exception {
    EnvironmentSetting setting = script(counting("echo A=1 >$GRAIN_ENVIRONMENT/environment"));
    List<String> phases = new CopyOnWriteArrayList<>();

    try (PreparedEnvironment first =
            fixture.environments().prepare(setting, null, (phase, _, _) -> phases.add(phase));
        PreparedEnvironment second =
            fixture.environments().prepare(setting, fixture.code, Progress.NONE)) {
      assertThat(second.path()).isEqualTo(first.path());
      assertThat(second.effects()).isEqualTo(first.effects());
    }
    assertThat(runs()).isEqualTo(1);
    assertThat(phases)
        .containsExactly("preparing the environment script setup.sh", "running setup.sh");
  }

  @Test
  void environment_whoseDefinitionOrInputsChange_isMadeAgain() throws Exception {
    fixture.write("setup.sh", counting("cat data/in >$GRAIN_ENVIRONMENT/out"));
    fixture.write("data/in", "1");
    fixture.write("data/more", "1");
    fixture.write("unrelated", "1");
    EnvironmentSetting setting = inCode(EnvironmentKind.SCRIPT, "setup.sh", "data");
    List<Path> paths = new ArrayList<>();
    List<String> changes = List.of("unrelated", "data/in", "data/more", "setup.sh");
    fixture.prepare(setting).close();
    for (String each : changes) {
      fixture.write(each, each.equals("setup.sh") ? counting("true") : "2");
      try (PreparedEnvironment prepared = fixture.prepare(setting)) {
        paths.add(prepared.path());
      }
    }

    assertThat(runs()).isEqualTo(4);
    assertThat(paths).doesNotHaveDuplicates();
  }

  @Test
  void inputs_areCopied_soThatTheCodeStaysAsItIs() throws Exception {
    fixture.write("build/setup.sh", "echo changed >lib/file; ls >$GRAIN_ENVIRONMENT/seen");
    fixture.write("lib/file", "original");
    fixture.write("other", "not an input");
    Files.createSymbolicLink(fixture.code.resolve("lib/link"), Path.of("file"));

    try (PreparedEnvironment prepared =
        fixture.prepare(inCode(EnvironmentKind.SCRIPT, "build/setup.sh", "lib"))) {
      assertThat(Files.readAllLines(prepared.path().resolve("environment/seen")))
          .containsExactly("build", "lib");
      assertThat(Files.isSymbolicLink(prepared.path().resolve("definition/lib/link"))).isTrue();
    }
    assertThat(fixture.code.resolve("lib/file")).hasContent("original");
  }

  @Test
  void script_withAFirstLine_isRunByWhatThatNames() throws Exception {
    Path shell = fixture.tool("myshell", "echo \"MY=$1\" >$GRAIN_ENVIRONMENT/environment");

    try (PreparedEnvironment prepared = fixture.prepare(script("#! " + shell + " -x y\n"))) {
      assertThat(prepared.effects().variables()).containsEntry("MY", "-x y");
    }
    assertThatThrownBy(() -> fixture.prepare(script("#!/no/such/shell\n")))
        .hasMessageStartingWith("There is no program /no/such/shell on this worker");
  }

  @Test
  void script_thatFails_isAnErrorWithItsOutput_withoutPasswords() throws Exception {
    EnvironmentSetting setting =
        script("echo cannot load https://me:secret@example.org/x >&2; exit 4");

    assertThatExceptionOfType(PreparationException.class)
        .isThrownBy(() -> fixture.prepare(setting))
        .withMessageStartingWith("The environment script setup.sh could not be made: \"")
        .withMessageEndingWith(
            "setup.sh\" exited with code 4; its output ends with:\ncannot load https://example.org/x")
        .satisfies(e -> assertThat(e.isOfThisNode()).isFalse());
    assertNothingIsLeftHalfMade();
  }

  @Test
  void failure_isRemembered_withoutAnotherRun() throws Exception {
    Environments environments = fixture.environments();
    EnvironmentSetting setting = script(counting("echo first words; exit 1"));
    for (int attempt = 0; attempt < 3; attempt++) {
      assertThatThrownBy(() -> environments.prepare(setting, null, Progress.NONE))
          .hasMessageContaining("first words");
    }
    assertThat(runs()).isEqualTo(1);
  }

  @Test
  void script_thatWritesNoVariables_isAnErrorWithTheLine() {
    assertThatExceptionOfType(PreparationException.class)
        .isThrownBy(() ->
            fixture.prepare(script("printf 'A=1\\nexport B\\n' >$GRAIN_ENVIRONMENT/environment")))
        .withMessageStartingWith("Line 2 of ")
        .withMessageEndingWith("is \"export B\". Write it as NAME=value.");
  }

  @Test
  void script_thatTakesTooLong_isKilled() throws Exception {
    EnvironmentSetting setting =
        Fixture.with(script("echo waiting; exec sleep 1000"), "", Duration.ofSeconds(2));

    assertThatExceptionOfType(PreparationException.class)
        .isThrownBy(() -> fixture.prepare(setting))
        .withMessageStartingWith(
            "The environment script setup.sh was not ready within its time limit of 2 s,"
                + " while running setup.sh. Allow more time by Environment.timeout")
        .satisfies(e -> assertThat(e.isOfThisNode()).isTrue());
    assertNothingIsLeftHalfMade();
  }

  @Test
  void interrupt_killsTheTool_andLeavesNothing() throws Exception {
    Path pid = folder.resolve("pid");
    EnvironmentSetting setting =
        script(
            "touch $GRAIN_ENVIRONMENT/half; sh -c 'echo $$ >" + pid + "; exec sleep 1000' & wait");
    FutureTask<PreparedEnvironment> task = new FutureTask<>(() -> fixture.prepare(setting));
    Thread thread = Thread.ofPlatform().start(task);
    String started = Processes.awaitLine(pid);

    thread.interrupt();

    assertThatThrownBy(() -> task.get(1, TimeUnit.MINUTES))
        .hasCauseInstanceOf(InterruptedException.class);
    thread.join();
    assertThat(Processes.isAlive(started)).isFalse();
    assertNothingIsLeftHalfMade();
  }

  @Test
  void twoProcesses_thatWantTheSame_makeItOnce() throws Exception {
    Path gate = folder.resolve("gate");
    String text = counting("while [ ! -e " + gate + " ]; do sleep 0.05; done");
    Process first = EnvironmentProgram.start(folder, text);
    Process second = EnvironmentProgram.start(folder, text);
    try {
      EnvironmentProgram.awaitStarted(first);
      EnvironmentProgram.awaitStarted(second);
      Files.createFile(gate);

      String path = EnvironmentProgram.awaitPath(first);
      assertThat(path).isNotEmpty().isEqualTo(EnvironmentProgram.awaitPath(second));
      assertThat(runs()).isEqualTo(1);
    } finally {
      first.destroyForcibly().waitFor();
      second.destroyForcibly().waitFor();
    }
  }

  @Test
  void process_thatIsKilled_leavesNoTool_andTheNextOneMakesItAgain() throws Exception {
    Path pid = folder.resolve("pid");
    String text =
        counting(
            "touch $GRAIN_ENVIRONMENT/half\n"
                + "[ -e "
                + pid
                + " ] || { echo $$ >"
                + pid
                + "; exec sleep 1000; }\n"
                + "ls $GRAIN_ENVIRONMENT >$GRAIN_ENVIRONMENT/seen");
    Process killed = EnvironmentProgram.start(folder, text);
    String tool;
    try {
      tool = Processes.awaitLine(pid);
    } finally {
      killed.destroyForcibly().waitFor();
    }
    Processes.awaitEnd(tool);

    try (PreparedEnvironment prepared = fixture.prepare(script(text))) {
      assertThat(Files.readAllLines(prepared.path().resolve("environment/seen")))
          .containsExactlyInAnyOrder("half", "seen");
    }
    assertThat(runs()).isEqualTo(2);
  }

  @Test
  void purge_removesWhatIsNotInUse() throws Exception {
    Environments environments = fixture.environments();
    PreparedEnvironment used = environments.prepare(script("echo 1"), null, Progress.NONE);
    Path unused;
    try (PreparedEnvironment other = environments.prepare(script("echo 2"), null, Progress.NONE)) {
      unused = other.path();
    }

    assertThat(environments.purge()).isPositive();

    assertThat(used.path()).exists();
    assertThat(unused).doesNotExist();
    used.close();
    used.close();
    environments.purge();
    assertThat(used.path()).doesNotExist();
  }

  @Test
  void fileOfTheCode_isRefusedWithoutCode_orOutsideOfIt_orIfItDoesNotExist() throws Exception {
    Environments environments = fixture.environments();

    assertThatExceptionOfType(PreparationException.class)
        .isThrownBy(() ->
            environments.prepare(inCode(EnvironmentKind.SCRIPT, "setup.sh"), null, Progress.NONE))
        .withMessageContaining("the job brings no folder of code")
        .satisfies(e -> assertThat(e.isOfThisNode()).isFalse());
    assertThatThrownBy(() -> fixture.prepare(inCode(EnvironmentKind.SCRIPT, "../home/setup.sh")))
        .hasMessage(
            "\"../home/setup.sh\" is not a path in the folder of the code, %s."
                .formatted(fixture.code));
    assertThatThrownBy(() -> fixture.prepare(inCode(EnvironmentKind.SCRIPT, "setup.sh")))
        .hasMessage(
            "The file %s does not exist. Correct its path."
                .formatted(fixture.code.resolve("setup.sh")));
    fixture.write("setup.sh", "true");
    assertThatThrownBy(() -> fixture.prepare(inCode(EnvironmentKind.SCRIPT, "setup.sh", "gone")))
        .hasMessageStartingWith(
            fixture.code.resolve("gone") + ", which the environment script setup.sh is made from");
  }

  @Test
  void tool_thatReportsAFullDisk_isAnErrorThatTellsWhatToDo() throws Exception {
    assertThatExceptionOfType(PreparationException.class)
        .isThrownBy(() -> fixture.prepare(script("echo '[Errno 28] voll'; exit 1")))
        .withMessageContaining("is full")
        .withMessageContaining("Free space there, or name another folder by --cache-dir")
        .satisfies(e -> assertThat(e.isOfThisNode()).isTrue());
    assertNothingIsLeftHalfMade();
  }
}
