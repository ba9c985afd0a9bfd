package dev.grain.sim;

import static org.assertj.core.api.Assertions.fail;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Many seeds; {@code -Dgrain.seed=N} runs only that one. */
final class SimulationTest {
  private static final int SEEDS = 3_000;
  private static final int SHOWN_LINES = 60;

  @Test
  void run_anySeed_keepsEveryPromise() {
    Long only = Long.getLong("grain.seed");
    LongStream seeds = only != null ? LongStream.of(only) : LongStream.range(0, SEEDS);
    seeds.parallel().forEach(SimulationTest::run);
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
