package dev.grain.worker;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.grain.Command;
import dev.grain.CommandResult;
import dev.grain.GrainExecutor;
import dev.grain.Job;
import dev.grain.JobFailedException;
import dev.grain.testing.Processes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Commands on workers in processes of their own. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "the programs are those of Linux")
final class CommandsTest {
  private static final long GIBIBYTE = 1L << 30;

  @TempDir private Path folder;
  private Cluster cluster;

  @BeforeEach
  void open() throws IOException {
    cluster = new Cluster(folder, "256m");
  }

  @AfterEach
  void close() {
    cluster.close();
  }

  private static Command script(String script) {
    return Command.of(script).shell("sh");
  }

  @Test
  void command_onAWorker_returnsWhatItPrinted_andNeedsNoCode() throws Exception {
    WorkerProcess worker = cluster.start();
    try (GrainExecutor grain = GrainExecutor.open(cluster.over(worker))) {
      CommandResult result = grain.exec(cpu(1), script("echo $PPID; exit 0"));
      assertThat(result.stdout()).isNotBlank();
      assertThatExceptionOfType(JobFailedException.class)
          .isThrownBy(() -> grain.exec(cpu(1), script("echo bad >&2; exit 9")))
          .withMessageContaining("exited with code 9")
          .withMessageContaining("bad");
    }
    Checker.assertEndsCleanly(cluster);
  }

  @Test
  void workerThatIsKilled_leavesNoProcessAndNoFile() throws Exception {
    Path child = folder.resolve("child");
    Path daemon = folder.resolve("daemon");
    Path files = folder.resolve("files");
    WorkerProcess worker = cluster.start();
    try (GrainExecutor grain = GrainExecutor.open(cluster.over(worker))) {
      Job<CommandResult> job =
          grain.submit(
              cpu(1),
              script(
                      "setsid sh -c 'echo $$ >\"%s\"; exec sleep 1000' & sh -c 'echo $$ >\"%s\"; exec sleep 1000' &"
                              .formatted(daemon, child)
                          + " dirname $GRAIN_RESULT_FILE >\"%s\"; trap '' TERM; wait"
                              .formatted(files))
                  .withResult());
      List<String> processes = List.of(Processes.awaitLine(child), Processes.awaitLine(daemon));
      Path folderOfFiles = Path.of(Processes.awaitLine(files));
      assertThat(folderOfFiles).exists();

      worker.signal("KILL");

      for (String each : processes) {
        Processes.awaitEnd(each);
      }
      Processes.awaitGone(folderOfFiles);
      job.cancel();
    }
  }

  private static List<ProcessHandle> watchdogs(WorkerProcess worker) {
    return ProcessHandle.of(worker.pid())
        .orElseThrow()
        .descendants()
        .filter(each -> each.info().commandLine().orElse("").contains("grain-commands"))
        .toList();
  }

  @Test
  void nextLife_workerAndWatchdogWereKilled_removesTheirFolder() throws Exception {
    Path child = folder.resolve("child");
    Path files = folder.resolve("files");
    WorkerProcess living = cluster.start();
    WorkerProcess killed = cluster.start();
    String process = "";
    try (GrainExecutor grain = GrainExecutor.open(cluster.over(living))) {
      Path ofLiving = Path.of(grain.exec(cpu(1), folderOfFiles()).stdout().strip());
      try (GrainExecutor doomed = GrainExecutor.open(cluster.over(killed))) {
        Job<CommandResult> job =
            doomed.submit(
                cpu(1),
                script(
                        "dirname $GRAIN_RESULT_FILE >\"%s\"; echo $$ >\"%s\"; exec sleep 1000"
                            .formatted(files, child))
                    .withResult());
        process = Processes.awaitLine(child);
        List<ProcessHandle> watchdogs = watchdogs(killed);
        assertThat(watchdogs).isNotEmpty();
        watchdogs.forEach(ProcessHandle::destroyForcibly);
        watchdogs.forEach(each -> each.onExit().join());
        killed.signal("KILL");
        killed.exitCode();
        job.cancel();
      }
      Path ofKilled = Path.of(Processes.awaitLine(files));
      assertThat(ofKilled).exists();

      try (GrainExecutor next = GrainExecutor.open(cluster.over(cluster.start()))) {
        next.exec(cpu(1), script("exit 0"));
      }

      assertThat(ofKilled).doesNotExist();
      assertThat(ofLiving).exists();
    } finally {
      kill(process);
    }
    Checker.assertEndsCleanly(cluster);
  }

  private static Command folderOfFiles() {
    return script("dirname $GRAIN_RESULT_FILE; echo 0 >$GRAIN_RESULT_FILE").withResult();
  }

  private static void kill(String process) {
    if (!process.isEmpty()) {
      ProcessHandle.of(Long.parseLong(process)).ifPresent(ProcessHandle::destroyForcibly);
    }
  }

  @Test
  void workerThatEnds_killsWhatStillRuns() throws Exception {
    Path child = folder.resolve("child");
    WorkerProcess worker = cluster.start("--drain", "0s");
    try (GrainExecutor grain = GrainExecutor.open(cluster.over(worker))) {
      Job<CommandResult> job =
          grain.submit(cpu(1), script("echo $$ >\"" + child + "\"; exec sleep 1000"));
      String process = Processes.awaitLine(child);
      worker.terminate();
      worker.exitCode();
      assertThat(Processes.isAlive(process)).isFalse();
      job.cancel();
    }
  }

  @Test
  void gibibyteOfOutput_passesThroughAWorkerWithASmallHeap() throws Exception {
    WorkerProcess worker = cluster.start();
    AtomicLong heard = new AtomicLong();
    try (GrainExecutor grain =
        GrainExecutor.open(
            cluster.over(worker).onOutput(output -> heard.addAndGet(output.text().length())))) {
      Job<CommandResult> job =
          grain.submit(cpu(1), script("yes | head -c " + GIBIBYTE + "; echo end"));
      assertThat(job.result().stdout()).endsWith("y\nend\n");
      // the connection may be too slow for the last line, and then the last line reports that
      String last = job.output().lines().reduce("", (_, line) -> line);
      assertThat(last).matches("end|\\[\\.\\.\\. .* of output were dropped: .*]");
    }
    assertThat(heard.get()).isPositive();
    Checker.assertEndsCleanly(cluster);
  }
}
