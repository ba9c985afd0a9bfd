package dev.grain.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The atlas over workers, one of which dies. */
class LostWorkerTest {
  @TempDir Path folder;

  @Test
  void main_workerIsKilledWhileItsJobsRun_printsTheFiguresOfARunWithoutWorkers() throws Exception {
    assumeTrue(WorkerProcess.canBeWatched(), "there is no /proc with threads here");
    try (WorkerProcess first = WorkerProcess.start("first", folder);
        WorkerProcess second = WorkerProcess.start("second", folder);
        ExecutorService executor = Executors.newSingleThreadExecutor()) {
      String addresses = first.address() + "," + second.address();
      Future<List<String>> printed =
          executor.submit(() ->
              run(
                  "--worker",
                  addresses,
                  "--key",
                  folder.resolve("grain").resolve("cluster.key").toString()));

      while (!first.isComputing()) {
        assertThat(printed.isDone() ? printed.get() : List.of()).as("printed too early").isEmpty();
      }
      first.kill();

      List<String> lines = printed.get();
      assertThat(lines)
          .anyMatch(line -> line.matches("  1 job ran again because a worker was lost"));
      assertThat(figures(lines)).isEqualTo(figures(run()));
    }
  }

  private List<String> run(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of("--modules", "java.base", "--out", folder.resolve("atlas.html").toString()));
    arguments.addAll(List.of(more));
    return Program.run(ClassAtlas.class, arguments.toArray(String[]::new));
  }

  /** Returns the lines except those that show where the jobs ran and how long they took. */
  private static List<String> figures(List<String> lines) {
    return lines.stream()
        .filter(line -> !line.contains(" of work in ") && !line.contains(" ran again "))
        .toList();
  }
}
