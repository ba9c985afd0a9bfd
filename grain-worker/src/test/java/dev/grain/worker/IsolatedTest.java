package dev.grain.worker;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.memory;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.grain.Allocation;
import dev.grain.Cause;
import dev.grain.Command;
import dev.grain.Grain;
import dev.grain.GrainExecutor;
import dev.grain.IsolatedJvmException;
import dev.grain.Isolation;
import dev.grain.Job;
import dev.grain.JobCancelledException;
import dev.grain.JobFailedException;
import dev.grain.JobNotStartedException;
import dev.grain.JobOptions;
import dev.grain.JobOutOfMemoryException;
import dev.grain.JobStatus;
import dev.grain.JobTimedOutException;
import dev.grain.RunOptions;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Isolated functions, in the program's own process and on workers in processes of their own. */
final class IsolatedTest {
  @TempDir private static Path files;
  private static Cluster cluster;

  @TempDir private Path folder;

  /** Where a job runs. */
  enum Place {
    EMBEDDED,
    WORKER
  }

  @BeforeAll
  static void startWorker() throws IOException {
    cluster = new Cluster(files, "256m");
    cluster.start();
  }

  @AfterAll
  static void endWorker() throws Exception {
    for (WorkerProcess worker : cluster.living()) {
      for (ProcessHandle jvm : worker.descendants()) {
        awaitEnd(jvm.pid());
      }
    }
    Checker.assertEndsCleanly(cluster);
    cluster.close();
  }

  private GrainExecutor open(Place place) {
    return GrainExecutor.open(options(place));
  }

  private RunOptions options(Place place) {
    return switch (place) {
      case EMBEDDED ->
          RunOptions.defaults().local(cpu(2).and(memory("64MiB"))).progress(false).echo(false);
      case WORKER -> cluster.over(cluster.living().getFirst());
    };
  }

  private GrainExecutor openWithoutGrace(Place place) {
    return GrainExecutor.open(options(place).cancelGrace(Duration.ofMillis(100)));
  }

  private static JobOptions isolated(String... flags) {
    return JobOptions.of(cpu(1)).isolated(flags);
  }

  private static void awaitEnd(long pid) throws IOException {
    while (isAlive(pid)) {
      Thread.onSpinWait();
    }
  }

