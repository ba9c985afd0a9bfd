package dev.grain.worker;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.memory;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.grain.Code;
import dev.grain.FunctionRef;
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
import dev.grain.JobTimedOutException;
import dev.grain.RunOptions;
import dev.grain.container.DockerLab;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Functions in containers, from the program over a worker to a real engine. */
@ExtendWith(DockerLab.Shared.class)
final class ContainedFunctionsTest {
  @TempDir private static Path files;
  private static Cluster cluster;
  private static Isolation.Container java;

  private final DockerLab lab = DockerLab.Shared.lab();

  @TempDir private Path folder;

  @BeforeAll
  static void startWorker() throws Exception {
    DockerLab lab = DockerLab.Shared.lab();
    java = Isolation.localImage(lab.importJava());
    cluster = new Cluster(files, "256m").with(lab.environment());
    cluster.start("--memory", "512MiB", "--heap", "64MiB");
  }

  @AfterAll
  static void endWorker() throws Exception {
    Checker.assertEndsCleanly(cluster);
    cluster.close();
    assertThat(DockerLab.Shared.lab().containers()).isEmpty();
  }

  @AfterEach
  void containersOfARun_areGone_soonAfterIt() {
    while (!lab.containers().isEmpty()) {
      Thread.onSpinWait();
    }
  }

  private static RunOptions options() {
    return cluster.over(cluster.living().getFirst());
  }

  private static GrainExecutor open() {
    return GrainExecutor.open(options());
  }

  private static JobOptions contained() {
    return JobOptions.of(cpu(1)).in(java);
  }

  // ---------------------------------------------------------------- functions of the tests

  private record Point(double x, double y) {}

  private static String container() throws IOException {
    return Files.readString(Path.of("/etc/hostname")).strip();
  }

  private static long hang() {
    System.out.println("begun");
    while (true) {
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
    }
  }

  private static int sleep() throws InterruptedException {
    System.out.println("begun");
    Thread.sleep(Long.MAX_VALUE);
    return 0;
  }

  /** Uses memory that is not of the heap. */
  private static long fillContainer() {
    return Arena.global().allocate(2L << 30).byteSize();
  }

  private static void awaitBegun(Job<?> job) {
    while (!job.output().contains("begun")) {
      Thread.onSpinWait();
    }
  }

  // ---------------------------------------------------------------- what goes in and comes back

  @Test
  void function_runsInTheContainer_withTheCodeOfTheProgram() throws Exception {
    try (GrainExecutor grain = open()) {
      double factor = 3;
      Point moved = grain.exec(contained(), p -> new Point(factor * p.x, p.y + 1), new Point(1, 0));
      assertThat(moved).isEqualTo(new Point(3, 1));
      assertThat(grain.exec(contained(), () -> System.getProperty("java.home")))
          .isEqualTo("/opt/java");
      assertThat(grain.exec(contained(), () -> Grain.allocation().cores())).hasSize(1);
      byte[] large = grain.exec(contained(), bytes -> bytes, new byte[3_000_000]);
      assertThat(large).hasSize(3_000_000);
    }
  }

  @Test
  void map_usesContainersAgain() throws Exception {
    try (GrainExecutor grain = open()) {
      List<Integer> inputs = IntStream.range(0, 20).boxed().toList();
      List<String> places = grain.map(contained(), _ -> container(), inputs);
      Set<String> different = new TreeSet<>(places);
      assertThat(different).hasSizeBetween(1, 2);
    }
  }

  @Test
  void failureAndOutput_areThoseOfTheFunction() throws Exception {
    try (GrainExecutor grain = open()) {
      Job<Integer> job =
          grain.submit(
              contained(),
              () -> {
                System.out.println("größe");
                throw new IllegalStateException("no energy");
              });
      assertThatExceptionOfType(JobFailedException.class)
          .isThrownBy(job::result)
          .havingCause()
          .isInstanceOf(IllegalStateException.class)
          .withMessage("no energy");
      assertThat(job.output()).contains("größe\n");
    }
  }

