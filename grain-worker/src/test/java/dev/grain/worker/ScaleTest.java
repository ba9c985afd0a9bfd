package dev.grain.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Much of everything, from one head with a heap of 3 GiB. */
final class ScaleTest {
  private static final int BLOCKING = 300;

  @TempDir private Path folder;

  @Test
  void muchOfEverything_overFourWorkers_endsRightAndQuietly() throws Exception {
    try (Cluster cluster = Cluster.ofLargeWorkers(folder);
        Gate gate = new Gate()) {
      List<String> command = command(cluster, gate.port());
      for (int number = 0; number < 4; number++) {
        command.add(cluster.start("--name", "w" + number, "--cpus", "4").address());
      }
      try (Launcher head = Launcher.start(folder, Map.of(), command)) {
        assertPart(head, "small");
        letThrough(gate);
        assertPart(head, "blocking");
        assertPart(head, "groups");
        assertPart(head, "large");
        assertThat(head.exitCode()).as(head.errors()).isZero();
        assertThat(head.errors()).isEmpty();
      }
      cluster.assertNoComplaint();
    }
  }

  private static List<String> command(Cluster cluster, int port) {
    return new ArrayList<>(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx3g",
            "-XX:+UseG1GC",
            "-cp",
            System.getProperty("java.class.path"),
            ScaleProgram.class.getName(),
            cluster.key().toString(),
            Integer.toString(port)));
  }

  private static void assertPart(Launcher head, String name) throws IOException {
    assertThat(head.line()).as(head.errors()).startsWith(name + " ");
  }

  /** Lets the blocking jobs go on when all of them are there. */
  private static void letThrough(Gate gate) throws IOException {
    List<Gate.Visitor> visitors = new ArrayList<>();
    while (visitors.size() < BLOCKING) {
      visitors.add(gate.next());
    }
    for (Gate.Visitor visitor : visitors) {
      visitor.close();
    }
  }
}
