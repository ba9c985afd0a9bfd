package dev.grain.node.confine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.grain.Allocation;
import dev.grain.Enforce;
import dev.grain.resource.internal.ControlGroup;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes, kept to their limits by what this machine offers. */
class ConfinementTest {
  private static final long MEBIBYTE = 1L << 20;
  private static final String ONLY = "dev.grain.enforce.only";
  private static final int SECONDS = 30;

  /** Doubles a text until it is stopped; a second of patience lets samples see it. */
  private static final String EATER = "BEGIN { s = \"x\"; while (1) { s = s s; n = length(s) } }";

  @TempDir private Path folder;

  @AfterEach
  void forgetMechanism() {
    System.clearProperty(ONLY);
  }

  private static Enforcement controlGroups(long maxProcesses) {
    try {
      return Enforcement.open(
          EnforcementSettings.of(Enforce.REQUIRE).withMaxProcesses(maxProcesses));
    } catch (NotEnforceableException e) {
      assumeTrue(false, String.valueOf(e.getMessage()));
      throw new AssertionError(e);
    }
  }

  private static Enforcement samples(long maxProcesses) throws NotEnforceableException {
    assumeTrue(Affinity.isAvailable(), "This JVM must not call sched_setaffinity");
    System.setProperty(ONLY, "samples");
    return Enforcement.open(EnforcementSettings.of(Enforce.BEST).withMaxProcesses(maxProcesses));
  }

  private static Allocation allocation(long memory, Integer... cores) {
    return new Allocation(List.of(cores), List.of(), memory, Map.of(), "test");
  }

  private Process start(Confinement confinement, String... words) throws IOException {
    return confinement.start(
        List.of(words),
        all -> new ProcessBuilder(all).redirectErrorStream(true).redirectOutput(output()).start());
  }

  private File output() {
    return folder.resolve("output").toFile();
  }

  private static void await(Process process) throws InterruptedException {
    assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  private static void awaitThat(BooleanSupplier condition) {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(SECONDS));
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
  }

  private static void killAll(Confinement confinement) {
    awaitThat(() -> {
      confinement.kill();
      return confinement.isEmpty();
    });
  }

  private static int someCore() {
    BitSet cores = Affinity.of(0);
    assumeTrue(cores != null, "This JVM must not call sched_getaffinity");
    return cores.length() - 1;
  }

  private static boolean isLinux() {
    return Files.exists(Path.of("/proc/self/status"));
  }

  // ---------------------------------------------------------------- cores

  @Test
  void start_controlGroups_processRunsOnItsCoresOnly() throws Exception {
    int core = someCore();
    try (Enforcement enforcement = controlGroups(0);
        Confinement confinement = enforcement.confine(allocation(0, core))) {
      assertThat(coresOf(confinement)).isEqualTo(String.valueOf(core));
    }
  }

  @Test
  void start_affinity_processRunsOnItsCoresOnly() throws Exception {
    int core = someCore();
    try (Enforcement enforcement = samples(0);
        Confinement confinement = enforcement.confine(allocation(0, core))) {
      assertThat(coresOf(confinement)).isEqualTo(String.valueOf(core));
    }
  }

  @Test
  void start_coresThatTheMachineDoesNotHave_processIsNotPinned() throws Exception {
    BitSet all = Affinity.of(0);
    try (Enforcement enforcement = samples(0);
        Confinement confinement = enforcement.confine(allocation(0, someCore(), 100_000))) {
      Process process = start(confinement, "sleep", "30");
      assertThat(Affinity.of(process.pid())).isEqualTo(all);
      process.destroyForcibly();
      await(process);
    }
  }

  private String coresOf(Confinement confinement) throws Exception {
    await(start(confinement, "grep", "Cpus_allowed_list", "/proc/self/status"));
    return Files.readString(output().toPath()).replaceAll("(?s).*:\\s*|\\s*$", "");
  }

