package dev.grain.worker;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Grain;
import dev.grain.GrainExecutor;
import dev.grain.Job;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Workers whose heap a job fills. */
final class OutOfMemoryTest {
  private static final String LOGGED = "Out of memory. The worker takes no more jobs";
  private static final int OTHERS = 20;

  /** Outlives the job, in the worker. */
  private static final List<byte[]> LEAK = new ArrayList<>();

  @TempDir private Path folder;
  private Cluster cluster;
  private Gate gate;

  @BeforeEach
  void open() throws IOException {
    cluster = new Cluster(folder, "128m");
    gate = new Gate();
  }

  @AfterEach
  void close() throws IOException {
    gate.close();
    cluster.close();
  }

  /** How a job is out of memory. */
  enum Way {
    /** What it has filled is free again when it has thrown. */
    FILL {
      @Override
      void take() {
        fill(new ArrayList<>());
      }
    },
    /** The heap stays full. */
    LEAVE_FULL {
      @Override
      void take() {
        fill(LEAK);
      }
    };

    abstract void take();
  }

  private static void fill(List<byte[]> taken) {
    while (true) {
      taken.add(new byte[taken.size() < 1000 ? 64 << 10 : 1 << 10]);
    }
  }

  private static String take(int port, Way way) {
    Gate.enter(port, "takes " + Grain.allocation().node());
    way.take();
    return "";
  }

  private static String enter(int port) {
    String node = Grain.allocation().node();
    Gate.enter(port, node);
    return node;
  }

  @Test
  void fullHeap_failsTheJob_andTheWorkerDrains() throws Exception {
    WorkerProcess one = cluster.start("--name", "one");
    try (GrainExecutor executor = GrainExecutor.open(cluster.over(one).listen("127.0.0.1", 0))) {
      Checker checker = new Checker(executor);
      Job<String> beside = executor.submit(cpu(1), OutOfMemoryTest::enter, gate.port());
      Gate.Visitor stays = gate.next();
      Job<String> taking =
          executor.submit(cpu(1), OutOfMemoryTest::take, gate.port(), Way.LEAVE_FULL);
      List<Job<String>> others = new ArrayList<>();
      for (int number = 0; number < OTHERS; number++) {
        others.add(executor.submit(cpu(1), OutOfMemoryTest::enter, gate.port()));
      }
      gate.next().close();
      assertThat(checker.assertFailure(taking))
          .satisfies(failure -> assertThat(failure.getMessage()).contains("OutOfMemoryError"));
      cluster.startDialing(executor.address().orElseThrow(), "--name", "other");
      gate.openForAll();
      for (Job<String> job : others) {
        checker.assertValue(job, "other");
      }
      stays.close();
      checker.assertValue(beside, "one");
      assertThat(one.exitCode()).isEqualTo(ExitCode.OUT_OF_MEMORY.number());
      checker.assertNothingElse();
    }
    Checker.assertEndsCleanly(cluster, LOGGED);
  }

  private static String takeInAThread(int port) throws InterruptedException {
    Gate.enter(port, "takes");
    Thread taking = Thread.ofPlatform().unstarted(() -> fill(new ArrayList<>()));
    taking.start();
    taking.join();
    // the worker knows of it, and takes no more jobs
    return Grain.allocation().node();
  }

  /** Nobody asks for what a thread that a job has started throws, so the job goes on. */
  @Test
  void fullHeap_inAThreadThatAJobHasStarted_leavesTheJobAlone_andTheWorkerDrains()
      throws Exception {
    WorkerProcess one = cluster.start("--name", "one", "--cpus", "1");
    try (GrainExecutor executor = GrainExecutor.open(cluster.over(one).listen("127.0.0.1", 0))) {
      Checker checker = new Checker(executor);
      Job<String> taking = executor.submit(cpu(1), OutOfMemoryTest::takeInAThread, gate.port());
      List<Job<String>> others = new ArrayList<>();
      for (int number = 0; number < OTHERS; number++) {
        others.add(executor.submit(cpu(1), OutOfMemoryTest::enter, gate.port()));
      }
      gate.next().close();
      gate.openForAll();
      checker.assertValue(taking, "one");
      assertThat(one.exitCode()).isEqualTo(ExitCode.OUT_OF_MEMORY.number());
      cluster.startDialing(executor.address().orElseThrow(), "--name", "other");
      for (Job<String> job : others) {
        checker.assertValue(job, "other");
      }
      assertThat(taking.output()).contains("OutOfMemoryError");
      checker.assertNothingElse();
    }
    Checker.assertEndsCleanly(cluster, LOGGED);
  }

