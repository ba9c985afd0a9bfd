package dev.grain.worker;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.memory;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.grain.Cause;
import dev.grain.Command;
import dev.grain.CommandResult;
import dev.grain.Enforce;
import dev.grain.Grain;
import dev.grain.GrainExecutor;
import dev.grain.Job;
import dev.grain.JobFailedException;
import dev.grain.JobOutOfMemoryException;
import dev.grain.node.confine.Enforcement;
import dev.grain.node.confine.EnforcementSettings;
import dev.grain.node.confine.NotEnforceableException;
import dev.grain.resource.internal.ControlGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What keeps the processes of jobs to what they hold, on workers in processes of their own. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "the limits are those of Linux")
final class EnforcementTest {
  private static final String HEAP = "128m";
  private static final String SAMPLES = "-Ddev.grain.enforce.only=samples";
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(60);

  /** Takes more and more memory, and then all of it for a while, so that samples see it. */
  private static final Command EATER =
      Command.of(
          "awk",
          "BEGIN { s = \"0123456789abcdef\"; while (length(s) < 200000000) s = s s;"
              + " while (1) n++ }");

  @TempDir private Path folder;
  private @Nullable Cluster opened;
  private final List<Long> workers = new ArrayList<>();

  private WorkerProcess start(List<String> jvmFlags, String... flags) throws IOException {
    Cluster cluster = opened;
    if (cluster == null) {
      cluster = new Cluster(folder, HEAP, jvmFlags.toArray(String[]::new));
      opened = cluster;
    }
    WorkerProcess worker = cluster.start(flags);
    workers.add(worker.pid());
    return worker;
  }

  private Cluster cluster() {
    return Objects.requireNonNull(opened);
  }

  private static void assumeControlGroups() {
    try {
      Enforcement.open(EnforcementSettings.of(Enforce.REQUIRE)).close();
    } catch (NotEnforceableException e) {
      assumeTrue(false, String.valueOf(e.getMessage()));
    }
  }

  @AfterEach
  void close_leavesNoControlGroup() throws InterruptedException {
    Cluster cluster = opened;
    if (cluster != null) {
      try {
        for (WorkerProcess each : cluster.living()) {
          each.terminate();
          each.exitCode();
        }
        assertThat(groups()).isEmpty();
      } finally {
        cluster.close();
      }
    }
  }

  /** Returns the control groups that the workers of this test have made. */
  private List<String> groups() {
    List<String> found = new ArrayList<>();
    for (ControlGroup own : ControlGroup.of(Path.of("/"))) {
      try (Stream<Path> below = Files.list(Path.of(own.folders().getFirst()))) {
        below
            .map(each -> each.getFileName().toString())
            .filter(
                each -> workers.stream().anyMatch(pid -> each.matches("grain-.*-" + pid + "-.*")))
            .forEach(found::add);
      } catch (IOException e) {
        // it is not for this process
      }
    }
    return found;
  }