  @Test
  void start_thread_isWhereItWasAfterwards() throws Exception {
    BitSet cores = Affinity.of(0);
    String groups = Files.readString(Path.of("/proc/thread-self/cgroup"));
    try (Enforcement enforcement = controlGroups(0);
        Confinement confinement = enforcement.confine(allocation(64 * MEBIBYTE, someCore()))) {
      await(start(confinement, "true"));
      assertThat(Affinity.of(0)).isEqualTo(cores);
      assertThat(withoutLeaf(Files.readString(Path.of("/proc/thread-self/cgroup"))))
          .isEqualTo(groups);
    }
  }

  private static String withoutLeaf(String groups) {
    return groups.replace("/" + Hierarchy.LEAF, "");
  }

  @Test
  void start_threadsOfTheJdk_areNotLeftInTheGroup() throws Exception {
    BitSet cores = Affinity.of(0);
    try (Enforcement enforcement = controlGroups(0);
        Confinement confinement = enforcement.confine(allocation(0, someCore()))) {
      // more than the reapers that the JDK has in reserve
      List<Process> processes =
          List.of(
              start(confinement, "sleep", "30"),
              start(confinement, "sleep", "30"),
              start(confinement, "sleep", "30"));
      for (long thread : Affinity.threads(Path.of("/proc/self/task"))) {
        BitSet own = Affinity.of(thread);
        assertThat(own == null || own.equals(cores)).isTrue();
      }
      killAll(confinement);
      for (Process each : processes) {
        await(each);
      }
    }
  }

