package dev.grain.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SignalsTest {
  private static final long SECOND = 1_000_000_000;

  @TempDir private Path folder;
  private final List<String> heard = new ArrayList<>();
  private long now = -SECOND;

  @Test
  void signal_afterTheFirst_countsFromASecondOn() {
    Signals signals =
        new Signals(() -> heard.add("first " + now), () -> heard.add("further " + now), () -> now);
    for (long time : new long[] {-5, 0, SECOND - 6, SECOND - 5, 2 * SECOND}) {
      now = time;
      signals.onSignal();
    }
    assertThat(heard)
        .containsExactly("first -5", "further " + (SECOND - 5), "further " + 2 * SECOND);
  }

  /** A process that ends by the first signal. */
  static final class Told {
    private Told() {}

    static void main(String[] arguments) throws InterruptedException {
      CountDownLatch told = new CountDownLatch(1);
      Signals.onEnd(told::countDown, () -> {});
      System.out.println("up");
      told.await();
      System.exit(7);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT", "HUP"})
  void signal_toAProcess_isTakenOver(String signal) throws Exception {
    Launcher.assumeTools("bash");
    Launcher.assumeHeard(signal);
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Told.class.getName());
    try (Launcher process = Launcher.start(folder, Map.of(), command)) {
      assertThat(process.line()).isEqualTo("up");
      process.signal(signal);
      assertThat(process.exitCode()).isEqualTo(7);
      assertThat(process.errors()).isEmpty();
    }
  }
}