  private static void awaitThat(BooleanSupplier condition) {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - start).isLessThan(PATIENCE);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }

  private static Command script(String script) {
    return Command.of(script).shell("sh");
  }

  private static String await(Path file) throws IOException {
    while (!Files.exists(file) || !Files.readString(file).endsWith("\n")) {
      Thread.onSpinWait();
    }
    return Files.readString(file).strip();
  }

  /** Returns whether a process runs; one that nobody has waited for does not. */
  private static boolean isAlive(String pid) {
    try {
      return !Files.readString(Path.of("/proc", pid, "stat")).matches("(?s).*\\) Z .*");
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      return Files.exists(Path.of("/proc", pid));
    }
  }

  /** Has a process leave its session and its environment, and write its number. */
  private static String daemon(Path file) {
    return "env -i setsid sh -c 'echo $$ >" + file + "; exec sleep 1000' & ";
  }

  private void assertRunsOutOfMemory(WorkerProcess worker, String mechanism) {
    try (GrainExecutor grain = GrainExecutor.open(cluster().over(worker))) {
      Job<CommandResult> job = grain.submit(memory("24MiB"), EATER);
      assertThatExceptionOfType(JobOutOfMemoryException.class)
          .isThrownBy(job::result)
          .withMessageContaining("Job 1 ran out of memory: on ")
          .withMessageContaining("\"awk BEGIN")
          .withMessageContaining(
              " of the 24 MiB that it requested (enforced by %s); request more, for example"
                  .formatted(mechanism))
          .withMessageContaining("memory(\"48MiB\")")
          .satisfies(e -> {
            assertThat(e.memoryLimit()).hasValue(24 << 20);
            assertThat(e.peakMemory().orElseThrow()).isPositive();
          });
      assertThat(job.attempts())
          .singleElement()
          .satisfies(attempt -> assertThat(attempt.failure()).contains(Cause.OUT_OF_MEMORY));
      // and the worker goes on
      assertThat(grain.exec(memory("24MiB"), script("echo on")).stdout()).isEqualTo("on\n");
    }
  }

  @Test
  void memory_controlGroups_jobThatNeedsMoreRunsOutOfMemory() throws Exception {
    assumeControlGroups();
    assertRunsOutOfMemory(start(List.of(), "--enforce=require"), "cgroup v" + version());
  }

  private static int version() {
    return Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers")) ? 2 : 1;
  }

  @Test
  void memory_samples_jobThatNeedsMoreRunsOutOfMemory() throws Exception {
    assertRunsOutOfMemory(start(List.of(SAMPLES)), "sampling");
  }

  @Test
  void memory_off_isNotLimited() throws Exception {
    WorkerProcess worker = start(List.of(), "--enforce=off");
    try (GrainExecutor grain = GrainExecutor.open(cluster().over(worker))) {
      Command large =
          Command.of("awk", "BEGIN { printf \"%30000000s\", 1 }").stdout(Path.of("/dev/null"));
      assertThat(grain.exec(memory("1MiB"), large).exitCode()).isZero();
    }
    assertThat(groups()).isEmpty();
  }

  @Test
  void forkBomb_required_endsAsItsOwnFailure() throws Exception {
    assumeControlGroups();
    WorkerProcess worker = start(List.of(), "--enforce=require", "--max-processes=64");
    try (GrainExecutor grain = GrainExecutor.open(cluster().over(worker))) {
      assertThatExceptionOfType(JobFailedException.class)
          .isThrownBy(() -> grain.exec(cpu(1), script("f() { f | f; }; f; exit 9")))
          .withMessageContaining("limit of 64 processes and threads (--max-processes)");
      assertThat(grain.exec(cpu(1), script("echo on")).stdout()).isEqualTo("on\n");
    }
  }

  @Test
  void processes_samples_jobWithMoreIsKilled() throws Exception {
    WorkerProcess worker = start(List.of(SAMPLES), "--max-processes=5");
    try (GrainExecutor grain = GrainExecutor.open(cluster().over(worker))) {
      String many = "for i in 1 2 3 4 5 6 7 8; do sleep 1000 & done; wait";
      assertThatExceptionOfType(JobFailedException.class)
          .isThrownBy(() -> grain.exec(cpu(1), script(many)))
          .withMessageContaining("limit of 5 processes and threads (--max-processes)");
    }
  }

  private static void assertPinned(GrainExecutor grain) throws InterruptedException {
    CommandResult result =
        grain.exec(
            cpu(1), script("echo $GRAIN_CPU_IDS; grep Cpus_allowed_list: /proc/self/status"));
    List<String> lines = result.stdout().lines().toList();
    assertThat(lines.getLast()).isEqualTo("Cpus_allowed_list:\t" + lines.getFirst());
  }

  @Test
  void cores_controlGroups_areThoseOfTheJob() throws Exception {
    assumeControlGroups();
    WorkerProcess worker = start(List.of(), "--enforce=require", "--cpus", "1");
    try (GrainExecutor grain = GrainExecutor.open(cluster().over(worker))) {
      assertPinned(grain);
    }
  }

  @Test
  void cores_affinity_areThoseOfTheJob() throws Exception {
    WorkerProcess worker = start(List.of(SAMPLES), "--cpus", "1");
    try (GrainExecutor grain = GrainExecutor.open(cluster().over(worker))) {
      assertPinned(grain);
    }
  }

  private static String ownCores() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/thread-self/status"))) {
      return lines
          .filter(line -> line.startsWith("Cpus_allowed_list:"))
          .map(line -> line.substring(line.indexOf('\t') + 1))
          .collect(Collectors.joining());
    }
  }

  private static String pinnedCores() throws IOException {
    return Grain.allocation().cores().getFirst() + " " + ownCores();
  }

  @Test
  void pin_function_runsOnItsCore_andOthersOnAll() throws Exception {
    WorkerProcess worker = start(List.of(), "--pin", "--cpus", "1");
    try (GrainExecutor grain = GrainExecutor.open(cluster().over(worker))) {
      String cores = grain.exec(cpu(1), EnforcementTest::pinnedCores);
      assertThat(cores).matches("(\\d+) \\1");
      // on a thread of all
      assertThat(grain.exec(memory("1MiB"), EnforcementTest::ownCores)).isEqualTo(ownCores());
    }
  }

  @Test
  void daemon_withoutSessionAndEnvironment_endsWithItsJob() throws Exception {
    assumeControlGroups();
    Path file = folder.resolve("daemon");
    WorkerProcess worker = start(List.of(), "--enforce=require");
    try (GrainExecutor grain = GrainExecutor.open(cluster().over(worker))) {
      String wait = "until [ -s " + file + " ]; do sleep 0.01; done";
      grain.exec(cpu(1), script(daemon(file) + wait));
      assertThat(isAlive(await(file))).isFalse();
    }
  }

  @Test
  void workerThatIsKilled_leavesNoProcessAndNoControlGroup() throws Exception {
    assumeControlGroups();
    Path file = folder.resolve("daemon");
    WorkerProcess worker = start(List.of(), "--enforce=require");
    try (GrainExecutor grain = GrainExecutor.open(cluster().over(worker))) {
      Job<CommandResult> job = grain.submit(cpu(1), script(daemon(file) + "exec sleep 1000"));
      String daemon = await(file);
      assertThat(groups()).isNotEmpty();
      worker.signal("KILL");
      worker.exitCode();
      awaitThat(() -> !isAlive(daemon) && groups().isEmpty());
      job.cancel();
    }
  }

  @Test
  void nextLife_workerAndWatchdogWereKilled_removesWhatIsLeft() throws Exception {
    assumeControlGroups();
    Path file = folder.resolve("daemon");
    WorkerProcess worker = start(List.of(), "--enforce=require");
    String daemon;
    try (GrainExecutor grain = GrainExecutor.open(cluster().over(worker))) {
      Job<CommandResult> job = grain.submit(cpu(1), script(daemon(file) + "exec sleep 1000"));
      daemon = await(file);
      List<ProcessHandle> watchdogs =
          ProcessHandle.of(worker.pid())
              .orElseThrow()
              .descendants()
              .filter(each -> each.info().commandLine().orElse("").contains("grain-commands"))
              .toList();
      assertThat(watchdogs).isNotEmpty();
      watchdogs.forEach(ProcessHandle::destroyForcibly);
      watchdogs.forEach(each -> each.onExit().join());
      worker.signal("KILL");
      worker.exitCode();
      job.cancel();
    }
    assertThat(isAlive(daemon)).isTrue();
    assertThat(groups()).isNotEmpty();
    start(List.of(), "--enforce=require");
    awaitThat(() -> !isAlive(daemon));
    workers.removeLast();
    assertThat(groups()).isEmpty();
  }

  private Launcher grain(String... words) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(LocalWorker.JVM_FLAGS);
    command.addAll(List.of("-Xmx64m", SAMPLES, "-cp", Cluster.workerClassPath()));
    command.add(GrainCommand.class.getName());
    command.addAll(List.of(words));
    return Launcher.start(folder, Map.of(), command);
  }

  @Test
  void require_withoutControlGroups_doesNotStartAndSaysWhatToDo() throws Exception {
    Launcher worker =
        grain("worker", "--enforce=require", "--insecure", "--port=0", "--memory=32MiB");
    assertThat(worker.exitCode()).isEqualTo(ExitCode.ENFORCEMENT.number());
    assertThat(worker.errors())
        .contains("grain-worker: No control group limits cores (")
        .contains("Delegate=yes")
        .contains("--enforce=best");
    worker.close();
  }

  @Test
  void workers_tellsWhatIsEnforcedHow() throws Exception {
    WorkerProcess worker = start(List.of(SAMPLES), "--max-processes=5");
    Launcher question = grain("workers", "--key", cluster().key().toString(), worker.address());
    question.line();
    assertThat(question.line())
        .contains("enforcing cores by CPU affinity, memory and processes by sampling");
    assertThat(question.exitCode()).isZero();
    question.close();
  }
}
