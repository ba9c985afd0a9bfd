package dev.grain.node.confine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.grain.Allocation;
import dev.grain.Enforce;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Control groups of version 2: what is written to their files, in an imitation of a machine that
 * has them, and their ends in the kernel, where this process may make some.
 */
class UnifiedGroupsTest {
  private static final EnforcementSettings SETTINGS =
      EnforcementSettings.of(Enforce.REQUIRE).withMaxProcesses(7);
  private static final long OWN = ProcessHandle.current().pid();

  @TempDir private Path root;
  private Path mounted;

  @BeforeEach
  void imitateMachine() throws IOException {
    mounted = Files.createDirectories(root.resolve("sys/fs/cgroup"));
    Files.createDirectories(root.resolve("proc/self"));
    Files.writeString(
        root.resolve("proc/self/mountinfo"),
        "31 23 0:28 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw\n");
  }

  /** Has this process be in a group that has all controllers. */
  private Path group(String path, String processes) throws IOException {
    Files.writeString(root.resolve("proc/self/cgroup"), "0::" + path + "\n");
    Path folder = Files.createDirectories(mounted.resolve(path.substring(1)));
    Files.writeString(folder.resolve("cgroup.controllers"), "cpuset cpu memory pids\n");
    Files.writeString(folder.resolve("cgroup.procs"), processes);
    Files.writeString(folder.resolve("cgroup.subtree_control"), "");
    Files.writeString(folder.resolve("cgroup.events"), "populated 1\n");
    return folder;
  }

  private static String read(Path folder, String file) throws IOException {
    return Files.readString(folder.resolve(file)).strip();
  }

  private static Allocation allocation(long memory, Integer... cores) {
    return new Allocation(List.of(cores), List.of(), memory, Map.of(), "test");
  }

  private static int someCore() {
    assumeTrue(Affinity.isAvailable(), "This JVM must not call sched_getaffinity");
    return Affinity.of(0).nextSetBit(0);
  }

