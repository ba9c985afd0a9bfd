package dev.grain.resource.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DetectionTest {
  private static final long GIB = 1L << 30;
  private static final String UNIFIED =
      "31 23 0:28 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";

  private final Map<String, String> environment = new TreeMap<>();
  private final List<List<String>> started = new ArrayList<>();
  private @Nullable String printed;
  private int processors = 1_000;

  @TempDir private Path root;

  // ---- cores and memory without control groups

  @Test
  void offer_affinityMask_isWhatIsOffered() {
    machine("0-3,8,10-11", 16);

    assertThat(detect().cores()).containsExactly(0, 1, 2, 3, 8, 10, 11);
    assertThat(detect().memory()).isEqualTo(16 * GIB);
    assertThat(detect().gpus()).isEmpty();
    assertThat(detect().capacity()).isEqualTo(Offer.UNLIMITED);
    assertThat(detect().headPlaces()).isZero();
  }

  @Test
  void offer_noProcFiles_asksTheJvm() {
    processors = 3;

    assertThat(detect().cores()).containsExactly(0, 1, 2);
    assertThat(detect().memory()).isEqualTo(7);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "x", "3-1", "1-", "-", "0,,2", "0-99999999999", "99999999999999999999"})
  void offer_damagedMask_asksTheJvm(String mask) {
    machine(mask, 16);
    processors = 2;

    assertThat(detect().cores()).containsExactly(0, 1);
  }

  @Test
  void offer_jvmToldFewerProcessors_takesThatMany() {
    machine("4-7", 16);
    processors = 2;

    assertThat(detect().cores()).containsExactly(4, 5);
  }

  // ---- control groups, version 2

  @ParameterizedTest
  @CsvSource({
    "150000 100000, 1",
    "50000 100000, 1",
    "200000 100000, 2",
    "399999 100000, 3",
    "10000000 100000, 8",
    "max 100000, 8",
    "1000, 8",
    "x y, 8",
    "1000 0, 8"
  })
  void offer_unifiedQuota_isRoundedDownButNotToZero(String quota, int cores) {
    machine("0-7", 16);
    write("/proc/self/cgroup", "0::/job\n");
    write("/proc/self/mountinfo", UNIFIED);
    write("/sys/fs/cgroup/job/cpu.max", quota + "\n");

    assertThat(detect().cores()).containsExactly(IntStream.range(0, cores).toArray());
  }

  @Test
  void offer_unifiedLimits_theLeastOfAllLevelsCounts() {
    machine("0-7", 16);
    write("/proc/self/cgroup", "0::/slice/job/step\n");
    write("/proc/self/mountinfo", "no such line\n" + UNIFIED);
    write("/sys/fs/cgroup/slice/job/step/cpu.max", "500000 100000\n");
    write("/sys/fs/cgroup/slice/job/step/memory.max", "max\n");
    write("/sys/fs/cgroup/slice/job/step/cpuset.cpus.effective", "1-7\n");
    write("/sys/fs/cgroup/slice/job/cpu.max", "max 100000\n");
    write("/sys/fs/cgroup/slice/job/memory.max", 3 * GIB + "\n");
    write("/sys/fs/cgroup/slice/cpu.max", "250000 100000\n");
    write("/sys/fs/cgroup/slice/memory.max", 2 * GIB + "\n");
    write("/sys/fs/cgroup/cpuset.cpus.effective", "0-15\n");

    assertThat(detect().cores()).containsExactly(1, 2);
    assertThat(detect().memory()).isEqualTo(2 * GIB);
  }

  @Test
  void offer_limitsAboveTheMachine_sayNothing() {
    machine("0-1", 16);
    write("/proc/self/cgroup", "0::/\n");
    write("/proc/self/mountinfo", UNIFIED);
    write("/sys/fs/cgroup/cpu.max", "6400000 100000\n");
    write("/sys/fs/cgroup/memory.max", 64 * GIB + "\n");
    write("/sys/fs/cgroup/cpuset.cpus.effective", "\n");

    assertThat(detect()).isEqualTo(Offer.EMPTY.withCores(0, 1).withMemory(16 * GIB));
  }

  @Test
  void offer_cpusetOutsideTheMask_leavesTheMask() {
    machine("0-1", 16);
    write("/proc/self/cgroup", "0::/\n");
    write("/proc/self/mountinfo", UNIFIED);
    write("/sys/fs/cgroup/cpuset.cpus.effective", "4-5\n");

    assertThat(detect().cores()).containsExactly(0, 1);
  }

  @Test
  void offer_mountedSubtree_findsTheGroupBelowIt() {
    machine("0-7", 16);
    write("/proc/self/cgroup", "0::/docker/abc/job\n");
    write(
        "/proc/self/mountinfo",
        "31 23 0:28 /docker/abc /sys/fs/my\\040groups rw - cgroup2 cgroup2 rw\n");
    write("/sys/fs/my groups/cpu.max", "300000 100000\n");
    write("/sys/fs/my groups/job/memory.max", GIB + "\n");

    assertThat(detect().coreCount()).isEqualTo(3);
    assertThat(detect().memory()).isEqualTo(GIB);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/../../other", "/docker/abcdef", "/elsewhere"})
  void offer_groupOutsideTheMount_takesTheMountPoint(String group) {
    machine("0-7", 16);
    write("/proc/self/cgroup", "0::" + group + "\n");
    write(
        "/proc/self/mountinfo", "31 23 0:28 /docker/abc /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
    write("/sys/fs/cgroup/cpu.max", "300000 100000\n");

    assertThat(detect().coreCount()).isEqualTo(3);
  }

  @Test
  void offer_groupAboveTheNameSpace_isNotFollowedOutOfTheMount() {
    machine("0-7", 16);
    write("/proc/self/cgroup", "0::/../other\n");
    write("/proc/self/mountinfo", UNIFIED);
    write("/sys/fs/cgroup/cpu.max", "300000 100000\n");
    write("/sys/fs/other/cpu.max", "100000 100000\n");

    assertThat(detect().coreCount()).isEqualTo(3);
  }

  // ---- control groups, version 1 and hybrid

  @Test
  void offer_version1_readsEachHierarchy() {
    machine("0-7", 16);
    write(
        "/proc/self/cgroup",
        """
        4:memory:/job/step
        3:cpuset:/job
        2:cpu,cpuacct:/job
        1:name=systemd:/init
        """);
    write(
        "/proc/self/mountinfo",
        """
        32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
        34 31 0:31 / /sys/fs/cgroup/cpuset rw,relatime - cgroup cgroup rw,cpuset
        35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
        36 31 0:33 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
        """);
    write("/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us", "350000\n");
    write("/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us", "100000\n");
    write("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
    write("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
    write("/sys/fs/cgroup/cpuset/job/cpuset.cpus", "2-7\n");
    write("/sys/fs/cgroup/cpuset/cpuset.cpus", "0-7\n");
    write("/sys/fs/cgroup/memory/job/step/memory.limit_in_bytes", "9223372036854771712\n");
    write("/sys/fs/cgroup/memory/job/memory.limit_in_bytes", 5 * GIB + "\n");
    write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");

    assertThat(detect().cores()).containsExactly(2, 3, 4);
    assertThat(detect().memory()).isEqualTo(5 * GIB);
  }

  @Test
  void offer_version1InContainer_readsTheMountPoint() {
    machine("0-7", 16);
    write("/proc/self/cgroup", "2:cpu:/docker/abc\n4:memory:/docker/abc\n");
    write(
        "/proc/self/mountinfo",
        """
        32 31 0:29 /docker/abc /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu
        35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory
        """);
    write("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "150000\n");
    write("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
    write("/sys/fs/cgroup/memory/memory.limit_in_bytes", GIB + "\n");

    assertThat(detect()).isEqualTo(Offer.EMPTY.withCores(0).withMemory(GIB));
  }

  @Test
  void offer_hybrid_readsBothVersions() {
    machine("0-7", 16);
    write("/proc/self/cgroup", "4:memory:/job\n1:name=systemd:/\n0::/user\n");
    write(
        "/proc/self/mountinfo",
        """
        35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
        41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
        """);
    write("/sys/fs/cgroup/memory/job/memory.limit_in_bytes", 4 * GIB + "\n");
    write("/sys/fs/cgroup/unified/user/cpu.max", "200000 100000\n");
    write("/sys/fs/cgroup/memory/user/memory.limit_in_bytes", "1\n");

    assertThat(detect()).isEqualTo(Offer.EMPTY.withCores(0, 1).withMemory(4 * GIB));
  }

  // ---- Slurm

  @Test
  void offer_slurm_limitsCoresAndMemory() {
    machine("0-7", 16);
    environment.put("SLURM_JOB_ID", "17");
    environment.put("SLURM_CPUS_ON_NODE", "3");
    environment.put("SLURM_MEM_PER_NODE", "2048");

    assertThat(detect()).isEqualTo(Offer.EMPTY.withCores(0, 1, 2).withMemory(2 * GIB));
  }

  @Test
  void offer_slurmOutsideAllocation_isIgnored() {
    machine("0-7", 16);
    environment.put("SLURM_CPUS_ON_NODE", "3");
    environment.put("SLURM_MEM_PER_NODE", "2048");
    environment.put("SLURM_JOB_GPUS", "0");

    assertThat(detect().coreCount()).isEqualTo(8);
    assertThat(detect().memory()).isEqualTo(16 * GIB);
    assertThat(detect().gpus()).isEmpty();
  }

  @Test
  void offer_slurmMemoryPerCore_isMultiplied() {
    machine("0-7", 16);
    environment.put("SLURM_JOB_ID", "17");
    environment.put("SLURM_CPUS_ON_NODE", "4");
    environment.put("SLURM_MEM_PER_CPU", "512");
    environment.put("SLURM_MEM_PER_NODE", "0");

    assertThat(detect().memory()).isEqualTo(2 * GIB);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "4(x2),2 | 0  | 4",
        "4(x2),2 | 1  | 4",
        "4(x2),2 | 2  | 2",
        "4(x2),2 | '' | 2",
        "4(x2),2 | 9  | 2",
        "5       | 0  | 5",
        "4(x     | 0  | 8",
        "many    | 0  | 8",
        "16(x2)  | 0  | 8"
      })
  void offer_slurmListOfNodes_takesTheEntryOfThisNode(String list, String node, int cores) {
    machine("0-7", 16);
    environment.put("SLURM_JOB_ID", "17");
    environment.put("SLURM_JOB_CPUS_PER_NODE", list);
    environment.put("SLURM_NODEID", node);

    assertThat(detect().coreCount()).isEqualTo(cores);
  }

  @Test
  void offer_slurmCountAndList_theSmallerCounts() {
    machine("0-7", 16);
    environment.put("SLURM_JOB_ID", "17");
    environment.put("SLURM_CPUS_ON_NODE", "6");
    environment.put("SLURM_JOB_CPUS_PER_NODE", "5(x3)");

    assertThat(detect().coreCount()).isEqualTo(5);
    environment.put("SLURM_CPUS_ON_NODE", "2");
    assertThat(detect().coreCount()).isEqualTo(2);
  }

  @Test
  void offer_slurmGpus_stepBeforeJob() {
    machine("0-7", 16);
    installNvidiaSmi("0, GPU-x\n");
    environment.put("SLURM_JOB_ID", "17");
    environment.put("SLURM_JOB_GPUS", "0-2,5");
    assertThat(detect().gpus()).containsExactly("0", "1", "2", "5");

    environment.put("SLURM_STEP_GPUS", "1");
    assertThat(detect().gpus()).containsExactly("1");

    environment.put("CUDA_VISIBLE_DEVICES", "0");
    assertThat(detect().gpus()).containsExactly("0");
    assertThat(started).isEmpty();
  }

  // ---- GPUs

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                   | ''",
        "-1                   | ''",
        "NoDevFiles           | ''",
        "0                    | 0",
        "2,0                  | 2 0",
        "' 0 , 1 '            | 0 1",
        "0,-1,1               | 0",
        "0,x,1                | 0",
        "0,,1                 | 0",
        "1,1,2                | 1",
        "GPU-8f6,MIG-77/1/0,3 | GPU-8f6 MIG-77/1/0 3",
        "gpu-1                | ''"
      })
  void offer_visibleDevices_areTakenUpToTheFirstInvalid(String variable, String ids) {
    machine("0", 16);
    installNvidiaSmi("0, GPU-x\n");
    environment.put("CUDA_VISIBLE_DEVICES", variable);

    assertThat(String.join(" ", detect().gpus())).isEqualTo(ids);
    assertThat(started).isEmpty();
  }

  @Test
  void offer_nvidiaSmi_givesUniqueIds() {
    machine("0", 16);
    installNvidiaSmi("0, GPU-8f6a\n1, GPU-11b2\n2, [N/A]\n\nNo devices\n1, GPU-11b2\n");

    assertThat(detect().gpus()).containsExactly("GPU-8f6a", "GPU-11b2", "2");
    assertThat(started)
        .containsExactly(
            List.of(
                root.resolve("opt/bin/nvidia-smi").toString(),
                "--query-gpu=index,uuid",
                "--format=csv,noheader"));
  }

  @Test
  void offer_nvidiaSmiFails_hasNoGpus() {
    machine("0", 16);
    installNvidiaSmi("");
    printed = null;

    assertThat(detect().gpus()).isEmpty();
    assertThat(started).hasSize(1);
  }

  @Test
  void offer_noNvidiaSmi_startsNothing() {
    machine("0", 16);
    printed = "0, GPU-x\n";
    write("/opt/bin/nvidia-smi", "not executable");
    environment.put("PATH", "/usr/bin::/absent:/opt/bin:\0");

    assertThat(detect().gpus()).isEmpty();
    assertThat(started).isEmpty();
    environment.remove("PATH");
    assertThat(detect().gpus()).isEmpty();
  }

  // ---- this machine, and real commands

  @Test
  void detect_thisMachine_hasCoresAndMemory() {
    Offer offer = Detection.detect();

    assertThat(offer.coreCount()).isBetween(1, Runtime.getRuntime().availableProcessors());
    assertThat(offer.memory()).isGreaterThan(Runtime.getRuntime().totalMemory());
  }

  @Test
  void run_command_givesWhatItPrinted() {
    assertThat(run("echo one; echo two >&2; echo three")).isEqualTo("one\nthree\n");
    assertThat(run("cat")).isEmpty();
  }

  @Test
  void run_failing_givesNothing() {
    assertThat(run("echo one; exit 3")).isNull();
    assertThat(
            ProbeCommands.ofThisMachine().run(List.of("/no/such/program"), Duration.ofSeconds(5)))
        .isNull();
  }

  @Test
  @Timeout(60)
  void run_hanging_isKilledWithItsChildren() throws Exception {
    Path pipe = root.resolve("pipe");
    assertThat(run("mkfifo " + pipe)).isEmpty();
    // ends when nobody has the pipe open for writing any more
    FutureTask<byte[]> written = new FutureTask<>(() -> Files.readAllBytes(pipe));
    Thread reader = Thread.ofPlatform().start(written);
    List<String> hanging = shell("sleep 1000 > " + pipe + " & sleep 1001 > " + pipe);

    assertThat(ProbeCommands.ofThisMachine().run(hanging, Duration.ofMillis(500))).isNull();
    // lets the reader go should the shell have been killed before it came to the pipe
    Files.newByteChannel(pipe, StandardOpenOption.READ, StandardOpenOption.WRITE).close();
    assertThat(written.get()).isEmpty();
    reader.join();
  }

  @Test
  void run_childKeepsThePipe_givesWhatItPrinted() throws IOException {
    Path id = root.resolve("id");

    assertThat(run("sleep 1000 & echo $! > " + id + "; echo done")).isEqualTo("done\n");
    long child = Long.parseLong(Files.readString(id).strip());
    ProcessHandle.of(child).ifPresent(ProcessHandle::destroyForcibly);
  }

  @Test
  void run_interrupted_givesNothingAndKeepsTheFlag() {
    Thread.currentThread().interrupt();

    assertThat(run("exec sleep 1000")).isNull();
    assertThat(Thread.interrupted()).isTrue();
  }

  private static @Nullable String run(String script) {
    return ProbeCommands.ofThisMachine().run(shell(script), Duration.ofMinutes(1));
  }

  private static List<String> shell(String script) {
    return List.of("/bin/sh", "-c", script);
  }

  // ---- the fake machine

  private Offer detect() {
    return new Detection(root, environment, this::record, processors, () -> 7).offer();
  }

  private @Nullable String record(List<String> command, Duration limit) {
    assertThat(limit).isEqualTo(Duration.ofSeconds(5));
    started.add(command);
    return printed;
  }

  private void machine(String mask, int gibibytes) {
    write(
        "/proc/self/status",
        "Name:\tjava\nCpus_allowed:\tff\nCpus_allowed_list:\t" + mask + "\nMems_allowed:\t1\n");
    write("/proc/meminfo", "MemTotal:       " + (gibibytes << 20) + " kB\nMemFree:    12 kB\n");
  }

  private void installNvidiaSmi(String prints) {
    write("/opt/bin/nvidia-smi", "#!/bin/sh\n");
    try {
      Files.setPosixFilePermissions(
          root.resolve("opt/bin/nvidia-smi"), PosixFilePermissions.fromString("rwxr-xr-x"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    environment.put("PATH", "/usr/bin:/opt/bin");
    printed = prints;
  }

  private void write(String absolute, String text) {
    Path file = root.resolve(absolute.substring(1));
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
