package dev.grain.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.code.Codec;
import dev.grain.container.Attempt.Job;
import dev.grain.message.AttemptEnd;
import dev.grain.message.ContainerSetting;
import dev.grain.node.process.CommandRunner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of containers whose worker or whose engine is killed. */
class LostContainersTest {
  private static final Job LONG =
      Job.script(
          ContainerSetting.of(DockerLab.BUSYBOX, true),
          "trap '' TERM; echo ready; while true; do sleep 0.1; done");

  @TempDir private Path cache;

  private DockerLab lab;

  @BeforeEach
  void start() throws Exception {
    DockerLab.assumePossible();
    lab = DockerLab.start();
  }

  @AfterEach
  void stop() throws Exception {
    lab.close();
  }

  private static ContainerRunner runner(DockerEngine engine) {
    return new ContainerRunner(
        engine,
        new Codec(LostContainersTest.class.getClassLoader()),
        1 << 20,
        CommandRunner.Echo.NONE,
        0);
  }

  /** A worker that runs a container until it is killed. */
  static final class Worker {
    private Worker() {}

    public static void main(String[] arguments) throws Exception {
      DockerEngine engine =
          DockerEngine.find(Path.of(arguments[0]), Long.MAX_VALUE).engine().orElseThrow();
      Attempt.start(runner(engine), LONG).awaitOutput();
      System.out.println("ready");
      new CountDownLatch(1).await();
    }
  }

  @Test
  void containersOfAKilledWorker_areRemovedByTheNextOne_andNoOthers() throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                Worker.class.getName(),
                cache.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(lab.environment());
    Process worker = builder.start();
    try (DockerEngine engine = lab.engine(cache);
        ContainerRunner own = runner(engine)) {
      assertThat(worker.inputReader().readLine()).isEqualTo("ready");
      Attempt attempt = Attempt.start(own, LONG).awaitOutput();
      engine.removeOrphans();
      assertThat(lab.containers()).hasSize(2);
      worker.destroyForcibly().waitFor();
      engine.removeOrphans();
      assertThat(lab.containers())
          .singleElement()
          .satisfies(
              each -> assertThat(each.getLabels()).containsEntry("dev.grain.worker", own.life()));
      assertThat(foldersOf(worker.pid())).hasSize(1);
      ContainerRunner.removeFilesOfOthers();
      assertThat(foldersOf(worker.pid())).isEmpty();
      attempt.running().kill();
      assertThat(attempt.end()).isInstanceOf(AttemptEnd.Cancelled.class);
      assertThat(lab.containers()).isEmpty();
    } finally {
      worker.destroyForcibly().waitFor();
    }
  }

  private static List<Path> foldersOf(long process) throws Exception {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files
          .filter(each -> each.getFileName().toString().startsWith("grain-containers-"))
          .filter(each -> each.toString().contains("-" + process + "-"))
          .toList();
    }
  }

  @Test
  void engineThatIsKilled_isALossOfThisNode_andNothingOfTheJobGoesOn() throws Exception {
    try (DockerEngine engine = lab.engine(cache);
        ContainerRunner runner = runner(engine)) {
      Attempt attempt = Attempt.start(runner, LONG).awaitOutput();
      String container = lab.containers().getFirst().getId();
      Long first = lab.client().inspectContainerCmd(container).exec().getState().getPidLong();
      assertThat(first).isNotNull();
      ProcessHandle process = ProcessHandle.of(Objects.requireNonNull(first)).orElseThrow();
      lab.killDaemon();
      assertThat(attempt.end())
          .isInstanceOfSatisfying(
              AttemptEnd.Unable.class,
              end ->
                  assertThat(end.reason())
                      .contains(engine.description() + " failed while it ran the container"));
      process.onExit().join();
      // what could not be removed is, when the engine is back
      lab.startDaemon();
      assertThat(Attempt.start(runner, Job.script(LONG.setting(), "echo on")).result().stdout())
          .isEqualTo("on\n");
    }
    assertThat(lab.containers()).isEmpty();
  }
}