  /** Removes the files, which folders of the kernel do not count as content. */
  private static void removeFiles(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
        if (Files.isRegularFile(each)) {
          Files.delete(each);
        }
      }
    }
  }

  @Test
  void open_delegatedGroup_movesThisProcessAndLimitsGroupsBelow() throws Exception {
    Path own = group("/", String.valueOf(OWN));
    Enforcement enforcement = Enforcement.open(SETTINGS, root);
    Path life = enforcement.groups().getFirst();
    assertThat(enforcement.groups()).hasSize(1);
    assertThat(life.getParent()).isEqualTo(own);
    assertThat(read(own.resolve(Hierarchy.LEAF), "cgroup.procs")).isEqualTo(String.valueOf(OWN));
    // the imitation keeps the last one only
    assertThat(read(own, "cgroup.subtree_control")).isEqualTo("+pids");
    assertThat(read(life, "cgroup.subtree_control")).isEqualTo("+pids");
    assertThat(enforcement.description()).isEqualTo("cores, memory and processes by cgroup v2");
  }

  @Test
  void close_delegatedGroup_putsEverythingBack() throws Exception {
    Path own = group("/", String.valueOf(OWN));
    Enforcement enforcement = Enforcement.open(SETTINGS, root);
    Path life = enforcement.groups().getFirst();
    removeFiles(life);
    Files.writeString(own.resolve("cgroup.procs"), "");
    Path leaf = own.resolve(Hierarchy.LEAF);
    enforcement.close();
    assertThat(life).doesNotExist();
    assertThat(read(own, "cgroup.procs")).isEqualTo(String.valueOf(OWN));
    assertThat(read(own, "cgroup.subtree_control")).isEqualTo("-pids");
    removeFiles(leaf);
  }

  @Test
  void open_ownGroupOfAnEarlierLife_usesTheOneAbove() throws Exception {
    Path above = group("/app", "");
    Files.writeString(above.resolve("cgroup.subtree_control"), "cpuset memory pids");
    group("/app/" + Hierarchy.LEAF, OWN + "\n4711\n");
    Enforcement enforcement = Enforcement.open(SETTINGS, root);
    assertThat(enforcement.groups().getFirst().getParent()).isEqualTo(above);
    assertThat(enforcement.description()).isEqualTo("cores, memory and processes by cgroup v2");
  }

  @Test
  void open_groupWithOtherProcesses_isNotUsed() throws Exception {
    group("/", OWN + "\n4194399\n");
    assertThatExceptionOfType(NotEnforceableException.class)
        .isThrownBy(() -> Enforcement.open(SETTINGS, root))
        .withMessageContaining("has other processes, too, for example 4194399");
    assertThat(mounted.resolve(Hierarchy.LEAF)).doesNotExist();
  }

  @Test
  void open_noControllers_isNotUsed() throws Exception {
    Path own = group("/", String.valueOf(OWN));
    Files.writeString(own.resolve("cgroup.controllers"), "hugetlb");
    assertThatExceptionOfType(NotEnforceableException.class)
        .isThrownBy(() -> Enforcement.open(SETTINGS, root))
        .withMessageContaining("has no controllers for it");
  }

  @Test
  void confine_limits_areWritten() throws Exception {
    group("/", String.valueOf(OWN));
    int core = someCore();
    Enforcement enforcement = Enforcement.open(SETTINGS, root);
    Confinement _ = enforcement.confine(allocation(1 << 20, core));
    Path job = enforcement.groups().getFirst().resolve("job-1");
    assertThat(read(job, "cpuset.cpus")).isEqualTo(String.valueOf(core));
    assertThat(read(job, "memory.max")).isEqualTo("1048576");
    assertThat(read(job, "pids.max")).isEqualTo("7");
  }

  @Test
  void confine_nothingRequested_limitsOnlyProcesses() throws Exception {
    group("/", String.valueOf(OWN));
    Enforcement enforcement = Enforcement.open(SETTINGS, root);
    Confinement _ = enforcement.confine(allocation(0));
    Path job = enforcement.groups().getFirst().resolve("job-1");
    assertThat(job.resolve("cpuset.cpus")).doesNotExist();
    assertThat(job.resolve("memory.max")).doesNotExist();
    assertThat(read(job, "pids.max")).isEqualTo("7");
  }

  @Test
  void confine_nothingToLimit_makesNoGroupUnlessLimitsAreRequired() throws Exception {
    group("/", String.valueOf(OWN));
    for (Enforce mode : List.of(Enforce.BEST, Enforce.REQUIRE)) {
      EnforcementSettings unlimited = EnforcementSettings.of(mode).withMaxProcesses(0);
      Enforcement enforcement = Enforcement.open(unlimited, root);
      Confinement _ = enforcement.confine(allocation(0));
      Path job = enforcement.groups().getFirst().resolve("job-1");
      assertThat(Files.exists(job)).isEqualTo(mode == Enforce.REQUIRE);
    }
  }

  @Test
  void start_program_entersTheGroupAndKeepsItsArguments() throws Exception {
    group("/", String.valueOf(OWN));
    Enforcement enforcement = Enforcement.open(SETTINGS, root);
    Confinement confinement = enforcement.confine(allocation(0));
    Path output = root.resolve("output");
    Process process =
        confinement.start(
            List.of("/bin/echo", "a b", "$c", "'d'"),
            words -> new ProcessBuilder(words).redirectOutput(output.toFile()).start());
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readString(output)).isEqualTo("a b $c 'd'\n");
    Path job = enforcement.groups().getFirst().resolve("job-1");
    assertThat(read(job, "cgroup.procs")).isEqualTo("0");
  }

  @Test
  void watching_filesOfTheKernel_areRead() throws Exception {
    group("/", String.valueOf(OWN));
    Enforcement enforcement = Enforcement.open(SETTINGS, root);
    Confinement confinement = enforcement.confine(allocation(1 << 20));
    Path job = enforcement.groups().getFirst().resolve("job-1");
    Files.writeString(job.resolve("memory.peak"), "1048000\n");
    Files.writeString(job.resolve("memory.events"), "low 0\nhigh 0\nmax 9\noom 1\noom_kill 0\n");
    Files.writeString(job.resolve("cgroup.events"), "populated 1\nfrozen 0\n");
    assertThat(confinement.peakMemory()).isEqualTo(1_048_000);
    assertThat(confinement.exceedsMemory()).isFalse();
    assertThat(confinement.isEmpty()).isFalse();
    Files.writeString(job.resolve("memory.events"), "low 0\nhigh 0\nmax 9\noom 1\noom_kill 1\n");
    Files.writeString(job.resolve("cgroup.events"), "populated 0\nfrozen 0\n");
    assertThat(confinement.exceedsMemory()).isTrue();
    assertThat(confinement.isEmpty()).isTrue();
    Files.writeString(job.resolve("cgroup.kill"), "");
    confinement.kill();
    assertThat(read(job, "cgroup.kill")).isEqualTo("1");
  }

  @Test
  void clear_realGroup_endsItsProcesses() throws Exception {
    Path kernel = Path.of("/sys/fs/cgroup/unified");
    if (Files.notExists(kernel)) {
      kernel = Path.of("/sys/fs/cgroup");
    }
    assumeTrue(
        Files.exists(kernel.resolve("cgroup.controllers")) && Files.isWritable(kernel),
        "This process may make no control groups of version 2");
    GroupFolder group = new GroupFolder(kernel.resolve(Life.next().name()), true);
    try {
      group.make();
    } catch (IOException e) {
      assumeTrue(false, "This process may make no control groups of version 2: " + e);
    }
    try {
      Process process =
          new ProcessBuilder(
                  "sh",
                  "-c",
                  "echo 0 >\"$0/cgroup.procs\" && exec sleep 300",
                  group.below("job").make().toString())
              .start();
      while (!group.hasProcesses()) {
        Thread.onSpinWait();
      }
      group.clear();
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    } finally {
      group.clear();
    }
    assertThat(group.folder()).doesNotExist();
  }
}
