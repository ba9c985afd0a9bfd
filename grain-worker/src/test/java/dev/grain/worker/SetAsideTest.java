package dev.grain.worker;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.custom;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.GrainExecutor;
import dev.grain.Job;
import dev.grain.job.Attempt;
import dev.grain.job.Cause;
import dev.grain.job.JobCancelledException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Workers that cannot start jobs. */
final class SetAsideTest {
  @TempDir private Path folder;
  private Cluster cluster;

  @BeforeEach
  void open() throws IOException {
    cluster = new Cluster(folder);
  }

  @AfterEach
  void close() throws IOException {
    cluster.close();
  }

  @Test
  void worker_thatCannotStoreCode_isSetAside_andOthersRunTheJobs() throws IOException {
    Path cache = folder.resolve("lost");
    WorkerProcess broken =
        cluster.start("--name", "broken", "--cache-dir", cache.toString(), "--resource", "PROBE=1");
    WorkerProcess sound = cluster.start("--name", "sound");
    replaceByFile(cache);
    try (GrainExecutor executor = GrainExecutor.open(cluster.over(broken, sound))) {
      Job<Integer> stuck = executor.submit(custom("PROBE", 1), Math::abs, -1);
      String sentence = stuck.explain();
      while (!sentence.contains("set aside")) {
        Thread.onSpinWait();
        sentence = stuck.explain();
      }
      assertThat(sentence).startsWith("Job 1 waits for 1 PROBE: broken is set aside for ");
      assertThat(stuck.attempts())
          .extracting(Attempt::failure)
          .isEqualTo(List.of(refusal(), refusal(), refusal()));
      assertThat(executor.map(cpu(1), Math::abs, List.of(-1, -2, -3))).containsExactly(1, 2, 3);
      stuck.cancel();
      assertThatThrownBy(stuck::result).isInstanceOf(JobCancelledException.class);
    }
  }

  private static Optional<Cause> refusal() {
    return Optional.of(Cause.NOT_STARTED);
  }

  /** Takes the folder away, so that nothing can be stored in it. */
  private static void replaceByFile(Path cache) throws IOException {
    Files.move(cache, cache.resolveSibling("moved"));
    Files.createFile(cache);
  }
}
