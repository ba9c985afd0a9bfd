package dev.grain.container;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.model.Container;
import dev.grain.CommandException;
import dev.grain.CommandResult;
import dev.grain.bytes.Bytes;
import dev.grain.code.Codec;
import dev.grain.container.Attempt.Job;
import dev.grain.message.AttemptEnd;
import dev.grain.message.ContainerSetting;
import dev.grain.node.process.CommandRunner;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(DockerLab.Shared.class)
class ContainerRunnerTest {
  private static final ContainerSetting BUSYBOX = ContainerSetting.of(DockerLab.BUSYBOX, true);
  private static final long LIMIT = 1 << 20;

  @TempDir private Path folder;

  private DockerLab lab;
  private DockerEngine engine;
  private ContainerRunner runner;

  @BeforeEach
  void open() {
    lab = DockerLab.Shared.lab();
    engine = lab.engine(folder.resolve("cache"));
    runner =
        new ContainerRunner(
            engine,
            new Codec(ContainerRunnerTest.class.getClassLoader()),
            LIMIT,
            CommandRunner.Echo.NONE,
            64);
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    runner.close();
    assertThat(lab.containers()).isEmpty();
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      assertThat(files).noneMatch(each -> each.toString().contains(runner.life()));
    }
    engine.close();
  }

  private Attempt run(String script) {
    return run(Job.script(BUSYBOX, script));
  }

  private Attempt run(Job job) {
    return Attempt.start(runner, job);
  }

  // ---------------------------------------------------------------- ends

  @Test
  void command_prints_andReturnsWhatItWrites() throws Exception {
    Attempt attempt =
        run(
            Job.script(
                    BUSYBOX, "echo out; echo err >&2; cat $GRAIN_INPUT_FILE > $GRAIN_RESULT_FILE")
                .withResult(Bytes.utf8("größe")));
    CommandResult result = attempt.result();
    assertThat(result.exitCode()).isZero();
    assertThat(result.stdout()).isEqualTo("out\n");
    assertThat(result.stderr()).isEqualTo("err\n");
    assertThat(result.result()).isEqualTo("größe".getBytes(StandardCharsets.UTF_8));
    assertThat(attempt.output()).contains("out\n", "err\n");
  }

  @Test
  void exitCode_isAFailure_withTheEndOfTheErrorStream() throws Exception {
    CommandException failure = run("echo broken >&2; exit 3").failure();
    assertThat(failure.exitCode()).isEqualTo(3);
    assertThat(failure).hasMessageContaining("exited with code 3").hasMessageContaining("broken");
  }

  @Test
  void signal_isNamed() throws Exception {
    CommandException failure = run("kill -SEGV $$").failure();
    assertThat(failure.signal()).hasValue("SIGSEGV");
  }

  @Test
  void programThatIsNotThere_isSaid() throws Exception {
    assertThat(run(Job.program(BUSYBOX, "nothing", "x")).end())
        .isInstanceOfSatisfying(
            AttemptEnd.NotStarted.class,
            end -> assertThat(end.reason()).contains("nothing").contains("could not start"));
  }

  @Test
  void resultThatIsNotWritten_isAFailure() throws Exception {
    assertThat(run(Job.script(BUSYBOX, "true").withResult(null)).failure())
        .hasMessageContaining("wrote no result to $GRAIN_RESULT_FILE");
  }

  @Test
  void linkInPlaceOfTheResult_isNotFollowed() throws Exception {
    Path secret = Files.writeString(folder.resolve("secret"), "secret");
    assertThat(
            run(Job.script(BUSYBOX, "ln -s %s $GRAIN_RESULT_FILE".formatted(secret))
                    .withResult(null))
                .failure())
        .hasMessageContaining("wrote no result to $GRAIN_RESULT_FILE");
    assertThat(secret).hasContent("secret");
  }

  @Test
  void imageThatIsNotThere_isSaid() throws Exception {
    Attempt attempt = run(Job.script(ContainerSetting.of("local/nothing:1", true), "true"));
    assertThat(attempt.end())
        .isInstanceOfSatisfying(
            AttemptEnd.Unable.class,
            end -> assertThat(end.reason()).contains("does not have the image local/nothing:1"));
    assertThat(attempt.ran()).isFalse();
  }

  @Test
  void mountThatIsNotThere_isSaid() throws Exception {
    ContainerSetting setting =
        new ContainerSetting(
            DockerLab.BUSYBOX,
            true,
            List.of(new ContainerSetting.Mount(folder + "/nothing", "/data", true)),
            new LinkedHashMap<>(),
            "",
            "",
            List.of(),
            false,
            0);
    assertThat(run(Job.script(setting, "true")).end())
        .isInstanceOfSatisfying(
            AttemptEnd.NotStarted.class,
            end ->
                assertThat(end.reason())
                    .endsWith("bind source path does not exist: " + folder + "/nothing)"));
  }

  @Test
  void memoryAboveTheSlot_isOutOfMemory() throws Exception {
    AttemptEnd end =
        run(Job.script(BUSYBOX, "tail -c 200m /dev/zero").holding(List.of(0), 1, 32 << 20)).end();
    assertThat(end)
        .isInstanceOfSatisfying(
            AttemptEnd.OutOfMemory.class,
            how -> assertThat(how.reason()).contains("32 MiB that it requested"));
  }

  @Test
  void stop_isASignal_whichTheProgramMayCatch() throws Exception {
    Attempt attempt =
        run("trap 'echo caught; exit 0' TERM; echo ready; while true; do sleep 0.1; done")
            .awaitOutput();
    attempt.running().stop();
    assertThat(attempt.end()).isInstanceOf(AttemptEnd.Cancelled.class);
    assertThat(attempt.output()).isEqualTo("ready\ncaught\n");
  }

  @Test
  void stop_endsAProgramThatIgnoresNothing() throws Exception {
    Attempt attempt = run(Job.program(BUSYBOX, "sh", "-c", "echo ready; exec sleep 1000"));
    attempt.awaitOutput().running().stop();
    assertThat(attempt.end()).isInstanceOf(AttemptEnd.Cancelled.class);
  }

  @Test
  void kill_endsAProgramThatIgnoresTheSignal() throws Exception {
    Attempt attempt = run("trap '' TERM; echo ready; while true; do sleep 0.1; done").awaitOutput();
    attempt.running().stop();
    assertThat(attempt.running().kill()).isTrue();
    assertThat(attempt.end()).isInstanceOf(AttemptEnd.Cancelled.class);
  }

  @Test
  void stop_beforeItRuns_isHeardOf() throws Exception {
    for (int count = 0; count < 5; count++) {
      Attempt attempt = run("exec sleep 1000");
      attempt.running().stop();
      assertThat(attempt.end()).isInstanceOf(AttemptEnd.Cancelled.class);
    }
  }

  @Test
  void programThatClosesItsOutput_goesOn() throws Exception {
    CommandResult result =
        run(Job.script(BUSYBOX, "exec >&- 2>&-; sleep 1; printf done > $GRAIN_RESULT_FILE")
                .withResult(null))
            .result();
    assertThat(result.result()).isEqualTo("done".getBytes(StandardCharsets.UTF_8));
  }

  // ---------------------------------------------------------------- what it has

  @Test
  void environment_isThatOfTheImage_thenOfTheSetting_thenOfGrain_thenOfTheUser() throws Exception {
    lab.importBusybox("local/environment:1", "ENV A=image B=image C=image GRAIN_JOB_ID=image");
    ContainerSetting setting =
        new ContainerSetting(
            "local/environment:1",
            true,
            List.of(),
            new LinkedHashMap<>(Map.of("B", "setting", "C", "setting", "GRAIN_CPUS", "setting")),
            "",
            "",
            List.of(),
            false,
            0);
    String output =
        run(Job.script(
                    setting,
                    "echo $A $B $C $GRAIN_JOB_ID $GRAIN_CPUS $GRAIN_ATTEMPT $OMP_NUM_THREADS")
                .with("C", "user"))
            .result()
            .stdout();
    lab.client().removeImageCmd("local/environment:1").exec();
    assertThat(output).isEqualTo("image setting user 7 1 2 1\n");
  }

  @Test
  void placeholders_areFilled() throws Exception {
    assertThat(
            run(Job.program(BUSYBOX, "echo", "{in}", "{job.id}", "{cpu.ids}").in("/tmp"))
                .result()
                .stdout())
        .isEqualTo("größe 2 7 0\n");
    assertThat(run(Job.program(BUSYBOX, "pwd").in("/tmp")).result().stdout()).isEqualTo("/tmp\n");
  }

  @Test
  void user_isNotRoot_withoutCapabilitiesAndNewPrivileges() throws Exception {
    String status = run("id -u; cat /proc/self/status").result().stdout();
    assertThat(status.lines().findFirst()).isPresent().get().isNotEqualTo("0");
    assertThat(status)
        .containsPattern("CapEff:\\s+0{16}\n")
        .containsPattern("CapPrm:\\s+0{16}\n")
        .containsPattern("CapBnd:\\s+0{16}\n")
        .containsPattern("NoNewPrivs:\\s+1\n");
  }

  @Test
  void rootThatIsAskedFor_hasTheCapabilitiesThatAreAskedFor_andNoOthers() throws Exception {
    ContainerSetting setting =
        new ContainerSetting(
            DockerLab.BUSYBOX,
            true,
            List.of(new ContainerSetting.Mount(folder.toString(), "/data", true)),
            new LinkedHashMap<>(),
            "none",
            "0:0",
            List.of("NET_RAW"),
            true,
            32 << 20);
    String output =
        run(Job.script(
                setting,
                "id -u; grep CapEff /proc/self/status; touch /x 2>/dev/null || echo read-only;"
                    + " touch /data/x 2>/dev/null || echo mounted read-only; touch /tmp/x &&"
                    + " echo tmp; df -k /dev/shm | tail -1"))
            .result()
            .stdout();
    assertThat(output)
        .startsWith("0\n")
        .containsPattern("CapEff:\\s+0000000000002000\n")
        .contains("\nread-only\n", "\nmounted read-only\n", "\ntmp\n", "32768");
  }

  @Test
  void coresMemoryAndProcesses_areThoseOfTheJob() throws Exception {
    Attempt attempt =
        run(
            Job.script(BUSYBOX, "grep Cpus_allowed_list /proc/self/status; echo; sleep 1000")
                .holding(List.of(0), 0.5, 64 << 20));
    attempt.awaitOutput();
    Container container = lab.containers().getFirst();
    assertThat(container.getLabels())
        .containsEntry("dev.grain.worker", runner.life())
        .containsEntry("dev.grain.head", "r1")
        .containsEntry("dev.grain.job", "7")
        .containsEntry("dev.grain.attempt", "2");
    var host = lab.client().inspectContainerCmd(container.getId()).exec().getHostConfig();
    attempt.running().kill();
    attempt.end();
    assertThat(attempt.output()).contains("Cpus_allowed_list:\t0\n");
    assertThat(host.getMemory()).isEqualTo(64 << 20);
    assertThat(host.getMemorySwap()).isEqualTo(64 << 20);
    assertThat(host.getNanoCPUs()).isEqualTo(500_000_000);
    assertThat(host.getPidsLimit()).isEqualTo(64);
  }

  @Test
  void inputAndOutput_mayBeFilesOfTheNode() throws Exception {
    Path in = folder.resolve("in");
    Path out = folder.resolve("out");
    Files.writeString(in, "one\ntwo\n");
    Files.writeString(out, "what was there before");
    Attempt attempt =
        run(Job.script(BUSYBOX, "tr a-z A-Z; echo end").files(in.toString(), out.toString()));
    assertThat(attempt.result().stdout()).isEqualTo("ONE\nTWO\nend\n");
    assertThat(Files.readString(out)).isEqualTo("ONE\nTWO\nend\n");
    assertThat(attempt.count()).isZero();
  }

  // ---------------------------------------------------------------- much and many

  @Test
  void gibibyteOfOutput_passesThroughALittleMemory() throws Exception {
    Attempt attempt = run("head -c 1073741824 /dev/zero");
    assertThat(attempt.result().stdout()).hasSize(16 * 1024);
    assertThat(attempt.count()).isEqualTo(1 << 30);
  }

  @Test
  void fiftyContainers_leaveNothing() throws Exception {
    for (int count = 0; count < 50; count++) {
      assertThat(run("echo " + count).result().stdout()).isEqualTo(count + "\n");
    }
  }

  @Test
  void containersThatRun_areKilled_whenTheWorkerEnds() throws Exception {
    Attempt attempt = run("trap '' TERM; echo ready; while true; do sleep 0.1; done").awaitOutput();
    runner.close();
    assertThat(attempt.end()).isInstanceOf(AttemptEnd.Cancelled.class);
    assertThat(lab.containers()).isEmpty();
  }
}
