package dev.grain.worker;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Grain;
import dev.grain.GrainExecutor;
import dev.grain.Job;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A link that is lost for a while costs nothing. */
final class ResumeTest {
  private static final Duration LONG = Duration.ofMinutes(2);

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

  private static int enter(int port, int number) {
    Gate.enter(port, Grain.job().attempt() + "");
    return number;
  }

  private void assertRanOnce(GrainExecutor executor, List<Job<Integer>> jobs) {
    Checker checker = new Checker(executor);
    for (int number = 0; number < jobs.size(); number++) {
      checker.assertValue(jobs.get(number), number);
    }
    assertThat(jobs).allMatch(job -> job.attempts().size() == 1);
    checker.assertNothingElse();
  }

  private List<Job<Integer>> submit(GrainExecutor executor, int count) throws IOException {
    List<Job<Integer>> jobs = new ArrayList<>();
    for (int number = 0; number < count; number++) {
      jobs.add(executor.submit(cpu(1), ResumeTest::enter, gate.port(), number));
    }
    return jobs;
  }

  @Test
  void cutLink_toAWorker_jobsGoOn_andTheirResultsComeLater() throws Exception {
    WorkerProcess worker = cluster.start("--cpus", "2");
    try (Wire wire = new Wire(worker.port());
        GrainExecutor executor = GrainExecutor.open(cluster.options().workers(wire.address()))) {
      List<Job<Integer>> jobs = submit(executor, 20);
      Gate.Visitor first = gate.next();
      Gate.Visitor second = gate.next();
      wire.cut();
      worker.awaitLog("is unreachable. Its jobs keep running for 10 s");
      first.close();
      // the worker has jobs that were sent ahead, and starts one of them
      gate.next().close();
      second.close();
      gate.openForAll();
      wire.mend();
      assertRanOnce(executor, jobs);
      worker.awaitLog("is connected again");
    }
    Checker.assertEndsCleanly(cluster);
  }

  @Test
  void cutLink_ofAWorkerThatDials_goesOn() throws Exception {
    int port = Ports.free();
    try (Wire wire = new Wire(port)) {
      WorkerProcess worker = cluster.startDialing(wire.address(), "--cpus", "1");
      try (GrainExecutor executor =
          GrainExecutor.open(cluster.options().listen("127.0.0.1", port).waitForWorkers(1, LONG))) {
        List<Job<Integer>> jobs = submit(executor, 5);
        Gate.Visitor first = gate.next();
        wire.cut();
        worker.awaitLog("is unreachable");
        first.close();
        gate.openForAll();
        wire.mend();
        assertRanOnce(executor, jobs);
      }
    }
    Checker.assertEndsCleanly(cluster);
  }

  @Test
  void linkThatStaysCut_hasTheJobsRunAgain_andTheWorkerDropsThem() throws Exception {
    WorkerProcess worker = cluster.start("--cpus", "1", "--grace", "1s");
    try (Wire wire = new Wire(worker.port());
        GrainExecutor executor = GrainExecutor.open(cluster.options().workers(wire.address()))) {
      Checker checker = new Checker(executor);
      Job<Integer> job = executor.submit(cpu(1), ResumeTest::enter, gate.port(), 7);
      Gate.Visitor lost = gate.next();
      wire.cut();
      lost.awaitGone();
      wire.mend();
      try (Gate.Visitor again = gate.next()) {
        assertThat(again.who()).isEqualTo("2");
      }
      checker.assertValue(job, 7);
      assertThat(job.attempts()).hasSize(2);
      checker.assertNothingElse();
    }
    Checker.assertEndsCleanly(cluster);
  }
}
