package dev.grain.worker;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Grain;
import dev.grain.GrainExecutor;
import dev.grain.Job;
import dev.grain.JobOptions;
import dev.grain.JobStatus;
import dev.grain.RunOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the end of a run, expected or not, leaves at its workers: nothing. */
final class RunEndTest {
  @TempDir private Path folder;
  private Cluster cluster;
  private Gate gate;

  @BeforeEach
  void open() throws IOException {
    cluster = new Cluster(folder);
    gate = new Gate();
  }

  @AfterEach
  void close() throws IOException {
    gate.close();
    cluster.close();
  }

  /** A program whose one job waits at a gate. */
  static final class Waiting {
    private Waiting() {}

    /** Runs it; the arguments are a key, a gate and a worker. */
    static void main(String[] arguments) {
      int port = Integer.parseInt(arguments[1]);
      RunOptions options =
          RunOptions.defaults().key(Path.of(arguments[0])).workers(arguments[2]).progress(false);
      Grain.runCombine(
          () -> Grain.exec(JobOptions.of(cpu(1)).named("stuck"), Gate::enter, port, "stuck"),
          options);
    }
  }

  private Launcher startWaiting(WorkerProcess worker) throws IOException {
    return Launcher.start(
        folder,
        Map.of(),
        List.of(
            java("java"),
            "-cp",
            System.getProperty("java.class.path"),
            Waiting.class.getName(),
            cluster.key().toString(),
            Integer.toString(gate.port()),
            worker.address()));
  }

  private static String java(String tool) {
    return Path.of(System.getProperty("java.home"), "bin", tool).toString();
  }

  /** Asks the JVM of a worker. */
  private static String ask(WorkerProcess worker, String command) throws Exception {
    Process process =
        new ProcessBuilder(java("jcmd"), Long.toString(worker.pid()), command)
            .redirectErrorStream(true)
            .start();
    try (var out = process.getInputStream()) {
      String answer = new String(out.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(answer).isZero();
      return answer;
    }
  }

  /** Returns whether a worker has a loader of code that was shipped, after collecting garbage. */
  private static boolean hasCode(WorkerProcess worker) throws Exception {
    return ask(worker, "GC.class_histogram")
        .lines()
        .anyMatch(line -> line.strip().endsWith(" dev.grain.code.bundle.BundleLoader"));
  }

  /** Waits until a worker has neither a thread nor a class of a run. */
  private static void awaitClean(WorkerProcess worker) throws Exception {
    while (ask(worker, "Thread.print").contains("\"grain-job")) {
      Thread.onSpinWait();
    }
    while (hasCode(worker)) {
      Thread.onSpinWait();
    }
  }

  @Test
  void endedRun_leavesNeitherThreadNorClass() throws Exception {
    WorkerProcess worker = cluster.start();
    try (GrainExecutor executor = GrainExecutor.open(cluster.over(worker))) {
      Job<?> job =
          executor.submit(JobOptions.of(cpu(1)).platformThread(), Gate::enter, gate.port(), "here");
      try (Gate.Visitor _ = gate.next()) {
        assertThat(ask(worker, "Thread.print")).contains("\"grain-job");
        assertThat(hasCode(worker)).isTrue();
      }
      job.result();
    }
    awaitClean(worker);
    Checker.assertEndsCleanly(cluster);
  }

  @Test
  void interruptedProgram_stopsItsJobs() throws Exception {
    Launcher.assumeHeard("INT");
    WorkerProcess worker = cluster.start();
    try (Launcher program = startWaiting(worker);
        Gate.Visitor stuck = gate.next()) {
      program.signal("INT");
      stuck.awaitGone();
      assertThat(program.exitCode()).isEqualTo(130);
      assertThat(program.errors()).contains("1 job unfinished");
    }
    awaitClean(worker);
    Checker.assertEndsCleanly(cluster);
  }

  @Test
  void killedProgram_hasItsJobsStopped() throws Exception {
    WorkerProcess worker = cluster.start("--grace", "1s");
    try (Launcher program = startWaiting(worker);
        Gate.Visitor stuck = gate.next()) {
      program.process().destroyForcibly();
      stuck.awaitGone();
    }
    awaitClean(worker);
    try (GrainExecutor executor = GrainExecutor.open(cluster.over(worker))) {
      Checker checker = new Checker(executor);
      checker.assertValue(executor.<Integer>submit(cpu(2), () -> 2), 2);
      checker.assertNothingElse();
    }
    Checker.assertEndsCleanly(cluster);
  }

  @Test
  void closedGroup_ofACancelledJob_waitsForItsEnd() throws Exception {
    WorkerProcess worker = cluster.start();
    try (GrainExecutor executor = GrainExecutor.open(cluster.over(worker))) {
      Checker checker = new Checker(executor);
      Job<?> job = executor.submit(cpu(1), Gate::enter, gate.port(), "here");
      try (Gate.Visitor visitor = gate.next()) {
        job.cancel();
        visitor.awaitGone();
        checker.assertCancelled(job);
        assertThat(job.status()).isEqualTo(JobStatus.CANCELLED);
      }
      checker.assertNothingElse();
    }
    awaitClean(worker);
    Checker.assertEndsCleanly(cluster);
  }
}
