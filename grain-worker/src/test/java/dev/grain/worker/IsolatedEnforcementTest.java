package dev.grain.worker;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.memory;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.grain.Cause;
import dev.grain.Enforce;
import dev.grain.Grain;
import dev.grain.GrainExecutor;
import dev.grain.Job;
import dev.grain.JobOptions;
import dev.grain.JobOutOfMemoryException;
import dev.grain.node.confine.Affinity;
import dev.grain.node.confine.Enforcement;
import dev.grain.node.confine.EnforcementSettings;
import dev.grain.node.confine.NotEnforceableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What keeps the JVMs of isolated functions to what their jobs hold. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "the limits are those of Linux")
final class IsolatedEnforcementTest {
  private static final String SAMPLES = "-Ddev.grain.enforce.only=samples";

  @TempDir private Path folder;
  private @Nullable Cluster opened;

  private GrainExecutor open(List<String> jvmFlags, String... flags) throws IOException {
    Cluster cluster = new Cluster(folder, "256m", jvmFlags.toArray(String[]::new));
    opened = cluster;
    return GrainExecutor.open(cluster.over(cluster.start(flags)));
  }

  @AfterEach
  void endWorkers() throws InterruptedException {
    Cluster cluster = opened;
    if (cluster != null) {
      for (WorkerProcess each : cluster.living()) {
        each.terminate();
        each.exitCode();
      }
      cluster.close();
    }
  }

  private static void assumeControlGroups() {
    try {
      Enforcement.open(EnforcementSettings.of(Enforce.REQUIRE)).close();
    } catch (NotEnforceableException e) {
      assumeTrue(false, String.valueOf(e.getMessage()));
    }
  }

  private static void assumeTwoCores() {
    BitSet cores = Affinity.of(0);
    assumeTrue(
        cores != null && cores.cardinality() > 1, "There is one core, so jobs cannot change it");
  }

  // ---------------------------------------------------------------- cores

  /**
   * Where a job has run.
   *
   * @param pid the process
   * @param core that the job holds
   * @param allowed the cores on which threads of the process may run, as the system lists them
   */
  private record Place(long pid, int core, Set<String> allowed) {
    static Place here() throws IOException {
      Set<String> allowed = new TreeSet<>();
      try (Stream<Path> threads = Files.list(Path.of("/proc/self/task"))) {
        for (Path each : threads.toList()) {
          allowed.addAll(allowedOf(each));
        }
      }
      int core = Grain.allocation().cores().getFirst();
      return new Place(ProcessHandle.current().pid(), core, allowed);
    }

    private static List<String> allowedOf(Path thread) {
      try {
        return Files.readAllLines(thread.resolve("status")).stream()
            .filter(line -> line.startsWith("Cpus_allowed_list:"))
            .map(line -> line.substring(line.indexOf('\t') + 1))
            .toList();
      } catch (IOException e) {
        // it has ended meanwhile
        return List.of();
      }
    }
  }

  /** Tells which core it has, and keeps it until it is cancelled. */
  private static int hold(Path told) throws IOException, InterruptedException {
    Path part = told.resolveSibling(told.getFileName() + ".part");
    Files.writeString(part, String.valueOf(Grain.allocation().cores().getFirst()));
    Files.move(part, told);
    Thread.sleep(Long.MAX_VALUE);
    return 0;
  }

  private static int await(Path file) throws IOException {
    while (!Files.exists(file)) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
    return Integer.parseInt(Files.readString(file));
  }

  /** Takes a core away from other jobs, by taking those before it, too. */
  private List<Job<Integer>> take(int core, GrainExecutor grain) throws IOException {
    List<Job<Integer>> holders = new ArrayList<>();
    int taken = -1;
    while (taken != core) {
      Path told = folder.resolve("core-" + holders.size());
      holders.add(grain.submit(cpu(1), IsolatedEnforcementTest::hold, told));
      taken = await(told);
    }
    // the others give theirs back
    holders.subList(0, holders.size() - 1).forEach(Job::cancel);
    return holders;
  }

  private void assertPinned(GrainExecutor grain) throws Exception {
    JobOptions options = JobOptions.of(cpu(1)).isolated();
    Place first = grain.exec(options, Place::here);
    assertThat(first.allowed()).containsExactly(String.valueOf(first.core()));

    List<Job<Integer>> holders = take(first.core(), grain);
    Place second = grain.exec(options, Place::here);

    assertThat(second.pid()).isEqualTo(first.pid());
    assertThat(second.core()).isNotEqualTo(first.core());
    assertThat(second.allowed()).containsExactly(String.valueOf(second.core()));
    holders.forEach(Job::cancel);
  }

  @Test
  void cores_controlGroups_areThoseOfTheJob_alsoWhenItsJvmIsUsedAgain() throws Exception {
    assumeControlGroups();
    assumeTwoCores();
    try (GrainExecutor grain = open(List.of(), "--enforce=require", "--cpus", "2")) {
      assertPinned(grain);
    }
  }

  @Test
  void cores_affinity_areThoseOfTheJob_alsoWhenItsJvmIsUsedAgain() throws Exception {
    assumeTrue(Affinity.isAvailable(), "This JVM must not call sched_setaffinity");
    assumeTwoCores();
    try (GrainExecutor grain = open(List.of(SAMPLES), "--cpus", "2")) {
      assertPinned(grain);
    }
  }

  // ---------------------------------------------------------------- memory

  /** Takes memory beside the heap. */
  private static int fillBuffers() {
    List<ByteBuffer> all = new ArrayList<>();
    while (all.size() < 64) {
      all.add(ByteBuffer.allocateDirect(16 << 20));
    }
    return all.size();
  }

  @Test
  void memoryBesideTheHeap_controlGroups_isLimited() throws Exception {
    assumeControlGroups();
    JobOptions options =
        JobOptions.of(cpu(1).and(memory("48MiB"))).isolated("-XX:MaxDirectMemorySize=2g");
    try (GrainExecutor grain = open(List.of(), "--enforce=require")) {
      Job<Integer> job = grain.submit(options, IsolatedEnforcementTest::fillBuffers);
      assertThatExceptionOfType(JobOutOfMemoryException.class)
          .isThrownBy(job::result)
          .withMessageContaining(", its JVM used ")
          // three quarters of 48 MiB of heap, and 160 MiB
          .withMessageContaining(" of the 196 MiB that it may use (enforced by cgroup v")
          .satisfies(e -> assertThat(e.memoryLimit()).hasValue(196 << 20));
      assertThat(job.attempts())
          .singleElement()
          .satisfies(attempt -> assertThat(attempt.failure()).contains(Cause.OUT_OF_MEMORY));
      // and the worker goes on
      assertThat(grain.exec(options, () -> 5)).isEqualTo(5);
    }
  }
}
