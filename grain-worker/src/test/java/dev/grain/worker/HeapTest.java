package dev.grain.worker;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.memory;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Command;
import dev.grain.Grain;
import dev.grain.GrainExecutor;
import dev.grain.Job;
import dev.grain.JobOptions;
import dev.grain.JobStatus;
import dev.grain.Resource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A worker that offers more memory than its heap has. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "the programs are those of Linux")
final class HeapTest {
  /** Six tenths of the heap. */
  private static final Resource MOST = cpu(1).and(memory("150MiB"));

  private static final Resource MORE_THAN_THE_HEAP = cpu(1).and(memory("600MiB"));

  @TempDir private Path folder;
  private Cluster cluster;
  private WorkerProcess worker;
  private GrainExecutor grain;

  @BeforeEach
  void open() throws IOException {
    cluster = new Cluster(folder, "256m");
    worker =
        cluster.start("--name", "small", "--cpus", "4", "--memory", "1GiB", "--heap", "256MiB");
    grain = GrainExecutor.open(cluster.over(worker));
  }

  @AfterEach
  void close() throws Exception {
    grain.close();
    while (!worker.descendants().isEmpty()) {
      // the JVMs of isolated functions end with the run
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
    Checker.assertEndsCleanly(cluster);
    cluster.close();
  }

  private static void awaitExplanation(Job<?> job, String part) {
    while (!job.explain().contains(part)) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }

  private static long heldMemory() {
    return Grain.allocation().memory();
  }

  @Test
  void functionsThatTheHeapDoesNotHoldTogether_runOneAfterTheOther_andProcessesBeside()
      throws Exception {
    try (Gate gate = new Gate()) {
      int port = gate.port();
      Job<?> first = grain.submit(MOST, () -> Gate.enter(port, "first"));
      Job<?> second;
      try (Gate.Visitor visitor = gate.next()) {
        assertThat(visitor.who()).isEqualTo("first");
        second = grain.submit(MOST, () -> Gate.enter(port, "second"));
        awaitExplanation(second, " of heap free");

        assertThat(grain.exec(MORE_THAN_THE_HEAP, Command.of("echo", "beside")).stdout())
            .isEqualTo("beside\n");
        long held = grain.exec(JobOptions.of(MORE_THAN_THE_HEAP).isolated(), HeapTest::heldMemory);
        assertThat(held).isEqualTo(600L << 20);
        assertThat(first.status()).isEqualTo(JobStatus.RUNNING);
        assertThat(second.status()).isNotEqualTo(JobStatus.RUNNING);
        gate.openForAll();
      }
      second.result();
    }
  }

  @Test
  void functionThatTheHeapDoesNotHold_waits_andSaysWhatToDo() throws Exception {
    Job<Long> job = grain.submit(MORE_THAN_THE_HEAP, HeapTest::heldMemory);
    awaitExplanation(job, "small has a heap of only ");
    String sentence = job.explain();
    job.cancel();

    assertThat(sentence)
        .contains("requests 1 core and 600MiB of memory for a function, more than any connected")
        .contains(" MiB for functions")
        .endsWith("; run it isolated, or start a worker with a larger --heap.");
  }

  @Test
  void heap_isNothingThatPeopleSee() throws Exception {
    Set<String> amounts = grain.exec(MOST, () -> Set.copyOf(Grain.allocation().amounts().keySet()));
    assertThat(amounts).containsExactly("cpu");
    assertThat(grain.stats().workers())
        .anySatisfy(worker -> assertThat(worker.name()).isEqualTo("small"))
        .allSatisfy(worker -> assertThat(worker.offers()).doesNotContainKey("heap"));
  }
}