  @Test
  void start_groupThatCannotBeLeft_isToldAndTheThreadHasItsCoresAgain() throws Exception {
    int core = someCore();
    BitSet cores = Affinity.of(0);
    // an imitation, whose file for threads cannot be written
    Files.createDirectories(folder.resolve("own/tasks"));
    ControlGroup group = new ControlGroup(false, List.of("pids"), List.of("/own"));
    Hierarchy hierarchy = Hierarchy.version1(folder, group, EnumSet.of(Part.PROCESSES), "life");
    BitSet pinned = new BitSet();
    pinned.set(core);
    Map<Part, Mechanism> mechanisms =
        Map.of(Part.CORES, Mechanism.AFFINITY, Part.PROCESSES, Mechanism.CGROUP_1);
    Confinement confinement =
        Confinement.make(
            "job", List.of(hierarchy), mechanisms, new Confinement.Limits(pinned, 0, 5));
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> await(start(confinement, "true")));
    assertThat(Affinity.of(0)).isEqualTo(cores);
  }

  @Test
  void start_virtualThread_isRefused() throws Exception {
    assumeTrue(isLinux(), "There is no /proc");
    try (Enforcement enforcement = samples(0);
        Confinement confinement = enforcement.confine(allocation(0))) {
      Thread.Builder virtual = Thread.ofVirtual();
      List<Throwable> thrown = new CopyOnWriteArrayList<>();
      virtual
          .start(() -> {
            try {
              start(confinement, "true");
            } catch (IOException | RuntimeException e) {
              thrown.add(e);
            }
          })
          .join();
      assertThat(thrown).singleElement().isInstanceOf(IllegalStateException.class);
    }
  }

  // ---------------------------------------------------------------- memory

  @Test
  void memory_controlGroups_processThatNeedsMoreIsKilled() throws Exception {
    try (Enforcement enforcement = controlGroups(0);
        Confinement confinement = enforcement.confine(allocation(32 * MEBIBYTE))) {
      await(start(confinement, "awk", EATER));
      assertThat(confinement.exceedsMemory()).isTrue();
      assertThat(confinement.peakMemory()).isBetween(16 * MEBIBYTE, 32 * MEBIBYTE);
      assertThat(confinement.memoryExceeded("of the test"))
          .matches("used .* of the 32 MiB of the test \\(enforced by cgroup v[12]\\); .*");
    }
  }

  @Test
  void memory_controlGroups_processThatNeedsLessHasItsPeak() throws Exception {
    try (Enforcement enforcement = controlGroups(0);
        Confinement confinement = enforcement.confine(allocation(256 * MEBIBYTE))) {
      Process process = start(confinement, "awk", "BEGIN { printf \"%20000000s\", 1 }");
      await(process);
      assertThat(process.exitValue()).isZero();
      assertThat(confinement.exceedsMemory()).isFalse();
      assertThat(confinement.peakMemory()).isGreaterThan(19_000_000);
    }
  }

  @Test
  void memory_samples_overTheLimit_isTold() throws Exception {
    try (Enforcement enforcement = samples(0);
        Confinement confinement = enforcement.confine(allocation(4096))) {
      Process process = start(confinement, "sleep", "30");
      confinement.sample(List.of(), 4096);
      assertThat(confinement.exceedsMemory()).isFalse();
      awaitThat(() -> {
        confinement.sample(List.of(process.pid()), 1 << 20);
        return confinement.exceedsMemory();
      });
      assertThat(confinement.peakMemory()).isGreaterThan(4096);
      assertThat(confinement.memoryExceeded("of the test")).contains("(enforced by sampling)");
      process.destroyForcibly();
      await(process);
    }
  }

  @Test
  void memory_samples_sharedMemoryOverTheLimit_isNotCounted() throws Exception {
    try (Enforcement enforcement = samples(0);
        Confinement confinement = enforcement.confine(allocation(64 * MEBIBYTE))) {
      Process process = start(confinement, "sleep", "30");
      confinement.sample(List.of(process.pid()), 65 * MEBIBYTE);
      assertThat(confinement.exceedsMemory()).isFalse();
      process.destroyForcibly();
      await(process);
    }
  }

  // ---------------------------------------------------------------- processes

  @Test
  void processes_controlGroups_noMoreThanAllowedAreStarted() throws Exception {
    try (Enforcement enforcement = controlGroups(5);
        Confinement confinement = enforcement.confine(allocation(0))) {
      String script = "for i in 1 2 3 4 5 6 7 8 9; do sleep 30 & done; wait";
      Process process = start(confinement, "sh", "-c", script);
      awaitThat(confinement::reachesProcesses);
      assertThat(confinement.processes().size()).isLessThanOrEqualTo(5);
      killAll(confinement);
      await(process);
      // its message about that depends on the shell
      assertThat(Files.readString(output().toPath(), StandardCharsets.UTF_8)).isNotEmpty();
    }
  }

  @Test
  void processes_samples_overTheLimit_isTold() throws Exception {
    try (Enforcement enforcement = samples(5);
        Confinement confinement = enforcement.confine(allocation(0))) {
      confinement.sample(List.of(1L, 2L, 3L, 4L, 5L), 0);
      assertThat(confinement.exceedsProcesses()).isFalse();
      confinement.sample(List.of(1L, 2L, 3L, 4L, 5L, 6L), 0);
      assertThat(confinement.exceedsProcesses()).isTrue();
    }
  }

  // ---------------------------------------------------------------- the end

  @Test
  void kill_daemonWithoutParentAndEnvironment_isKilled() throws Exception {
    try (Enforcement enforcement = controlGroups(0);
        Confinement confinement = enforcement.confine(allocation(0))) {
      await(start(confinement, "sh", "-c", "env -i setsid sleep 300 &"));
      assertThat(confinement.isEmpty()).isFalse();
      killAll(confinement);
      assertThat(confinement.processes()).isEmpty();
    }
  }

  @Test
  void kill_asManyProcessesAsThereMayBe_endsAll() throws Exception {
    try (Enforcement enforcement = controlGroups(40);
        Confinement confinement = enforcement.confine(allocation(0))) {
      Process bomb = start(confinement, "sh", "-c", "while :; do sleep 300 & done");
      awaitThat(() -> confinement.processes().size() > 30);
      killAll(confinement);
      await(bomb);
    }
  }

  @Test
  void pin_forTheNextJob_movesTheProcessToItsCores() throws Exception {
    for (Enforcement each : List.of(controlGroups(0), samples(0))) {
      try (Enforcement enforcement = each;
          Confinement confinement = enforcement.confine(allocation(0, someCore()))) {
        Process warm = start(confinement, "sleep", "300");
        assertThat(Affinity.of(warm.pid())).hasToString("{" + someCore() + "}");
        BitSet all = Affinity.of(0);
        enforcement.pin(
            confinement, warm.pid(), allocation(0, all.stream().boxed().toArray(Integer[]::new)));
        assertThat(Affinity.of(warm.pid())).isEqualTo(all);
        warm.destroyForcibly();
        await(warm);
      }
    }
  }

  @Test
  void end_killsWhatIsLeft() throws Exception {
    try (Enforcement enforcement = controlGroups(0);
        Confinement confinement = enforcement.confine(allocation(0))) {
      Process left = start(confinement, "sleep", "300");
      confinement.end();
      await(left);
      assertThat(confinement.isEmpty()).isTrue();
    }
  }

  @Test
  void close_enforcement_removesItsGroupsWithWhatRunsInThem() throws Exception {
    List<Path> groups;
    Process left;
    try (Enforcement enforcement = controlGroups(0)) {
      groups = enforcement.groups();
      assertThat(groups).isNotEmpty().allMatch(Files::isDirectory);
      left = start(enforcement.confine(allocation(0)), "sleep", "300");
    }
    await(left);
    assertThat(groups).noneMatch(Files::exists);
  }

  @Test
  void open_groupsOfAProcessThatIsGone_areRemovedWithWhatRunsInThem() throws Exception {
    Path parent;
    try (Enforcement enforcement = controlGroups(0)) {
      parent =
          enforcement.groups().stream()
              // groups for cores take no processes before they have some
              .filter(each -> Files.notExists(each.resolve("cpuset.cpus")))
              .findFirst()
              .orElseThrow()
              .getParent();
    }
    Process gone = new ProcessBuilder("true").start();
    await(gone);
    Life mine = Life.next();
    Life over = new Life(mine.namespace(), gone.pid(), 1, 1);
    GroupFolder group = new GroupFolder(parent.resolve(over.name()), false).make();
    assumeTrue(group.has("tasks"), "Control groups of version 2 take no processes here");
    Process left = new ProcessBuilder("sleep", "300").start();
    group.below("job-1").make().enter(left.pid());
    try (Enforcement _ = controlGroups(0)) {
      await(left);
      assertThat(group.folder()).doesNotExist();
    }
  }

  // ---------------------------------------------------------------- messages

  @Test
  void description_controlGroups_namesThem() {
    try (Enforcement enforcement = controlGroups(10)) {
      assertThat(enforcement.description()).matches(".*memory.* by cgroup v[12]");
      assertThat(enforcement.advice()).isNull();
    }
  }

  @Test
  void description_samples_tellsHowToGetMore() throws Exception {
    try (Enforcement enforcement = samples(10)) {
      assertThat(enforcement.description())
          .isEqualTo("cores by CPU affinity, memory and processes by sampling");
      assertThat(enforcement.advice()).contains("Delegate=yes");
    }
  }

  @Test
  void description_off_isNothing() throws Exception {
    try (Enforcement enforcement = Enforcement.open(EnforcementSettings.OFF)) {
      assertThat(enforcement.description()).isEqualTo("nothing");
      assertThat(enforcement.groups()).isEmpty();
    }
  }

  @Test
  void open_requiredWithoutControlGroups_saysWhatIsMissingAndWhatToDo() {
    assertThatExceptionOfType(NotEnforceableException.class)
        .isThrownBy(() -> Enforcement.open(EnforcementSettings.of(Enforce.REQUIRE), folder))
        .withMessageContaining("No control group limits cores")
        .withMessageContaining("Delegate=yes")
        .withMessageContaining("--enforce=best");
  }

  @Test
  void whenNeeded_untilThen_makesNoGroups() throws Exception {
    try (Enforcement enforcement = Enforcement.whenNeeded(EnforcementSettings.of(Enforce.BEST))) {
      assertThat(enforcement).isNotNull();
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }
}
