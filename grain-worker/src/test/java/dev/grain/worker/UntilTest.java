package dev.grain.worker;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Grain;
import dev.grain.GrainExecutor;
import dev.grain.Job;
import java.io.IOException;
import java.nio.file.Path;
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
