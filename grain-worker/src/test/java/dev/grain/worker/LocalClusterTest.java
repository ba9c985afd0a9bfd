package dev.grain.worker;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.custom;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.Grain;
import dev.grain.Job;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Workers that a test, or somebody who tries Grain out, starts on this machine. */
final class LocalClusterTest {
  /** A class that the workers can get from this program only. */
  record Where(String worker, long process, boolean shipped) {
    static Where here() {
      boolean shipped = Where.class.getClassLoader() != ClassLoader.getSystemClassLoader();
      return new Where(Grain.allocation().node(), ProcessHandle.current().pid(), shipped);
    }

    static Where meet(int port) {
      Gate.enter(port, Grain.allocation().node());
      return here();
    }
  }

  @Test
  void start_two_runsJobsOnBoth() throws IOException {
    try (Gate gate = new Gate();
        LocalCluster cluster = LocalCluster.start(2)) {
      int port = gate.port();
      List<Where> places =
          Grain.runCombine(
              () -> {
                var wg = Grain.openWaitGroup();
                try (wg) {
                  wg.submit(cpu(2), Where::meet, port);
                  wg.submit(cpu(2), Where::meet, port);
                  try (var _ = gate.next();
                      var _ = gate.next()) {
                    // both run at the same time, so on two workers
                  }
                }
                return wg.results(Where.class);
              },
              cluster.options());

      assertThat(places).extracting(Where::worker).containsExactlyInAnyOrder("w1", "w2");
      assertThat(places)
          .allMatch(Where::shipped)
          .noneMatch(place -> place.process() == ProcessHandle.current().pid());
    }
  }

  @Test
  void flags_areThoseOfAWorker() {
    try (LocalCluster cluster =
        LocalCluster.start(1, "--cpus", "5", "--memory=100MiB", "--resource", "LICENSE=1")) {
      var options = cluster.options();
      int cores =
          Grain.runCombine(
              () ->
                  Grain.exec(
                      cpu(5).and(custom("LICENSE", 1)), () -> Grain.allocation().cores().size()),
              options);

      assertThat(cores).isEqualTo(5);
    }
  }

  @Test
  void kill_whileItsJobRuns_hasTheJobRunOnTheOther() throws IOException {
    try (Gate gate = new Gate();
        LocalCluster cluster = LocalCluster.start(2)) {
      int port = gate.port();
      Grain.runCombine(
          () -> {
            try (var wg = Grain.openWaitGroup()) {
              Job<Where> job = wg.submit(cpu(2), Where::meet, port);
              String first;
              try (var visitor = gate.next()) {
                first = visitor.who();
                cluster.kill(first);
              }
              gate.next().close();

              assertThat(job.result().worker()).isNotEqualTo(first);
            }
          },
          cluster.options());
    }
  }

  @Test
  void kill_ofAWorkerThatIsNone_namesThoseThatAre() {
    try (LocalCluster cluster = LocalCluster.start(1)) {
      assertThatThrownBy(() -> cluster.kill("w2"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("There is no worker w2. The workers are [w1]");
    }
  }

  @Test
  void close_leavesNoProcessAndNoFile() throws IOException {
    LocalCluster cluster = LocalCluster.start(2);
    List<ProcessHandle> workers =
        ProcessHandle.current().children().filter(each -> key(each).isPresent()).toList();
    assertThat(workers).hasSizeGreaterThanOrEqualTo(2);
    Path folder = folderOf(workers.getFirst());
    cluster.close();
    cluster.close();

    assertThat(workers).noneMatch(ProcessHandle::isAlive);
    assertThat(folder).doesNotExist();
    assertThatThrownBy(() -> cluster.log("w1"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is closed");
  }

  private static Path folderOf(ProcessHandle worker) {
    return Path.of(key(worker).orElseThrow()).resolveSibling("");
  }

  /** Returns the path of the key that a worker was given; other children have none. */
  private static Optional<String> key(ProcessHandle child) {
    return Stream.of(child.info().arguments().orElse(new String[0]))
        .filter(argument -> argument.endsWith("cluster.key"))
        .findFirst();
  }

  @Test
  void start_withAFlagThatIsWrong_saysWhatTheWorkerPrinted() {
    assertThatThrownBy(() -> LocalCluster.start(2, "--cpus", "many"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Worker w1 did not start (exit code 2)")
        .hasMessageContaining("--cpus");
    assertThatThrownBy(() -> LocalCluster.start(0)).isInstanceOf(IllegalArgumentException.class);
  }

  /** Starts a cluster and waits to be killed. */
  static final class Forgetful {
    static void main() throws IOException {
      LocalCluster cluster = LocalCluster.start(1);
      IO.println(ProcessHandle.current().children().findFirst().orElseThrow().pid());
      while (System.in.read() >= 0) {
        // until it is killed
      }
      cluster.close();
    }
  }

  @Test
  void workers_endWithAProgramThatIsKilled() throws Exception {
    Process program =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Forgetful.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    ProcessHandle worker =
        ProcessHandle.of(Long.parseLong(program.inputReader().readLine())).orElseThrow();
    Path folder = folderOf(worker);
    program.destroyForcibly().waitFor();

    worker.onExit().join();
    assertThat(worker.isAlive()).isFalse();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
