package dev.grain.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Many seeds; {@code -Dgrain.seed=N} runs only that one. */
final class SimulationTest {
  private static final int SEEDS = 2_000;
  private static final int COMPARED_SEEDS = 60;
  private static final int SHOWN_LINES = 60;

  @Test
  void run_anySeed_keepsEveryPromise() {
    Long only = Long.getLong("grain.seed");
    LongStream seeds = only != null ? LongStream.of(only) : LongStream.range(0, SEEDS);
    seeds.parallel().forEach(SimulationTest::run);
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
    try {
      new Simulation(seed, false, Plant.NONE).run();
    } catch (RuntimeException first) {
      fail(replay(seed), first);
    }
  }

  private static String replay(long seed) {
    Simulation again = new Simulation(seed, true, Plant.NONE);
    String what = "it does not fail again";
    try {
      again.run();
    } catch (RuntimeException e) {
      what = e.getMessage();
    }
    List<String> lines = again.trace().lines();
    return """
    %s
    Replay: mvn test -pl grain-core -Dtest=SimulationTest -Dgrain.seed=%d
    Policy: %s
    The last %d of %d events:
    %s\
    """
        .formatted(
            what,
            seed,
            again.policy(),
            Math.min(SHOWN_LINES, lines.size()),
            lines.size(),
            String.join(
                "\n", lines.subList(Math.max(0, lines.size() - SHOWN_LINES), lines.size())));
  }
}
