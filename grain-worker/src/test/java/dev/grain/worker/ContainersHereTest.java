package dev.grain.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.model.Container;
import dev.grain.container.DockerLab;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Containers of programs without workers, and of {@code grain run}: each in a process. */
@ExtendWith(DockerLab.Shared.class)
final class ContainersHereTest {
  private final DockerLab lab = DockerLab.Shared.lab();

  @TempDir private Path folder;

  @AfterEach
  void nothingIsLeft() {
    assertThat(lab.containers()).isEmpty();
  }

  private Map<String, String> environment() throws IOException {
    Map<String, String> all = new HashMap<>(lab.environment());
    all.put("XDG_CACHE_HOME", folder.resolve("cache").toString());
    all.put("DOCKER_CONFIG", folder.resolve("config").toString());
    return all;
  }

  private static List<String> java(String classPath) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(LocalWorker.JVM_FLAGS);
    command.addAll(List.of("-Xmx128m", "-XX:+UseSerialGC", "-cp", classPath));
    return command;
  }

  private Launcher program(Map<String, String> environment, String... arguments)
      throws IOException {
    List<String> command = java(System.getProperty("java.class.path"));
    command.add(ContainerProgram.class.getName());
    command.addAll(List.of(arguments));
    return Launcher.start(folder, environment, command);
  }

  /** Starts {@code grain run} in the shared folder. */
  private Launcher run(Map<String, String> environment, String... arguments) throws IOException {
    return grain(environment, "run", arguments);
  }

  private Launcher grain(Map<String, String> environment, String command, String... arguments)
      throws IOException {
    List<String> words =
        new ArrayList<>(List.of("sh", "-c", "cd \"$0\" && exec \"$@\"", shared().toString()));
    words.addAll(java(Cluster.workerClassPath()));
    words.addAll(List.of(GrainCommand.class.getName(), command));
    words.addAll(List.of(arguments));
    return Launcher.start(folder, environment, words);
  }

  private Path shared() throws IOException {
    Path shared = Files.createDirectories(folder.resolve("shared"));
    Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxrwxrwx"));
    return shared;
  }

  // ---------------------------------------------------------------- programs

  @Test
  void program_runsContainersItself_andPrintsNothingElse() throws Exception {
    try (Launcher program =
        program(environment(), DockerLab.BUSYBOX, shared().toString(), "echo in; id -u")) {
      assertThat(program.lines()).containsExactly("in", "65534");
      assertThat(program.exitCode()).isZero();
      assertThat(program.errors()).isEmpty();
    }
  }

  @Test
  void example_simulatesEachRateInAContainer() throws Exception {
    List<String> command = java(System.getProperty("java.class.path"));
    command.add(
        Path.of("../grain-examples/src/main/java/dev/grain/examples/ContainerSweep.java")
            .toAbsolutePath()
            .toString());
    command.add(DockerLab.BUSYBOX);
    try (Launcher program = Launcher.start(folder, environment(), command)) {
      assertThat(program.lines())
          .containsExactly(
              "0.15 contacts a day: 6.4 % are ill on day 113",
              "0.2 contacts a day: 15.4 % are ill on day 67",
              "0.25 contacts a day: 23.4 % are ill on day 48",
              "0.3 contacts a day: 30.1 % are ill on day 38",
              "0.4 contacts a day: 40.4 % are ill on day 27",
              "0.5 contacts a day: 47.9 % are ill on day 21");
      assertThat(program.exitCode()).isZero();
      assertThat(program.errors()).isEmpty();
    }
  }

  @Test
  void program_withoutAnEngine_saysWhatToDo() throws Exception {
    Map<String, String> environment = Map.of("DOCKER_HOST", "unix:///nowhere/docker.sock");
    try (Launcher program =
        program(environment, DockerLab.BUSYBOX, shared().toString(), "echo in")) {
      assertThat(program.lines())
          .singleElement()
          .asString()
          .contains("no worker has a container engine; start Docker or Podman");
      assertThat(program.exitCode()).isZero();
    }
  }

  @Test
  void containerOfAKilledProgram_isRemovedByTheNextOneThatUsesTheEngine() throws Exception {
    Path runs = folder.resolve("shared/runs");
    try (Launcher program =
        program(
            environment(),
            DockerLab.BUSYBOX,
            shared().toString(),
            "touch /shared/runs; sleep 1000")) {
      while (Files.notExists(runs)) {
        assertThat(program.process().isAlive()).as("%s", program.errors()).isTrue();
        Thread.onSpinWait();
      }
      program.process().destroyForcibly().waitFor();
    }
    assertThat(lab.containers()).extracting(Container::getState).containsExactly("running");
    String wait = "while [ ! -e /shared/removed ]; do sleep 0.1; done; echo over";
    try (Launcher next = program(environment(), DockerLab.BUSYBOX, shared().toString(), wait)) {
      List<Container> found = lab.containers();
      while (found.size() != 1 || found.getFirst().getCommand().contains("1000")) {
        assertThat(next.process().isAlive()).as("%s", next.errors()).isTrue();
        Thread.onSpinWait();
        found = lab.containers();
      }
      Files.createFile(folder.resolve("shared/removed"));
      assertThat(next.lines()).containsExactly("over");
    }
  }

  // ---------------------------------------------------------------- grain run

  @Test
  void run_inAnImage_hasTheCurrentDirectory_andRunsThere() throws Exception {
    Files.writeString(shared().resolve("input"), "from the directory\n");
    try (Launcher run =
        run(
            environment(),
            "--quiet",
            "--local-image",
            DockerLab.BUSYBOX,
            "--shell",
            "cat input; pwd; echo {} > output-{}",
            ":::",
            "a",
            "b")) {
      assertThat(run.lines())
          .containsExactlyInAnyOrder(
              "from the directory", "from the directory", shared().toString(), shared().toString());
      assertThat(run.exitCode()).as("%s", run.errors()).isZero();
    }
    assertThat(shared().resolve("output-b")).hasContent("b");
  }

  @Test
  void run_withMounts_andAWorkingDirectory() throws Exception {
    Path data = Files.createDirectory(shared().resolve("data"));
    Files.writeString(data.resolve("file"), "mounted\n");
    try (Launcher run =
        run(
            environment(),
            "--quiet",
            "--local-image",
            DockerLab.BUSYBOX,
            "--mount",
            "data:/data:ro",
            "--wd",
            "/data",
            "--shell",
            "cat file; touch x 2>/dev/null || echo read-only")) {
      assertThat(run.lines()).containsExactly("mounted", "read-only");
      assertThat(run.exitCode()).as("%s", run.errors()).isZero();
    }
  }

  @Test
  void run_pullsWithTheLoginOfDocker_andFailsWithoutOne() throws Exception {
    lab.publish("team/cli", "1");
    String image = lab.registry() + "/team/cli:1";
    try (Launcher run = run(environment(), "--quiet", "--image", image, "echo", "in")) {
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.errors())
          .contains("The registry %s wants a login".formatted(lab.registry()))
          .contains("run docker login");
    }
    logIn();
    try (Launcher run = run(environment(), "--quiet", "--image", image, "echo", "in")) {
      assertThat(run.lines()).containsExactly("in");
      assertThat(run.exitCode()).as("%s", run.errors()).isZero();
    }
  }

  private void logIn() throws IOException {
    String both = DockerLab.USER + ":" + DockerLab.PASSWORD;
    Path config = Files.createDirectories(folder.resolve("config"));
    Files.writeString(
        config.resolve("config.json"),
        "{\"auths\": {\"%s\": {\"auth\": \"%s\"}}}"
            .formatted(
                lab.registry(),
                Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8))));
  }

  // ---------------------------------------------------------------- minions

  private void queue(String... arguments) throws Exception {
    try (Launcher queue = grain(environment(), "queue", arguments)) {
      assertThat(queue.exitCode()).as("%s", queue.errors()).isZero();
    }
  }

  @Test
  void minion_inAnImage_runsEachItemInAContainer_withItsLimits() throws Exception {
    Path data = Files.createDirectory(shared().resolve("data"));
    Files.writeString(data.resolve("file"), "mounted");
    queue("create", "sweeps", "--range", "1..2");
    Files.writeString(
        shared().resolve(".minion.yml"),
        """
        localImage: %s
        mounts: [ 'data:/data:ro' ]
        environment: {GREETING: hello}
        resources: {memory: 64MiB}
        """
            .formatted(DockerLab.BUSYBOX));
    String script = "echo $GREETING $0 $PWD $(cat /data/file) $GRAIN_MEMORY; echo > output-$0";
    try (Launcher minion =
        grain(environment(), "minion", "--parallel=2", "--queue=sweeps", "sh", "-c", script)) {
      assertThat(minion.lines())
          .containsExactlyInAnyOrder(
              "hello 1 %s mounted 67108864".formatted(shared()),
              "hello 2 %s mounted 67108864".formatted(shared()));
      assertThat(minion.exitCode()).as("%s", minion.errors()).isZero();
    }
    assertThat(shared().resolve("output-2")).exists();
  }

  @Test
  void minion_withAnImageThatIsNotThere_givesItsItemsBack_andEnds() throws Exception {
    queue("create", "sweeps", "--range", "1..9");
    try (Launcher minion = grain(environment(), "minion", "--local-image=no-such-image", "echo")) {
      assertThat(minion.lines()).isEmpty();
      assertThat(minion.exitCode()).isEqualTo(1);
      assertThat(minion.errors())
          .contains("The minion has ended, as jobs cannot be started: ")
          .contains("no-such-image");
    }
    try (Launcher stat = grain(environment(), "queue", "stat", "sweeps", "--json")) {
      assertThat(stat.line())
          .isEqualTo("{\"ready\":9,\"in_flight\":0,\"done\":0,\"dead\":0,\"minions\":0}");
    }
  }

  @Test
  void purge_removesTheImagesThatWereHereForGrain() throws Exception {
    lab.publish("team/purged", "1");
    logIn();
    String image = lab.registry() + "/team/purged:1";
    try (Launcher run = run(environment(), "--quiet", "--image", image, "true")) {
      assertThat(run.exitCode()).as("%s", run.errors()).isZero();
    }
    assertThat(hasImage("team/purged")).isTrue();
    List<String> command = java(Cluster.workerClassPath());
    command.addAll(
        List.of(
            GrainCommand.class.getName(),
            "worker",
            "--purge",
            "--cache-dir",
            folder.resolve("cache/grain").toString()));
    try (Launcher purge = Launcher.start(folder, environment(), command)) {
      assertThat(purge.line())
          .matches("grain-worker: removed .* of checkouts, environments and images of .*");
      assertThat(purge.exitCode()).isZero();
    }
    assertThat(hasImage("team/purged")).isFalse();
    assertThat(lab.client().inspectImageCmd(DockerLab.BUSYBOX).exec()).isNotNull();
  }

  private boolean hasImage(String repository) {
    return lab.client().listImagesCmd().exec().stream()
        .anyMatch(each ->
            each.getRepoDigests() != null
                && List.of(each.getRepoDigests()).stream()
                    .anyMatch(digest -> digest.startsWith(lab.registry() + "/" + repository)));
  }
}
