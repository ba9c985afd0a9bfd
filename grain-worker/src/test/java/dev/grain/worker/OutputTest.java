package dev.grain.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job that prints a gibibyte, between a worker and a program with small heaps. */
final class OutputTest {
  private static final long PRINTED = 1L << 30;

  /** Whoever keeps what is printed ends at once. */
  private static final List<String> SMALL =
      List.of("-Xmx48m", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError");

  @TempDir private Path folder;
  private Cluster cluster;

  @BeforeEach
  void open() throws IOException {
    cluster = new Cluster(folder, "48m", "-XX:+ExitOnOutOfMemoryError");
  }

  @AfterEach
  void close() {
    cluster.close();
  }

  private Launcher startHead(WorkerProcess worker) throws IOException {
    return Launcher.start(
        folder,
        Map.of(),
        Stream.of(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()),
                SMALL,
                List.of("-cp", Cluster.workerClassPath() + ":" + LinkProgram.classes()),
                List.of(OutputProgram.class.getName(), cluster.key().toString()),
                List.of(worker.address(), Long.toString(PRINTED)))
            .flatMap(List::stream)
            .toList());
  }

  @Test
  void jobThatPrintsWithoutEnd_fillsNeitherWorkerNorProgram() throws Exception {
    WorkerProcess worker = cluster.start("--memory", "32MiB");
    try (Launcher head = startHead(worker)) {
      assertThat(head.line()).as(head.errors()).isEqualTo("heard some: true");
      // the link may be too slow for the last line as well, and then the last line reports that
      assertThat(head.line())
          .as(head.errors())
          .matches("the end|\\[\\.\\.\\. \\d+ bytes of output were dropped: the connection .*]");
      assertThat(head.exitCode()).as(head.errors()).isZero();
      assertThat(head.errors()).isEmpty();
    }
    Checker.assertEndsCleanly(cluster);
  }
}