  /** Returns whether a process runs; one that nobody has waited for does not. */
  private static boolean isAlive(long pid) throws IOException {
    try {
      Path stat = Path.of("/proc", String.valueOf(pid), "stat");
      return ProcessHandle.of(pid).isPresent()
          && !(Files.exists(stat) && Files.readString(stat).matches("(?s).*\\) Z .*"));
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  // ---------------------------------------------------------------- functions of the tests

  private static long pid() {
    return ProcessHandle.current().pid();
  }

  private static int fail() {
    throw new IllegalStateException("no energy");
  }

  private static int exit(int code) {
    System.exit(code);
    return code;
  }

  private static int crash() throws ReflectiveOperationException {
    Class<?> type = Class.forName("sun.misc.Unsafe");
    Field unsafe = type.getDeclaredField("theUnsafe");
    unsafe.setAccessible(true);
    type.getMethod("putAddress", long.class, long.class).invoke(unsafe.get(null), 0L, 0L);
    return 0;
  }

  private static int fillHeap() {
    Object[] all = {};
    while (true) {
      all = new Object[] {all, new byte[1 << 20]};
    }
  }

  private static int fillHeapInAThread() throws InterruptedException {
    Thread thread = new Thread(IsolatedTest::fillHeap);
    thread.start();
    thread.join();
    Thread.sleep(Long.MAX_VALUE);
    return 0;
  }

  private static long hang(Path started) throws IOException {
    note(started);
    while (true) {
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
    }
  }

  private static int sleep(Path started) throws IOException, InterruptedException {
    note(started);
    Thread.sleep(Long.MAX_VALUE);
    return 0;
  }

  private static void note(Path file) throws IOException {
    Path other = file.resolveSibling(file.getFileName() + ".part");
    Files.writeString(other, String.valueOf(pid()));
    Files.move(other, file);
  }

  private static long awaitPid(Path file) throws IOException {
    while (!Files.exists(file)) {
      Thread.onSpinWait();
    }
    return Long.parseLong(Files.readString(file));
  }

  private record Point(double x, double y) {}

  // ---------------------------------------------------------------- what goes in and comes back

  @ParameterizedTest
  @EnumSource(Place.class)
  void function_runsInAnotherProcess_withItsCapturesAndArguments(Place place) throws Exception {
    try (GrainExecutor grain = open(place)) {
      double factor = 3;
      Point moved =
          grain.exec(
              isolated(), point -> new Point(factor * point.x, point.y + pid()), new Point(1, 0));
      assertThat(moved.x).isEqualTo(3);
      assertThat((long) moved.y).isNotEqualTo(pid());
      assertThat(cluster.living()).noneMatch(worker -> worker.pid() == (long) moved.y);
    }
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void exception_comesBack_withItsStack(Place place) throws Exception {
    try (GrainExecutor grain = open(place)) {
      assertThatExceptionOfType(JobFailedException.class)
          .isThrownBy(() -> grain.exec(isolated(), IsolatedTest::fail))
          .havingCause()
          .isInstanceOf(IllegalStateException.class)
          .withMessage("no energy")
          .satisfies(e -> assertThat(e.getStackTrace()[0].getMethodName()).isEqualTo("fail"));
    }
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void outputAndLogs_areTheJobs(Place place) throws Exception {
    try (GrainExecutor grain = open(place)) {
      Job<Integer> job =
          grain.submit(
              isolated(),
              () -> {
                System.out.println("begin größe");
                System.err.println("bad");
                System.getLogger("energy").log(System.Logger.Level.WARNING, "by the platform");
                java.util.logging.Logger.getLogger("energy").warning("by the JDK");
                System.out.print("end");
                return 1;
              });
      assertThat(job.result()).isEqualTo(1);
      assertThat(job.output())
          .contains("begin größe\n", "bad\n", "by the platform", "by the JDK", "end");
    }
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void allocation_isThatOfTheJob_andTheJvmSeesItsCoresAndHeap(Place place) throws Exception {
    try (GrainExecutor grain = open(place)) {
      JobOptions options = JobOptions.of(cpu(2).and(memory("64MiB"))).isolated();
      Allocation allocation = grain.exec(options, () -> Grain.allocation());
      assertThat(allocation.cores()).hasSize(2);
      assertThat(allocation.memory()).isEqualTo(64L << 20);
      assertThat(allocation.node()).isNotEmpty();
      assertThat(grain.exec(options, () -> Runtime.getRuntime().availableProcessors()))
          .isEqualTo(2);
      assertThat(grain.exec(options, () -> Runtime.getRuntime().maxMemory()))
          .isBetween(40L << 20, 48L << 20);
    }
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void largeValues_goBothWays(Place place) throws Exception {
    try (GrainExecutor grain = open(place)) {
      byte[] large = new byte[5_000_000];
      large[4_999_999] = 7;
      byte[] returned = grain.exec(isolated(), bytes -> bytes, large);
      assertThat(returned).isEqualTo(large);
      // the second one goes to a JVM that is there
      int length = grain.exec(isolated(), bytes -> bytes.length, large);
      assertThat(length).isEqualTo(5_000_000);
    }
  }

  @Test
  void resultAboveTheLimitOfTheWorker_isRefused() {
    try (GrainExecutor grain = open(Place.WORKER)) {
      assertThatExceptionOfType(JobFailedException.class)
          .isThrownBy(() -> grain.exec(isolated("-Xmx512m"), () -> new byte[110 << 20]))
          .withMessageContaining("limit");
      assertThat(grain.exec(isolated("-Xmx512m"), () -> 1)).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void map_runsIsolatedFunctions(Place place) throws Exception {
    try (GrainExecutor grain = open(place)) {
      List<Integer> inputs = IntStream.range(0, 50).boxed().toList();
      assertThat(grain.map(isolated(), i -> 2 * i, inputs))
          .isEqualTo(inputs.stream().map(i -> 2 * i).toList());
    }
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void platformThread_andParts_ofACore_areAllowed(Place place) throws Exception {
    try (GrainExecutor grain = open(place)) {
      assertThat(
              grain.exec(
                  JobOptions.of(cpu(0.5)).platformThread().isolated(),
                  () -> Thread.currentThread().isVirtual()))
          .isFalse();
      assertThat(
              grain.exec(
                  JobOptions.of(cpu(0.5)).isolated(), () -> Thread.currentThread().isVirtual()))
          .isTrue();
    }
  }

  // ---------------------------------------------------------------- JVMs are used again

  @ParameterizedTest
  @EnumSource(Place.class)
  void jvm_isUsedAgain_byJobsThatAreAlike(Place place) throws Exception {
    List<Long> all;
    try (GrainExecutor grain = open(place)) {
      long first = grain.exec(isolated("-Dspin=1"), IsolatedTest::pid);
      assertThat(grain.exec(isolated("-Dspin=1"), IsolatedTest::pid)).isEqualTo(first);
      assertThat(grain.exec(isolated("-Dspin=1"), () -> Integer.getInteger("spin"))).isEqualTo(1);
      long other = grain.exec(isolated("-Dspin=2"), IsolatedTest::pid);
      assertThat(other).isNotEqualTo(first);
      long larger = grain.exec(JobOptions.of(cpu(2)).isolated("-Dspin=1"), IsolatedTest::pid);
      assertThat(larger).isNotEqualTo(first);
      all = List.of(first, other, larger);
    }
    for (long pid : all) {
      awaitEnd(pid);
    }
  }

  @Test
  void jvmsOfARun_areGone_whenTheRunIsClosed() throws Exception {
    long pid;
    try (GrainExecutor grain = open(Place.EMBEDDED)) {
      pid = grain.exec(isolated(), IsolatedTest::pid);
    }
    assertThat(isAlive(pid)).isFalse();
  }

  // ---------------------------------------------------------------- another Java

  /** Makes the home of a Java that is this one, with a property. */
  private Path home(String property) throws IOException {
    Path home = folder.resolve("jdk");
    Path program = Files.createDirectories(home.resolve("bin")).resolve("java");
    Files.writeString(
        program,
        "#!/bin/sh\nexec %s/bin/java %s \"$@\"\n"
            .formatted(System.getProperty("java.home"), property));
    assertThat(program.toFile().setExecutable(true, false)).isTrue();
    return home;
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "the other Java is a script")
  void function_runsWithAnotherJava_andItsFlags(Place place) throws Exception {
    JobOptions options =
        JobOptions.of(cpu(1)).in(Isolation.jvm(home("-Dof=home")).options("-Dmode=fast"));
    try (GrainExecutor grain = open(place)) {
      assertThat(grain.exec(options, () -> System.getProperty("of") + System.getProperty("mode")))
          .isEqualTo("homefast");
      long pid = grain.exec(options, IsolatedTest::pid);
      assertThat(grain.exec(options, IsolatedTest::pid)).isEqualTo(pid);
      assertThat(grain.exec(isolated("-Dmode=fast"), IsolatedTest::pid)).isNotEqualTo(pid);
    }
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void homeWithoutJava_isTheReason_withoutARetry(Place place) throws Exception {
    JobOptions options = JobOptions.of(cpu(1)).in(Isolation.jvm(folder)).retries(3);
    try (GrainExecutor grain = open(place)) {
      Job<Integer> job = grain.submit(options, () -> 1);
      assertThatExceptionOfType(JobNotStartedException.class)
          .isThrownBy(job::result)
          .withMessageContaining(
              "could not start its JVM: %s is no home of a Java".formatted(folder));
      assertThat(job.attempts()).hasSize(1);
      assertThat(grain.exec(isolated(), () -> 5)).isEqualTo(5);
    }
  }

  // ---------------------------------------------------------------- ends

  @ParameterizedTest
  @EnumSource(Place.class)
  void systemExit_endsThatJobAlone(Place place) throws Exception {
    try (GrainExecutor grain = open(place)) {
      Path started = folder.resolve("started");
      Job<Integer> beside = grain.submit(isolated(), IsolatedTest::sleep, started);
      long pid = awaitPid(started);
      assertThatExceptionOfType(JobFailedException.class)
          .isThrownBy(() -> grain.exec(isolated(), IsolatedTest::exit, 3))
          .withMessageContaining("Its JVM exited with code 3 (System.exit?)")
          .havingCause()
          .isInstanceOfSatisfying(
              IsolatedJvmException.class,
              e -> {
                assertThat(e.exitCode()).isEqualTo(3);
                assertThat(e.signal()).isEmpty();
              });
      assertThat(grain.exec(isolated(), () -> 5)).isEqualTo(5);
      assertThat(beside.status()).isEqualTo(JobStatus.RUNNING);
      beside.cancel();
      assertThatExceptionOfType(JobCancelledException.class).isThrownBy(beside::result);
      assertThat(isAlive(pid)).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void nativeCrash_endsThatJobAlone_andNamesTheSignal(Place place) throws Exception {
    Path here = Path.of("");
    List<Path> before = list(here);
    try (GrainExecutor grain = open(place)) {
      assertThatExceptionOfType(JobFailedException.class)
          .isThrownBy(() -> grain.exec(isolated(), IsolatedTest::crash))
          .withMessageContaining("Its JVM crashed by SIG")
          .havingCause()
          .isInstanceOfSatisfying(
              IsolatedJvmException.class,
              e -> {
                assertThat(e.signal().orElseThrow()).startsWith("SIG");
                assertThat(e.printed()).contains("Problematic frame");
              });
      assertThat(grain.exec(isolated(), () -> 5)).isEqualTo(5);
    }
    assertThat(list(here)).isEqualTo(before);
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void outOfMemory_endsThatJobAlone_andItsStackIsInTheOutput(Place place) throws Exception {
    JobOptions options = JobOptions.of(cpu(1).and(memory("48MiB"))).isolated();
    try (GrainExecutor grain = open(place)) {
      Job<Integer> job = grain.submit(options, IsolatedTest::fillHeap);
      assertRunsOutOfMemory(job);
      assertThat(job.output()).contains("java.lang.OutOfMemoryError: ", "IsolatedTest.fillHeap");
      assertThat(job.attempts())
          .singleElement()
          .satisfies(attempt -> assertThat(attempt.failure()).contains(Cause.OUT_OF_MEMORY));
      assertRunsOutOfMemory(grain.submit(options, IsolatedTest::fillHeapInAThread));
      assertThat(grain.exec(options, () -> 5)).isEqualTo(5);
    }
  }

  private static void assertRunsOutOfMemory(Job<?> job) {
    assertThatExceptionOfType(JobOutOfMemoryException.class)
        .isThrownBy(job::result)
        .withMessageContaining(" ran out of memory: on ")
        .withMessageContaining(", its JVM used up its memory, a heap of ")
        .withMessageContaining("iB (java.lang.OutOfMemoryError: ")
        .withMessageContaining("it requested 48 MiB, of which three quarters are the heap")
        .withMessageContaining("memory(\"96MiB\")")
        .satisfies(e -> {
          assertThat(e.memoryLimit().orElseThrow()).isBetween(32L << 20, 36L << 20);
          assertThat(e.peakMemory()).isEmpty();
        });
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void jobThatEndsWhenItIsInterrupted_isCancelled_andItsJvmIsKept(Place place) throws Exception {
    Path started = folder.resolve("started");
    try (GrainExecutor grain = open(place)) {
      Job<Integer> job = grain.submit(isolated(), IsolatedTest::sleep, started);
      long pid = awaitPid(started);
      job.cancel();
      assertThatExceptionOfType(JobCancelledException.class).isThrownBy(job::result);
      assertThat(grain.exec(isolated(), IsolatedTest::pid)).isEqualTo(pid);
    }
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void jobThatIgnoresInterrupts_isKilled(Place place) throws Exception {
    Path started = folder.resolve("started");
    try (GrainExecutor grain = openWithoutGrace(place)) {
      Job<Long> job = grain.submit(JobOptions.of(cpu(2)).isolated(), IsolatedTest::hang, started);
      long pid = awaitPid(started);
      job.cancel();
      // it gets the slots when that process is dead
      long next = grain.exec(JobOptions.of(cpu(2)).isolated(), IsolatedTest::pid);
      assertThat(next).isNotEqualTo(pid);
      assertThat(isAlive(pid)).isFalse();
      assertThatExceptionOfType(JobCancelledException.class).isThrownBy(job::result);
    }
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void timeLimit_ofAJobThatIgnoresInterrupts_isKept(Place place) throws Exception {
    Path started = folder.resolve("started");
    try (GrainExecutor grain = openWithoutGrace(place)) {
      long pid = grain.exec(isolated(), IsolatedTest::pid);
      assertThatExceptionOfType(JobTimedOutException.class)
          .isThrownBy(() ->
              grain.exec(isolated().timeout(Duration.ofMillis(100)), IsolatedTest::hang, started));
      awaitEnd(pid);
    }
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void flagThatTheJvmRefuses_isTheReason_withoutARetry(Place place) throws Exception {
    try (GrainExecutor grain = open(place)) {
      Job<Integer> job = grain.submit(isolated("-XX:+UseNoSuchThing").retries(3), () -> 1);
      assertThatExceptionOfType(JobNotStartedException.class)
          .isThrownBy(job::result)
          .withMessageContaining("could not start its JVM, which exited with code 1")
          .withMessageContaining("UseNoSuchThing");
      assertThat(job.attempts()).hasSize(1);
      assertThat(job.attempts().getFirst().failure()).contains(Cause.NOT_STARTED);
    }
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void retries_runInAnotherJvm(Place place) throws Exception {
    Path once = folder.resolve("once");
    try (GrainExecutor grain = open(place)) {
      int value =
          grain.exec(
              isolated().retries(1),
              file -> {
                if (!Files.exists(file)) {
                  note(file);
                  System.exit(1);
                }
                return 7;
              },
              once);
      assertThat(value).isEqualTo(7);
    }
  }

  @Test
  void functionsBesideIt_goOn_whenOneCrashes() throws Exception {
    Path go = folder.resolve("go");
    try (GrainExecutor grain = open(Place.WORKER)) {
      Job<Long> beside =
          grain.submit(
              cpu(1),
              file -> {
                while (!Files.exists(file)) {
                  Thread.onSpinWait();
                }
                return pid();
              },
              go);
      assertThatExceptionOfType(JobFailedException.class)
          .isThrownBy(() -> grain.exec(isolated(), IsolatedTest::crash));
      note(go);
      assertThat(beside.result()).isEqualTo(cluster.living().getFirst().pid());
    }
  }

  // ---------------------------------------------------------------- workers that end

  @Test
  void workerThatIsKilled_leavesNoJvm() throws Exception {
    WorkerProcess worker = cluster.start();
    try (GrainExecutor grain = GrainExecutor.open(cluster.over(worker))) {
      long idle = grain.exec(isolated("-Didle"), IsolatedTest::pid);
      Path started = folder.resolve("started");
      Job<Long> job = grain.submit(isolated(), IsolatedTest::hang, started);
      long busy = awaitPid(started);

      worker.signal("KILL");

      awaitEnd(busy);
      awaitEnd(idle);
      job.cancel();
    }
  }

  @Test
  void workerThatEnds_leavesNoJvm() throws Exception {
    WorkerProcess worker = cluster.start("--drain", "0s");
    try (GrainExecutor grain = GrainExecutor.open(cluster.over(worker))) {
      long idle = grain.exec(isolated("-Didle"), IsolatedTest::pid);
      Path started = folder.resolve("started");
      Job<Long> job = grain.submit(isolated(), IsolatedTest::hang, started);
      long busy = awaitPid(started);

      worker.terminate();
      worker.exitCode();

      assertThat(isAlive(busy)).isFalse();
      assertThat(isAlive(idle)).isFalse();
      job.cancel();
    }
  }

  // ---------------------------------------------------------------- mistakes

  @Test
  void flagsThatCannotBe_areRefusedWhereTheyAreWritten() {
    assertRefused("A JVM flag is blank.", "");
    assertRefused("A JVM flag is blank.", " ");
    assertRefused("contains a blank", "-Xss4m -Xmx1g");
    assertRefused("is not a JVM flag", "Xss4m");
    assertRefused("is not a JVM flag", "@flags");
    assertRefused("sets what the JVM runs", "-jar");
    assertRefused("sets what the JVM runs", "--module=some");
    assertRefused("contains a NUL character", "-Da=\0");
    assertRefused("lacks its value", "--add-opens");
    assertRefused("at most 16384 are allowed", "-D" + "a".repeat(20_000));
    assertThat(isolated("--add-opens", "java.base/java.lang=ALL-UNNAMED", "-Dname=a b"))
        .isNotNull();
  }

  private static void assertRefused(String sentence, String... flags) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> isolated(flags))
        .withMessageContaining(sentence);
  }

  @Test
  void isolatedCommand_isRefused() throws Exception {
    try (GrainExecutor grain = open(Place.EMBEDDED)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> grain.submit(isolated(), Command.of("true")))
          .withMessageContaining("A command always runs in its own processes");
    }
  }
}
