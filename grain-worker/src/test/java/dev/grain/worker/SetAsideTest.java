package dev.grain.worker;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.custom;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Attempt;
import dev.grain.Cause;
import dev.grain.Grain;
import dev.grain.GrainExecutor;
import dev.grain.Job;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker that cannot start jobs, as the system gives it no thread any more. */
final class SetAsideTest {
  /** How much each thread of the workers takes of the addresses of its process. */
  private static final long STACK = 1L << 30;

  private static final int JOBS = 10;

  @TempDir private Path folder;
  private Cluster cluster;

  @BeforeEach
  void open() throws IOException {
    cluster = new Cluster(folder, "128m", "-Xss1g");
    System.setProperty("dev.grain.setAside", "1000");
  }

  @AfterEach
  void close() {
    System.clearProperty("dev.grain.setAside");
    cluster.close();
  }

  private static String here(int number) {
    return number + " at " + Grain.allocation().node();
  }

  /** Lets a worker have half a stack more than it has, which is enough for all but a thread. */
  private static void takeThreads(WorkerProcess worker) throws Exception {
    String size =
        Files.readAllLines(Path.of("/proc", "" + worker.pid(), "status")).stream()
            .filter(line -> line.startsWith("VmSize:"))
            .map(line -> line.replaceAll("\\D", ""))
            .findFirst()
            .orElseThrow();
    limitAddresses(worker, Long.toString((Long.parseLong(size) << 10) + STACK / 2));
  }

  private static void limitAddresses(WorkerProcess worker, String soft) throws Exception {
    Process process =
        new ProcessBuilder("prlimit", "--pid", "" + worker.pid(), "--as=" + soft + ":")
            .inheritIO()
            .start();
    assertThat(process.waitFor()).isZero();
  }

  /** Waits for the explanation of a job that cannot run. */
  private static String awaitExplanation(Job<?> job, String part) {
    String sentence = job.explain();
    while (!sentence.contains(part)) {
      assertThat(job.status().ended() || Thread.currentThread().isInterrupted())
          .as(sentence)
          .isFalse();
      Thread.onSpinWait();
      sentence = job.explain();
    }
    return sentence;
  }

  @Test
  void workerWithoutThreads_isSetAside_othersRunItsJobs_andItIsTriedAgain() throws Exception {
    Launcher.assumeTools("prlimit");
    WorkerProcess poor = cluster.start("--name", "poor", "--resource", "PROBE=1");
    WorkerProcess sound = cluster.start("--name", "sound");
    takeThreads(poor);
    try (GrainExecutor executor = GrainExecutor.open(cluster.over(poor, sound))) {
      Checker checker = new Checker(executor);
      Job<String> probe = executor.submit(cpu(1).and(custom("PROBE", 1)), SetAsideTest::here, JOBS);
      List<Job<String>> others = new ArrayList<>();
      for (int number = 0; number < JOBS; number++) {
        others.add(executor.submit(cpu(1), SetAsideTest::here, number));
      }
      assertThat(awaitExplanation(probe, "gets no jobs"))
          .contains("poor gets no jobs for ")
          .contains(": no thread could be started");
      for (int number = 0; number < JOBS; number++) {
        checker.assertValue(others.get(number), number + " at sound");
      }
      limitAddresses(poor, "unlimited");
      checker.assertValue(probe, JOBS + " at poor");
      assertThat(probe.attempts())
          .extracting(Attempt::failure)
          .contains(Optional.of(Cause.NOT_STARTED));
      checker.assertNothingElse();
    }
    Checker.assertEndsCleanly(cluster);
  }
}
