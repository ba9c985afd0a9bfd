package dev.grain.worker;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.memory;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.github.dockerjava.api.model.Container;
import dev.grain.Code;
import dev.grain.Command;
import dev.grain.CommandException;
import dev.grain.CommandResult;
import dev.grain.Credentials;
import dev.grain.GrainExecutor;
import dev.grain.Isolation;
import dev.grain.Job;
import dev.grain.JobCancelledException;
import dev.grain.JobFailedException;
import dev.grain.JobNotStartedException;
import dev.grain.JobOptions;
import dev.grain.JobOutOfMemoryException;
import dev.grain.JobTimedOutException;
import dev.grain.RunOptions;
import dev.grain.Secret;
import dev.grain.container.DockerLab;
import dev.grain.git.TestRepository;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Commands in containers, from the program over a worker to a real engine and registry. */
@ExtendWith(DockerLab.Shared.class)
final class ContainersTest {
  private static final Isolation.Container BUSYBOX = Isolation.localImage(DockerLab.BUSYBOX);

  @TempDir private static Path files;
  private static Cluster cluster;

  @TempDir private Path folder;

  private final DockerLab lab = DockerLab.Shared.lab();
  private Path login;
  private GrainExecutor grain;

  @BeforeAll
  static void startWorker() throws IOException {
    cluster = new Cluster(files, "256m").with(DockerLab.Shared.lab().environment());
    cluster.start("--memory", "256MiB", "--heap", "128MiB", "--max-processes", "50");
  }

  @AfterAll
  static void endWorker() throws Exception {
    Checker.assertEndsCleanly(cluster);
    cluster.close();
    assertThat(DockerLab.Shared.lab().containers()).isEmpty();
  }

  @BeforeEach
  void open() throws IOException {
    login = folder.resolve("login");
    Files.writeString(login, DockerLab.USER + "\n" + DockerLab.PASSWORD + "\n");
    grain = GrainExecutor.open(options());
  }

  @AfterEach
  void close() {
    grain.close();
    assertThat(lab.containers()).isEmpty();
  }

  private RunOptions options() {
    return cluster
        .over(cluster.living().getFirst())
        .credentials(Credentials.docker(lab.registry(), Secret.file(login)));
  }

  private static JobOptions in(Isolation.Container container) {
    return JobOptions.of(cpu(1)).in(container);
  }

  private static Command script(String script) {
    return Command.of(script).shell("sh");
  }

  // ---------------------------------------------------------------- images

  @Test
  void image_ofAPrivateRegistry_isPulledByItsTag_orItsDigest() throws Exception {
    lab.publish("team/tool", "1");
    Isolation.Container byTag = Isolation.container(lab.registry() + "/team/tool", "1");
    assertThat(grain.exec(in(byTag), script("echo from the image")).stdout())
        .isEqualTo("from the image\n");
    Isolation.Container byDigest =
        Isolation.containerAt(lab.registry() + "/team/tool", lab.digest("team/tool", "1"));
    assertThat(grain.exec(in(byDigest), script("echo the same")).stdout()).isEqualTo("the same\n");
  }

  @Test
  void tag_thatMoves_isLookedUpOnceForTheSameObject() throws Exception {
    String place = lab.registry() + "/team/moving";
    lab.publish("team/moving", "1", "ENV VERSION=old");
    JobOptions known = in(Isolation.container(place, "1"));
    assertThat(grain.exec(known, script("echo $VERSION")).stdout()).isEqualTo("old\n");
    lab.publish("team/moving", "1", "ENV VERSION=new");
    List<CommandResult> results =
        grain.map(known, Command.template("sh", "-c", "echo $VERSION"), List.of(1, 2, 3));
    assertThat(results).extracting(CommandResult::stdout).containsOnly("old\n");
    JobOptions other = in(Isolation.container(place, "1"));
    assertThat(grain.exec(other, script("echo $VERSION")).stdout()).isEqualTo("new\n");
  }

