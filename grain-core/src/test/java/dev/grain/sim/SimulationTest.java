package dev.grain.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Many seeds; {@code bin/grain simulate} runs more of them. */
final class SimulationTest {
  private static final int SEEDS = 4_000;
  private static final int COMPARED_SEEDS = 60;

  @Test
  void run_anySeed_keepsEveryPromise() {
    LongStream.range(0, SEEDS).parallel().forEach(SimulationTest::run);
  }

  @Test
  void run_sameSeeds_haveTheSameTraceInAnotherJvm() throws IOException, InterruptedException {
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                TraceHashes.class.getName(),
                "0",
                Long.toString(COMPARED_SEEDS))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader output = other.inputReader()) {
      List<String> expected = TraceHashes.of(0, COMPARED_SEEDS);
      assertThat(output.lines().toList()).isEqualTo(expected).doesNotHaveDuplicates();
      assertThat(other.waitFor()).isZero();
    } finally {
      other.destroyForcibly();
    }
  }

  private static void run(long seed) {
    Finding.of(seed, Size.ANY, () -> Plant.NONE).ifPresent(finding -> fail(finding.toString()));
  }
}
