package dev.grain.worker;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Grain;
import dev.grain.GrainExecutor;
import dev.grain.Job;
import dev.grain.JobOptions;
import dev.grain.RunOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs that do to their worker what they should not. */
final class JobErrorsTest {
  private static final int DEEP = 40;
  private static final int CHILDREN = 300;

  @TempDir private Path folder;
  private Cluster cluster;
  private Gate gate;

  @BeforeEach
  void open() throws IOException {
    cluster = new Cluster(folder, "512m");
    gate = new Gate();
  }

  @AfterEach
  void close() throws IOException {
    gate.close();
    cluster.close();
  }

  private static int next(int number) {
    return number + 1;
  }

  @SuppressWarnings("InfiniteRecursion") // which is what is tested
  private static int deep(int number) {
    return deep(number) + 1;
  }

  @Test
  void stackOverflow_failsTheJob_andHarmsNoOther() throws Exception {
    WorkerProcess worker = cluster.start();
    try (GrainExecutor executor = GrainExecutor.open(cluster.over(worker))) {
      Checker checker = new Checker(executor);
      List<Job<Integer>> deep = new ArrayList<>();
      List<Job<Integer>> others = new ArrayList<>();
      for (int number = 0; number < DEEP; number++) {
        JobOptions options = JobOptions.of(cpu(1));
        deep.add(
            executor.submit(
                number % 2 == 0 ? options : options.platformThread(), JobErrorsTest::deep, number));
        others.add(executor.submit(cpu(1), JobErrorsTest::next, number));
      }
      for (Job<Integer> job : deep) {
        assertThat(checker.assertFailure(job)).hasCauseInstanceOf(StackOverflowError.class);
      }
      for (int number = 0; number < DEEP; number++) {
        checker.assertValue(others.get(number), number + 1);
      }
      checker.assertNothingElse();
    }
    Checker.assertEndsCleanly(cluster);
  }

  private static String exit() {
    if (Grain.job().attempt() == 1) {
      System.exit(0);
    }
    return Grain.allocation().node();
  }

  @Test
  void systemExit_losesTheWorker_andTheJobRunsElsewhere() throws Exception {
    WorkerProcess one = cluster.start("--name", "one");
    WorkerProcess other = cluster.start("--name", "other");
    try (GrainExecutor executor = GrainExecutor.open(cluster.over(one, other))) {
      Checker checker = new Checker(executor);
      Job<String> job = executor.submit(cpu(2), JobErrorsTest::exit);
      boolean wasOne = job.result().equals("other");
      checker.assertValue(job, wasOne ? "other" : "one");
      assertThat(job.attempts()).hasSize(2);
      assertThat((wasOne ? one : other).exitCode()).isEqualTo(ExitCode.ENDED_BY_JOB.number());
      checker.assertNothingElse();
    }
    // with the stack of the call
    Checker.assertEndsCleanly(cluster, "a job called System.exit", "Runtime.exit", "\tat ");
  }

  private static int withChild(int port, int number) throws IOException, InterruptedException {
    Process child = new ProcessBuilder("cat").start();
    Gate.enter(port, "" + child.pid());
    child.getOutputStream().close();
    return child.waitFor() + number;
  }

  @Test
  void manyJobs_withAChildProcessEach_allRunAtOnce() throws Exception {
    WorkerProcess one = cluster.start("--name", "one");
    WorkerProcess other = cluster.start("--name", "other");
    try (GrainExecutor executor = GrainExecutor.open(cluster.over(one, other))) {
      Checker checker = new Checker(executor);
      List<Job<Integer>> jobs = new ArrayList<>();
      for (int number = 0; number < CHILDREN; number++) {
        jobs.add(executor.submit(cpu(0.01), JobErrorsTest::withChild, gate.port(), number));
      }
      List<Gate.Visitor> visitors = new ArrayList<>();
      while (visitors.size() < CHILDREN) {
        visitors.add(gate.next());
      }
      assertThat(one.descendants().size() + other.descendants().size()).isEqualTo(CHILDREN);
      for (Gate.Visitor visitor : visitors) {
        visitor.close();
      }
      for (int number = 0; number < CHILDREN; number++) {
        checker.assertValue(jobs.get(number), number);
      }
      checker.assertNothingElse();
    }
    Checker.assertEndsCleanly(cluster);
  }

  /** Waits as {@link Gate#enter} does, but on a socket whose reads an interrupt does not end. */
  private static int stay(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.getOutputStream().write("stays\n".getBytes(StandardCharsets.UTF_8));
      return socket.getInputStream().read();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int never(int number) {
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(JobErrorsTest::stayForever));
    return number;
  }

  private static void stayForever() {
    while (true) {
      LockSupport.park();
    }
  }

  /** What a job leaves that ignores everything holds up neither the program nor the worker. */
  @Test
  void jobThatIgnoresItsInterrupt_isGivenUp_andEndsWithTheWorker() throws Exception {
    WorkerProcess worker = cluster.start("--drain", "1s");
    Gate.Visitor stays;
    RunOptions options = cluster.over(worker).cancelGrace(Duration.ofMillis(100));
    try (GrainExecutor executor = GrainExecutor.open(options)) {
      Checker checker = new Checker(executor);
      Job<Integer> hook = executor.submit(cpu(1), JobErrorsTest::never, 3);
      checker.assertValue(hook, 3);
      Job<Integer> job =
          executor.submit(JobOptions.of(cpu(1)).platformThread(), JobErrorsTest::stay, gate.port());
      stays = gate.next();
      job.cancel();
      checker.assertCancelled(job);
      checker.assertValue(executor.submit(cpu(1), JobErrorsTest::next, 1), 2);
      assertThat(executor.stats().free("cpu")).isEqualTo(1);
    }
    try (stays) {
      worker.terminate();
      stays.awaitGone();
      assertThat(worker.exitCode()).isZero();
    }
    cluster.assertNoComplaint();
  }
}