  @Test
  void image_thatDoesNotExist_failsEachJobWithTheReason() {
    JobOptions options = in(Isolation.container(lab.registry() + "/team/none", "7")).retries(2);
    List<Job<CommandResult>> jobs =
        IntStream.range(0, 5).mapToObj(_ -> grain.submit(options, Command.of("true"))).toList();
    for (Job<CommandResult> each : jobs) {
      assertThatExceptionOfType(JobNotStartedException.class)
          .isThrownBy(each::result)
          .withMessageContaining(
              "There is no image %s/team/none:7 in the registry %s for alice"
                  .formatted(lab.registry(), lab.registry()));
    }
  }

  @Test
  void digest_thatDoesNotExist_failsOnTheWorker() {
    Isolation.Container none =
        Isolation.containerAt(lab.registry() + "/team/tool", "sha256:" + "0".repeat(64));
    assertThatExceptionOfType(JobNotStartedException.class)
        .isThrownBy(() -> grain.exec(in(none), Command.of("true")))
        .withMessageContaining("There is no image");
  }

  @Test
  void localImage_thatTheEngineDoesNotHave_isNotPulled() {
    assertThatExceptionOfType(JobNotStartedException.class)
        .isThrownBy(() -> grain.exec(in(Isolation.localImage("local/none:1")), Command.of("true")))
        .withMessageContaining("has no image local/none:1, and a local image is never pulled");
  }

  @Test
  void imageForOtherProcessors_isNotRun() throws Exception {
    lab.loadForeign("local/foreign:1", "s390x");
    assertThatExceptionOfType(JobNotStartedException.class)
        .isThrownBy(
            () -> grain.exec(in(Isolation.localImage("local/foreign:1")), Command.of("true")))
        .withMessageContaining("The image local/foreign:1 is for s390x, but this worker is amd64");
  }

  // ---------------------------------------------------------------- logins

  @Test
  void wrongPassword_isSaid_andWhose_andAnotherRunIsNotAffected() throws Exception {
    lab.publish("team/secret", "1");
    JobOptions options = in(Isolation.container(lab.registry() + "/team/secret", "1"));
    Files.writeString(login, "alice\nwr0ng-password\n");
    assertThatExceptionOfType(JobNotStartedException.class)
        .isThrownBy(() -> grain.exec(options, Command.of("true")))
        .withMessageContaining("refused the login of alice")
        .withMessageNotContaining("wr0ng-password");
    Path right = folder.resolve("right");
    Files.writeString(right, DockerLab.USER + "\n" + DockerLab.PASSWORD + "\n");
    RunOptions other =
        cluster
            .over(cluster.living().getFirst())
            .credentials(Credentials.docker(lab.registry(), Secret.file(right)));
    try (GrainExecutor second = GrainExecutor.open(other)) {
      assertThat(second.exec(options, script("echo in")).stdout()).isEqualTo("in\n");
    }
  }

  @Test
  void wrongPassword_atThePull_isSaid_andOnlyThatRunHasTheFailure() throws Exception {
    lab.publish("team/pulled", "1");
    Path wrong = folder.resolve("wrong");
    Files.writeString(wrong, "alice\nwr0ng-password\n");
    JobOptions options =
        in(Isolation.containerAt(lab.registry() + "/team/pulled", lab.digest("team/pulled", "1")));
    RunOptions other =
        cluster
            .over(cluster.living().getFirst())
            .credentials(Credentials.docker(lab.registry(), Secret.file(wrong)));
    try (GrainExecutor second = GrainExecutor.open(other)) {
      assertThatExceptionOfType(JobNotStartedException.class)
          .isThrownBy(() -> second.exec(options, Command.of("true")))
          .withMessageContaining("refused the login of alice")
          .withMessageNotContaining("wr0ng-password");
    }
    assertThat(grain.exec(options, script("echo in")).stdout()).isEqualTo("in\n");
    try (Stream<Path> kept = Files.walk(files)) {
      for (Path each : kept.filter(Files::isRegularFile).toList()) {
        assertThat(Files.readString(each, StandardCharsets.ISO_8859_1))
            .as("%s", each)
            .doesNotContain(DockerLab.PASSWORD, "wr0ng-password");
      }
    }
  }

