package dev.grain.worker;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.custom;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.grain.Command;
import dev.grain.CommandResult;
import dev.grain.Environment;
import dev.grain.GrainExecutor;
import dev.grain.Job;
import dev.grain.JobNotStartedException;
import dev.grain.JobOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Workers that cannot prepare what some jobs need: here, as there is no place for environments. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "the programs are those of Linux")
final class UnpreparedTest {
  private static final int JOBS = 20;

  @TempDir private Path folder;
  private Cluster cluster;
  private JobOptions options;

  @BeforeEach
  void open() throws IOException {
    cluster = new Cluster(folder, "128m");
    Path script = Files.writeString(folder.resolve("setup.sh"), "true\n");
    options = JobOptions.of(cpu(1)).environment(Environment.script(script));
  }

  @AfterEach
  void close() throws Exception {
    Checker.assertEndsCleanly(cluster);
    cluster.close();
  }

  private WorkerProcess startWithoutEnvironments(String name, String... flags) throws IOException {
    Path cache = Files.createDirectories(folder.resolve("cache-of-" + name));
    Files.createFile(cache.resolve("environments"));
    List<String> all = new ArrayList<>(List.of(flags));
    all.addAll(List.of("--name", name, "--cache-dir", cache.toString()));
    return cluster.start(all.toArray(String[]::new));
  }

  private static Command where() {
    return Command.of("true");
  }

  @Test
  void workerThatCannotPrepareAJob_runsOthers_andAnotherWorkerRunsIt() throws Exception {
    WorkerProcess without = startWithoutEnvironments("without", "--resource", "PROBE=1");
    WorkerProcess with = cluster.start("--name", "with");
    try (GrainExecutor grain = GrainExecutor.open(cluster.over(without, with))) {
      List<Job<CommandResult>> jobs = new ArrayList<>();
      for (int number = 0; number < JOBS; number++) {
        jobs.add(grain.submit(options, where()));
      }
      for (Job<CommandResult> each : jobs) {
        each.result();
        assertThat(each.worker()).contains("with");
      }
      grain.exec(cpu(1).and(custom("PROBE", 1)), where());
    }
  }

  @Test
  void onlyWorker_thatCannotPrepareJobs_failsAllOfThem_andRunsOthers() throws Exception {
    WorkerProcess without = startWithoutEnvironments("without");
    try (GrainExecutor grain = GrainExecutor.open(cluster.over(without))) {
      List<Job<CommandResult>> jobs = new ArrayList<>();
      for (int number = 0; number < JOBS; number++) {
        jobs.add(grain.submit(options, where()));
      }
      for (Job<CommandResult> each : jobs) {
        assertThatExceptionOfType(JobNotStartedException.class)
            .isThrownBy(each::result)
            .withMessageContaining("without could not prepare it: ")
            .withMessageContaining("environments");
      }
      grain.exec(cpu(1), where());
    }
  }
}
