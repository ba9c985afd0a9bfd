package dev.grain.worker;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.wallTime;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Grain;
import dev.grain.GrainExecutor;
import dev.grain.Job;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker whose time is over. */
final class UntilTest {
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

  /** Stays where time is short. */
  private static String stay(int port) {
    String node = Grain.allocation().node();
    if (node.equals("one")) {
      Gate.enter(port, node);
    }
    return node;
  }

  private static String here() {
    return Grain.allocation().node();
  }

  /** A worker reports to each head how long it has, also if Slurm sets that. */
  @Test
  void jobThatMayTakeTooLong_waitsForAnotherWorker_andSaysSo() throws Exception {
    WorkerProcess one = cluster.start("--name", "one", "--until", "10m");
    try (GrainExecutor executor = GrainExecutor.open(cluster.over(one).listen("127.0.0.1", 0))) {
      Checker checker = new Checker(executor);
      Job<String> big =
          executor.submit(
              cpu(1).and(wallTime(Duration.ofMinutes(20), Duration.ofHours(2))), UntilTest::here);
      Job<String> small =
          executor.submit(
              cpu(1).and(wallTime(Duration.ofMinutes(1), Duration.ofHours(2))), UntilTest::here);
      checker.assertValue(small, "one");
      assertThat(big.explain()).contains(": one ends in ", ", and the job may take 20 min");
      cluster.startDialing(executor.address().orElseThrow(), "--name", "other", "--until", "1h");
      checker.assertValue(big, "other");
      checker.assertNothingElse();
    }
    Checker.assertEndsCleanly(cluster);
  }

  @Test
  void endOfTheTime_withAJobThatDoesNotEnd_endsTheWorker_andTheJobRunsElsewhere() throws Exception {
    try (GrainExecutor executor = GrainExecutor.open(cluster.options().listen("127.0.0.1", 0))) {
      String head = executor.address().orElseThrow();
      Checker checker = new Checker(executor);
      Job<String> job = executor.submit(cpu(1), UntilTest::stay, gate.port());
      WorkerProcess one =
          cluster.startDialing(head, "--name", "one", "--until", "4s", "--drain", "1s");
      assertThat(one.exitCode()).isZero();
      cluster.startDialing(head, "--name", "other");
      checker.assertValue(job, "other");
      checker.assertNothingElse();
    }
    Checker.assertEndsCleanly(cluster);
  }
}