  /** Takes all that others give back, for ever, and ignores what it gets thrown. */
  private static void hoard() {
    Object[] last = new Object[1];
    int size = 1 << 20;
    while (true) {
      try {
        last = new Object[] {last, new byte[size]};
      } catch (OutOfMemoryError e) {
        size /= 2;
      }
    }
  }

  private static String hoardAt(int port, String where) {
    String node = Grain.allocation().node();
    if (node.equals(where)) {
      Gate.enter(port, "hoards");
      hoard();
    }
    return node;
  }

  @Test
  void fullHeap_thatNoJobTells_endsTheWorkerItself_andItsJobsRunElsewhere() throws Exception {
    WorkerProcess one = cluster.start("--name", "one");
    try (GrainExecutor executor = GrainExecutor.open(cluster.over(one).listen("127.0.0.1", 0))) {
      Checker checker = new Checker(executor);
      Job<String> hoarding = executor.submit(cpu(1), OutOfMemoryTest::hoardAt, gate.port(), "one");
      gate.next().close();
      assertThat(one.exitCode()).isEqualTo(ExitCode.OUT_OF_MEMORY.number());
      cluster.startDialing(executor.address().orElseThrow(), "--name", "other");
      checker.assertValue(hoarding, "other");
      checker.assertNothingElse();
    }
    // another thread may have been out of memory before
    Checker.assertEndsCleanly(
        cluster, "an internal error ends the worker", "OutOfMemoryError", LOGGED, "\tat ");
  }

  /** A Java for the launcher, which runs the classes of this build in place of the archive's. */
  private static final String JAVA =
      """
      #!/usr/bin/env bash
      arguments=("$@")
      for i in "${!arguments[@]}"; do
        if [[ ${arguments[i]} == -cp ]]; then arguments[i + 1]="$CLASSES"; fi
      done
      exec "$REAL" "${arguments[@]}"
      """;

  private Launcher respawning(String... flags) throws IOException {
    Launcher.assumeTools("bash", "sleep");
    Path bin = Files.createDirectories(folder.resolve("grain/bin"));
    Path jdk = Files.createDirectories(folder.resolve("jdk/bin"));
    Path java = Files.writeString(jdk.resolve("java"), JAVA);
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.writeString(folder.resolve("jdk/release"), "JAVA_VERSION=\"25.0.9\"\n");
    Path script = Files.copy(Path.of("../bin/grain"), bin.resolve("grain"));
    List<String> command = new ArrayList<>(List.of("bash", script.toString(), "worker"));
    command.addAll(List.of("--respawn", "--memory", "64MiB", "--key", cluster.key().toString()));
    command.addAll(List.of("--cache-dir", folder.resolve("cache").toString()));
    command.addAll(List.of(flags));
    return Launcher.start(
        folder,
        Map.of(
            "JAVA_HOME", folder.resolve("jdk").toString(),
            "REAL", Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "CLASSES", Cluster.workerClassPath()),
        command);
  }

  private static long pid() {
    return ProcessHandle.current().pid();
  }

  @Test
  void fullHeap_withRespawn_startsTheWorkerAgain() throws Exception {
    try (GrainExecutor executor = GrainExecutor.open(cluster.options().listen("127.0.0.1", 0));
        Launcher launcher = respawning("--head", executor.address().orElseThrow())) {
      int port = gate.port();
      gate.openForAll();
      Checker checker = new Checker(executor);
      Job<Long> before = executor.submit(cpu(1), OutOfMemoryTest::pid);
      checker.assertValue(before, before.result());
      checker.assertFailure(executor.submit(cpu(1), OutOfMemoryTest::take, port, Way.FILL));
      Job<Long> after = executor.submit(cpu(1), OutOfMemoryTest::pid);
      checker.assertValue(after, after.result());
      assertThat(after.result()).isNotEqualTo(before.result());
      assertThat(launcher.errors())
          .contains(LOGGED, "grain-worker: the worker ran out of memory; restarting in 1 s.");
      launcher.signal("TERM");
      assertThat(launcher.exitCode()).isZero();
    }
  }
}