  @Test
  void functionByName_isThatOfTheCodeOrOfTheImage() throws Exception {
    Path image = compiledVersion("image");
    Path code = compiledVersion("code");
    // as an image says where its classes are
    Isolation.Container withClasses =
        java.mountReadOnly(image, "/app/classes").env("CLASSPATH", "/app/*:/app/classes");
    FunctionRef<String> version =
        FunctionRef.named("com.acme.Jobs::version").returning(String.class);
    JobOptions options = JobOptions.of(cpu(1)).in(withClasses);
    try (GrainExecutor grain = open()) {
      assertThat(grain.exec(options.code(Code.none()), version)).isEqualTo("image");
      assertThat(grain.exec(options.code(Code.folder(code.toString())), version)).isEqualTo("code");
      assertThatExceptionOfType(JobNotStartedException.class)
          .isThrownBy(() -> grain.exec(contained().code(Code.none()), version))
          .withMessageContaining("There is no class com.acme.Jobs");
    }
  }

  /** Compiles a class that returns a version, for every user. */
  private Path compiledVersion(String version) throws IOException {
    Path source = folder.resolve("Jobs.java");
    Files.writeString(
        source,
        "package com.acme; public class Jobs { public static String version() { return \"%s\"; } }"
            .formatted(version));
    Path classes = Files.createDirectories(folder.resolve(version));
    assertThat(
            ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "-d", classes.toString(), source.toString()))
        .isZero();
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    return classes;
  }

  // ---------------------------------------------------------------- ends

  @Test
  void cancelledJob_isInterrupted_andItsContainerIsKept() throws Exception {
    try (GrainExecutor grain = open()) {
      JobOptions both = JobOptions.of(cpu(2)).in(java);
      String first = grain.exec(both, ContainedFunctionsTest::container);
      Job<Integer> job = grain.submit(both, ContainedFunctionsTest::sleep);
      awaitBegun(job);
      job.cancel();
      assertThatExceptionOfType(JobCancelledException.class).isThrownBy(job::result);
      assertThat(grain.exec(both, ContainedFunctionsTest::container)).isEqualTo(first);
    }
  }

  @Test
  void jobThatIgnoresInterrupts_isKilled_beforeItsSlotsAreFree() throws Exception {
    try (GrainExecutor grain = GrainExecutor.open(options().cancelGrace(Duration.ofMillis(100)))) {
      JobOptions both = JobOptions.of(cpu(2)).in(java);
      Job<Long> job = grain.submit(both, ContainedFunctionsTest::hang);
      awaitBegun(job);
      job.cancel();
      assertThat(grain.exec(JobOptions.of(cpu(2)), () -> 5)).isEqualTo(5);
      assertThat(lab.containers()).isEmpty();
      assertThatExceptionOfType(JobCancelledException.class).isThrownBy(job::result);
      assertThatExceptionOfType(JobTimedOutException.class)
          .isThrownBy(
              () -> grain.exec(both.timeout(Duration.ofMillis(100)), ContainedFunctionsTest::hang));
    }
  }

  @Test
  void exitCode_isThatOfTheJvm() {
    try (GrainExecutor grain = open()) {
      assertThatExceptionOfType(JobFailedException.class)
          .isThrownBy(() ->
              grain.exec(
                  contained(),
                  () -> {
                    System.exit(3);
                    return 0;
                  }))
          .withMessageContaining("Its JVM exited with code 3 (System.exit?)")
          .havingCause()
          .isInstanceOfSatisfying(
              IsolatedJvmException.class, e -> assertThat(e.exitCode()).isEqualTo(3));
    }
  }

  @Test
  void memoryAboveTheLimit_isOutOfMemory_withItsPeak() {
    try (GrainExecutor grain = open()) {
      JobOptions options = JobOptions.of(cpu(1).and(memory("64MiB"))).in(java);
      assertThatExceptionOfType(JobOutOfMemoryException.class)
          .isThrownBy(() -> grain.exec(options, ContainedFunctionsTest::fillContainer))
          .withMessageContaining("its JVM used more than the 208 MiB that it may use")
          .satisfies(e -> {
            assertThat(e.memoryLimit()).hasValue(208 << 20);
            assertThat(e.peakMemory().orElseThrow()).isGreaterThanOrEqualTo(208 << 20);
          });
    }
  }

  @Test
  void imageWithoutJava_isSaid_forEachJob() {
    try (GrainExecutor grain = open()) {
      JobOptions options =
          JobOptions.of(cpu(1)).in(Isolation.localImage(DockerLab.BUSYBOX)).retries(2);
      List<Job<Integer>> jobs =
          IntStream.range(0, 3).mapToObj(_ -> grain.submit(options, () -> 1)).toList();
      for (Job<Integer> each : jobs) {
        assertThatExceptionOfType(JobNotStartedException.class)
            .isThrownBy(each::result)
            .withMessageContaining(
                "could not start its JVM: the image local/busybox:1 has no Java. Functions in"
                    + " containers need an image with Java 25 or later");
        assertThat(each.attempts()).hasSize(1);
      }
    }
  }

  // ---------------------------------------------------------------- workers

  @Test
  void containerOfAWorkerThatIsKilled_isRemovedByTheNextOne() throws Exception {
    WorkerProcess worker = cluster.start();
    try (GrainExecutor grain = GrainExecutor.open(cluster.over(worker))) {
      Job<Long> job = grain.submit(contained(), ContainedFunctionsTest::hang);
      awaitBegun(job);
      worker.signal("KILL");
      job.cancel();
    }
    assertThat(lab.containers()).hasSize(1);
    WorkerProcess next = cluster.start();
    while (!lab.containers().isEmpty()) {
      Thread.onSpinWait();
    }
    next.terminate();
    next.exitCode();
  }

  @Test
  void workerThatEnds_leavesNoContainer() throws Exception {
    WorkerProcess worker = cluster.start("--drain", "0s");
    try (GrainExecutor grain = GrainExecutor.open(cluster.over(worker))) {
      Job<Long> job = grain.submit(contained(), ContainedFunctionsTest::hang);
      awaitBegun(job);
      worker.terminate();
      worker.exitCode();
      assertThat(lab.containers()).isEmpty();
      job.cancel();
    }
  }

  /** As from within a container: the engine has another folder for temporary files. */
  @Test
  void workerWhoseFilesTheEngineDoesNotHave_saysSo() throws Exception {
    Launcher.assumeTools("unshare", "mount");
    Path hidden = Files.createDirectory(files.resolve("hidden"));
    List<String> inside =
        List.of(
            "unshare",
            "--mount",
            "sh",
            "-c",
            "mount -t tmpfs none %s && exec \"$@\"".formatted(hidden),
            "worker");
    try (Cluster others =
        new Cluster(files, "256m", "-Djava.io.tmpdir=" + hidden).with(lab.environment())) {
      WorkerProcess worker = others.startInside(inside, "127.0.0.77");
      try (GrainExecutor grain = GrainExecutor.open(others.over(worker))) {
        assertThatExceptionOfType(JobNotStartedException.class)
            .isThrownBy(() -> grain.exec(contained(), () -> 1))
            .withMessageContaining("does not see the files of this worker")
            .withMessageContaining("Start the worker where the engine runs");
      }
    }
  }

  @Test
  void embeddedWorker_runsFunctionsInContainers() throws Exception {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Xmx128m",
            "-cp",
            System.getProperty("java.class.path"),
            ContainedProgram.class.getName(),
            lab.importJava());
    try (Launcher program = Launcher.start(folder, lab.environment(), command)) {
      assertThat(program.lines())
          .anySatisfy(line -> assertThat(line).contains("printed by the function"))
          .contains(
              "[2, 4, 6]",
              "/opt/java",
              "Job 5 failed on local: dev.grain.IsolatedJvmException: Its JVM exited with code 3"
                  + " (System.exit?)");
      assertThat(program.exitCode()).isZero();
    }
  }
}
