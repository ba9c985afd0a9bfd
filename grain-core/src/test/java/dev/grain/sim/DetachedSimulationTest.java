package dev.grain.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Many seeds of detached jobs; {@code bin/grain simulate --detached} runs more of them. */
final class DetachedSimulationTest {
  private static final int SEEDS = 3_000;
  private static final int COMPARED_SEEDS = 20;

  @Test
  void run_anySeed_keepsEveryPromise() {
    LongStream.range(0, SEEDS).parallel().forEach(DetachedSimulationTest::run);
  }

  @Test
  void run_sameSeed_hasTheSameTrace() {
    assertThat(hashes()).isEqualTo(hashes()).doesNotHaveDuplicates();
  }

  private static List<Long> hashes() {
    return LongStream.range(0, COMPARED_SEEDS)
        .map(seed -> {
          Story story = new DetachedSimulation(seed, Size.ANY, false, DetachedPlant.NONE);
          story.run();
          return story.trace().hash();
        })
        .boxed()
        .toList();
  }

  private static void run(long seed) {
    Finding.ofDetached(seed, Size.ANY, () -> DetachedPlant.NONE)
        .ifPresent(finding -> fail(finding.toString()));
  }
}
