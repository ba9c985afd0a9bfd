package dev.grain.worker;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Attempt;
import dev.grain.Cause;
import dev.grain.Grain;
import dev.grain.GrainExecutor;
import dev.grain.Job;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker that stands still for so long that its jobs run elsewhere, and goes on then. */
final class FrozenWorkerTest {
  @TempDir private Path folder;
  private Cluster cluster;
  private Gate gate;

  @BeforeEach
  void open() throws IOException {
    cluster = new Cluster(folder, "512m", "-Ddev.grain.suspicion=1000");
    gate = new Gate();
    System.setProperty("dev.grain.suspicion", "1000");
    System.setProperty("dev.grain.grace", "500");
  }

  @AfterEach
  void close() throws IOException {
    System.clearProperty("dev.grain.suspicion");
    System.clearProperty("dev.grain.grace");
    gate.close();
    cluster.close();
  }

  private static String enter(int port) {
    String here = Grain.allocation().node() + " " + Grain.job().attempt();
    Gate.enter(port, here);
    return here;
  }

  @Test
  void frozenWorker_hasItsJobRunElsewhere_andIsRefusedWhatItSaysLater() throws Exception {
    WorkerProcess one = cluster.start("--name", "one");
    try (GrainExecutor executor = GrainExecutor.open(cluster.over(one).listen("127.0.0.1", 0))) {
      Checker checker = new Checker(executor);
      Job<String> job = executor.submit(cpu(1), FrozenWorkerTest::enter, gate.port());
      Gate.Visitor frozen = gate.next();
      cluster.startDialing(executor.address().orElseThrow(), "--name", "other");
      one.signal("STOP");
      try (Gate.Visitor elsewhere = gate.next()) {
        assertThat(elsewhere.who()).isEqualTo("other 2");
        // it learns of this when it continues, and has a result that nobody wants
        frozen.close();
        one.signal("CONT");
        one.awaitLog("has left: The session has ended.");
      }
      checker.assertValue(job, "other 2");
      assertThat(job.attempts())
          .extracting(Attempt::failure)
          .containsExactly(Optional.of(Cause.LOST), Optional.empty());
      assertTakesJobs(executor, checker);
      checker.assertNothingElse();
    }
    Checker.assertEndsCleanly(cluster);
  }

  /** Both workers take jobs again. */
  private void assertTakesJobs(GrainExecutor executor, Checker checker) throws IOException {
    Set<String> both = new HashSet<>();
    List<Job<String>> jobs = new ArrayList<>();
    for (int number = 0; number < 2; number++) {
      jobs.add(executor.submit(cpu(2), FrozenWorkerTest::enter, gate.port()));
    }
    try (Gate.Visitor first = gate.next();
        Gate.Visitor second = gate.next()) {
      both.add(first.who());
      both.add(second.who());
    }
    assertThat(both).containsExactlyInAnyOrder("one 1", "other 1");
    for (Job<String> job : jobs) {
      checker.assertValue(job, job.result());
    }
  }
}
