package dev.grain.worker;

import static dev.grain.worker.JournalProgram.JOBS;
import static dev.grain.worker.JournalProgram.STUCK;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Programs with a journal whose jobs run on workers, and that are killed and started again. {@code
 * -Dgrain.kills=100} kills one more often, {@code -Dgrain.seed=7} at other moments.
 */
final class JournalTest {
  private static final int KILLS = Integer.getInteger("grain.kills", 3);

  @TempDir private Path folder;
  private Cluster cluster;
  private Gate gate;
  private Path runs;
  private int life;

  @BeforeEach
  void open() throws IOException {
    cluster = new Cluster(folder);
    gate = new Gate();
    runs = Files.createDirectory(folder.resolve("runs"));
  }

  @AfterEach
  void close() throws IOException {
    gate.close();
    cluster.close();
  }

  /** Begins the next life of the program. */
  private Launcher start(int port, WorkerProcess... workers) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                JournalProgram.class.getName(),
                Integer.toString(++life),
                Integer.toString(port),
                runs.toString(),
                folder.resolve("run.journal").toString(),
                cluster.key().toString()));
    Stream.of(workers).map(WorkerProcess::address).forEach(command::add);
    return Launcher.start(folder, Map.of(), command);
  }

  /** Reads which jobs it gets, up to that many, or to its end. */
  private static Set<Integer> awaitGot(Launcher program, int most) throws IOException {
    Set<Integer> got = new TreeSet<>();
    String line = "";
    while (got.size() < most && line != null) {
      line = program.line();
      if (line != null && line.startsWith("got ")) {
        assertThat(got.add(Integer.valueOf(line.substring(4)))).as(line).isTrue();
      }
    }
    return got;
  }

  /** Returns the jobs that have begun in the last life. */
  private Set<Integer> ran() throws IOException {
    try (Stream<Path> files = Files.list(runs)) {
      return files
          .map(file -> file.getFileName().toString().split("-", 2))
          .filter(name -> Integer.parseInt(name[0]) == life)
          .map(name -> Integer.valueOf(name[1]))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  private static Set<Integer> all() {
    return IntStream.range(0, JOBS).boxed().collect(Collectors.toCollection(TreeSet::new));
  }

  /** Lets a life end in good order: it gets all. */
  private void awaitAll(Launcher program) throws Exception {
    assertThat(awaitGot(program, JOBS)).as(program.errors()).isEqualTo(all());
    assertThat(program.lines()).containsExactly("done");
    assertThat(program.exitCode()).isZero();
  }

  @Test
  void killedProgram_whoseJobRuns_hasItStoppedAndRunsItAlone() throws Exception {
    WorkerProcess[] workers = {cluster.start("--grace", "1s"), cluster.start("--grace", "1s")};
    try (Launcher program = start(gate.port(), workers);
        Gate.Visitor stuck = gate.next()) {
      assertThat(awaitGot(program, JOBS - 1)).hasSize(JOBS - 1).doesNotContain(STUCK);
      program.process().destroyForcibly();
      stuck.awaitGone();
    }
    try (Launcher program = start(gate.port(), workers)) {
      try (Gate.Visitor stuck = gate.next()) {
        assertThat(stuck.who()).isEqualTo("life 2");
      }
      awaitAll(program);
    }
    assertThat(ran()).containsExactly(STUCK);
    try (Launcher program = start(gate.port(), workers)) {
      awaitAll(program);
    }
    assertThat(ran()).isEmpty();
    Checker.assertEndsCleanly(cluster);
  }

  @Test
  void programKilledAgainAndAgain_runsNothingThatItHasGot() throws Exception {
    WorkerProcess[] workers = {cluster.start("--grace", "1s"), cluster.start("--grace", "1s")};
    Random random = new Random(Long.getLong("grain.seed", 1));
    Set<Integer> got = new TreeSet<>();
    for (int kills = 0; kills < KILLS; kills++) {
      Set<Integer> before = Set.copyOf(got);
      try (Launcher program = start(0, workers)) {
        got.addAll(awaitGot(program, got.size() + 1 + random.nextInt(JOBS - got.size())));
      }
      assertThat(ran()).as("life %d", life).filteredOn(before::contains).isEmpty();
      if (got.size() == JOBS) {
        got.clear();
        Files.delete(folder.resolve("run.journal"));
      }
    }
    try (Launcher program = start(0, workers)) {
      awaitAll(program);
    }
    assertThat(ran()).filteredOn(got::contains).isEmpty();
    // some are killed while they dial
    Checker.assertEndsCleanly(cluster, "broke before the greeting");
  }
}