  @Test
  void withoutALogin_theRegistryIsNamed() throws Exception {
    try (GrainExecutor anonymous = GrainExecutor.open(cluster.over(cluster.living().getFirst()))) {
      JobOptions options = in(Isolation.container(lab.registry() + "/team/tool", "1"));
      assertThatExceptionOfType(JobNotStartedException.class)
          .isThrownBy(() -> anonymous.exec(options, Command.of("true")))
          .withMessageContaining("The registry %s wants a login".formatted(lab.registry()))
          .withMessageContaining("Give one with Credentials.docker");
    }
  }

  @Test
  void registry_thatDoesNotAnswer_failsTheJob_andNamesTheWayWithADigest() {
    JobOptions options = in(Isolation.container("127.0.0.1:1/team/tool", "1"));
    assertThatExceptionOfType(JobNotStartedException.class)
        .isThrownBy(() -> grain.exec(options, Command.of("true")))
        .withMessageContaining("The registry 127.0.0.1:1 could not be asked")
        .withMessageContaining("use Isolation.containerAt with the digest");
  }

  // ---------------------------------------------------------------- what runs

  @Test
  void container_hasMounts_variables_andItsPlaceInTheRun() throws Exception {
    Path data = Files.createDirectory(folder.resolve("data"));
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxrwxrwx"));
    Path model = Files.writeString(folder.resolve("model"), "weights");
    Isolation.Container container =
        BUSYBOX
            .mount(data, "/data")
            .mountReadOnly(model, "/model")
            .env("LEVEL", "3")
            .env("MODE", "slow");
    CommandResult result =
        grain.exec(
            in(container),
            script(
                    "cat /model > /data/copy; echo $LEVEL $MODE $GRAIN_CPUS; id -u;"
                        + " echo x 2>/dev/null > /model || echo read-only")
                .env("MODE", "fast"));
    assertThat(result.stdout()).isEqualTo("3 fast 1\n65534\nread-only\n");
    assertThat(data.resolve("copy")).hasContent("weights");
  }

  @Test
  void mount_thatDoesNotExistOnTheWorker_failsTheJobWithItsPath() {
    Isolation.Container container = BUSYBOX.mount(folder.resolve("none"), "/data");
    assertThatExceptionOfType(JobNotStartedException.class)
        .isThrownBy(() -> grain.exec(in(container), Command.of("true")))
        .withMessageContaining("its container cannot have what is to be mounted")
        .withMessageContaining(folder.resolve("none").toString());
  }

  @Test
  void relativeWorkingDirectory_withoutCode_isRefused() {
    assertThatExceptionOfType(JobNotStartedException.class)
        .isThrownBy(() -> grain.exec(in(BUSYBOX), Command.of("true").workingDir(Path.of("data"))))
        .withMessageContaining("its working directory \"data\" is relative");
  }

  @Test
  void container_withCodeFromGit_runsInACopy_thatTheNextOneDoesNotSeeChanged() throws Exception {
    TestRepository repository = TestRepository.init(folder.resolve("repository"));
    repository.write(
        "jobs/run.sh", "cat data; pwd; ls; echo changed > data; echo > new; mkdir more");
    repository.write("jobs/data", "of the commit\n");
    repository.commit();
    JobOptions options = in(BUSYBOX).code(Code.git(repository.url()).pathInRepo("jobs"));
    for (int i = 0; i < 2; i++) {
      assertThat(grain.exec(options, Command.of("sh", "run.sh")).stdout())
          .isEqualTo("of the commit\n/grain/code\ndata\nrun.sh\n");
    }
  }

