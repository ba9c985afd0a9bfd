package dev.grain.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Results that do not fit in the head's heap together, though each does alone. */
final class LargeResultsTest {
  @TempDir private Path folder;

  @Test
  void manyLargeResults_atTheSameMoment_arriveInTurns() throws Exception {
    try (Cluster cluster = new Cluster(folder)) {
      String one = cluster.start("--name", "one", "--cpus", "4").address();
      String other = cluster.start("--name", "other", "--cpus", "4").address();
      List<String> command =
          List.of(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-Xmx128m",
              "-XX:+ExitOnOutOfMemoryError",
              "-cp",
              System.getProperty("java.class.path"),
              LargeResultsProgram.class.getName(),
              cluster.key().toString(),
              one,
              other);
      try (Launcher head = Launcher.start(folder, Map.of(), command)) {
        assertThat(head.line()).as(head.errors()).isEqualTo("all have ended");
        assertThat(head.exitCode()).as(head.errors()).isZero();
        assertThat(head.errors()).isEmpty();
      }
      cluster.assertNoComplaint();
    }
  }
}