  @Test
  void exitCode_output_andAMissingProgram_areAsForOtherCommands() {
    assertThatExceptionOfType(JobFailedException.class)
        .isThrownBy(() -> grain.exec(in(BUSYBOX), script("echo out; echo err >&2; exit 7")))
        .havingCause()
        .isInstanceOfSatisfying(
            CommandException.class,
            e -> {
              assertThat(e.result().exitCode()).isEqualTo(7);
              assertThat(e.result().stdout()).isEqualTo("out\n");
              assertThat(e.result().stderr()).isEqualTo("err\n");
            });
    assertThatExceptionOfType(JobNotStartedException.class)
        .isThrownBy(() -> grain.exec(in(BUSYBOX), Command.of("no-such-program")))
        .withMessageContaining("no-such-program");
  }

  @Test
  void cancelledJob_andOneThatTakesTooLong_leaveNoContainer() throws Exception {
    Job<CommandResult> job =
        grain.submit(
            in(BUSYBOX.mount(shared(), "/shared")), script("touch /shared/runs; sleep 1000"));
    while (Files.notExists(folder.resolve("shared/runs"))) {
      Thread.onSpinWait();
    }
    job.cancel();
    assertThatExceptionOfType(JobCancelledException.class).isThrownBy(job::result);
    assertThatExceptionOfType(JobTimedOutException.class)
        .isThrownBy(
            () -> grain.exec(in(BUSYBOX).timeout(Duration.ofMillis(500)), script("sleep 1000")));
  }

  private Path shared() throws IOException {
    Path shared = Files.createDirectories(folder.resolve("shared"));
    Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxrwxrwx"));
    return shared;
  }

  @Test
  void memoryBeyondTheRequest_isOutOfMemory() {
    JobOptions options = JobOptions.of(cpu(1).and(memory("32MiB"))).in(BUSYBOX);
    assertThatExceptionOfType(JobOutOfMemoryException.class)
        .isThrownBy(() -> grain.exec(options, script("tail -c 200m /dev/zero; echo done")))
        .withMessageContaining("used more than the 32 MiB that it requested");
  }

  @Test
  void manyContainersOneAfterAnother_leaveNothing() {
    List<Integer> numbers = IntStream.range(0, 12).boxed().toList();
    assertThat(grain.map(in(BUSYBOX), Command.template("echo", "{}"), numbers))
        .extracting(CommandResult::stdout)
        .containsExactlyElementsOf(numbers.stream().map(each -> each + "\n").toList());
  }

  // ---------------------------------------------------------------- workers

  @Test
  void workersWithoutAnEngine_getNoSuchJob_andExplainSaysSo() throws Exception {
    try (Cluster others = new Cluster(folder, "128m").with(without())) {
      WorkerProcess worker = others.start();
      try (GrainExecutor executor = GrainExecutor.open(others.over(worker))) {
        Job<CommandResult> job = executor.submit(in(BUSYBOX), Command.of("true"));
        assertThat(executor.explain(job.id()))
            .contains("requests 1 core in a container, more than any connected worker has")
            .contains("has no container engine; start Docker or Podman");
        assertThat(executor.exec(cpu(1), script("echo beside")).stdout()).isEqualTo("beside\n");
        job.cancel();
      }
      Checker.assertEndsCleanly(others);
    }
  }

  private static Map<String, String> without() {
    return Map.of("DOCKER_HOST", "unix:///nowhere/docker.sock");
  }

  @Test
  void containerOfAKilledWorker_isRemovedByItsNextLife() throws Exception {
    try (Cluster others = new Cluster(folder, "128m").with(lab.environment())) {
      WorkerProcess first = others.start();
      RunOptions options = others.over(first).progress(false);
      GrainExecutor executor = GrainExecutor.open(options);
      Job<CommandResult> job =
          executor.submit(
              in(BUSYBOX.mount(shared(), "/shared")), script("touch /shared/runs; sleep 1000"));
      while (Files.notExists(folder.resolve("shared/runs"))) {
        Thread.onSpinWait();
      }
      first.close();
      assertThat(lab.containers()).extracting(Container::getState).containsExactly("running");
      job.cancel();
      executor.close();
      WorkerProcess next = others.start();
      while (!lab.containers().isEmpty()) {
        assertThat(next.isAlive()).isTrue();
        Thread.onSpinWait();
      }
      Checker.assertEndsCleanly(others);
    }
  }
}
